"""The page of a card's life, made from the steps: `python -m registry.cards.life_page [--check]`.

Without an option the page is written; `--check` ends with exit code 1 when the page in the tree is not the one
that the steps make.
"""

import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from registry.cards.life import AT_CENTRE, ENDED, EVENTS_OF_LIFE, HOLD, NOTHING, PHASES, RELEASE, STATES, STEPS

#: The page, inside the tree.
PAGE = Path(__file__).parents[2] / "docs" / "reference" / "card-life.md"

#: Event → who says so, and what has happened.
MEANINGS: Mapping[str, tuple[str, str]] = {
    "captured": (
        "the station",
        "its dossier was taken; or came again, corrected, after the centre had rejected it or no office could deliver",
    ),
    "requeued": ("the register", "it has to mend what the centre rejected, and asks again without the station"),
    "handed_off": ("the register", "the dossier is in a batch"),
    "accepted": ("the centre", "it will make the card"),
    "rejected": ("the centre", "it will not, with a reason"),
    "qc_failed": ("the centre", "a card was made and is no good; it makes another one in the same attempt"),
    "produced": ("the centre", "the card is made and good"),
    "shipped": ("the centre", "the card is on its way to an office"),
    "arrived": ("the office", "it has the card"),
    "delivered": ("the office", "the citizen has the card"),
    "undeliverable": ("the office", "the citizen could not be reached, with a reason"),
    "returned": ("the register", "the rejected dossier is the station's to correct"),
    "cancelled": ("the operator", "the card is not wanted any more: `dancu cards cancel`"),
    "purged": ("the register", "nobody has corrected the dossier within the term of `config/centre.csv`"),
}


def _code(names: Iterable[str]) -> str:
    """States or events, in the order of the table."""
    return ", ".join(f"`{name}`" for name in sorted(names, key=(*STATES, *EVENTS_OF_LIFE).index))


_ABOUT = """
A card is what its events come to. They are appended to `card_event` and never changed; `registry/cards/life.py` folds
them, and `dancu verify` folds them again. This page is made from the table of steps there.

"""

_BESIDE = f"""
`{HOLD}` and `{RELEASE}` are no steps: in any state they say that the card must not go on, and that it may.

| reason of a hold | when | who ends it |
|---|---|---|
| `review` | the person waits for reviewers; looked at before each hand-off | the hand-off, once they have decided |
| `identity` | the person was tied to another, or parted, after the capture | the operator: `dancu cards release` |
| `death` | a load says that the person has died | the operator, where that was a mistake: `dancu cards release` |

A card on hold is in no further batch, and is not counted as overdue. The centre is not told: what it is making already
it makes and ships. The station is: `returns/<station>/<date>-cards.xlsx` names, night after night, cards on hold that
were produced and are not delivered, and must not be handed over.

## In which order

Events are ordered by attempt, then by phase, then by when they happened; never by when their file came. So a card ends
the same in whatever order files arrive.
"""

_PARKED = f"""
An attempt begins with `captured` or `requeued` and is one order to the centre: the next one has the next number. What
says again what is so already changes nothing.

## What is refused

A step that the table lacks is refused by the fold: the card stays as it was, the event is kept, and the list of what is
parked (`dancu cards parked`) has it under `<event>_when_<state>`, such as `produced_when_handed_off`. When what was
missing comes, everything is folded again: the step is taken, and the list has it no more. An event of an attempt that
was never begun, or that is over, is refused likewise. Lines about no card that was asked for never become events; why
they are parked stands in the [runbook](../runbook.md#what-is-parked).

## Groups of states

- Done with, so that the person may have another dossier: {_code(ENDED)}.
- The centre owes the next word: {_code(AT_CENTRE)}.
"""


def page() -> str:
    """The page as Markdown."""
    lines = [
        "# The life of a card",
        "",
        "<!-- Made by `python -m registry.cards.life_page` from `registry/cards/life.py`: change the steps there. -->",
        _ABOUT.rstrip(),
        "",
        "```mermaid",
        "stateDiagram-v2",
        *_arrows(),
        "```",
        "",
        f"Not drawn: `cancelled` may follow every state but {_code({*STATES} - {NOTHING, *STEPS['cancelled']})}.",
        "",
        "## Steps",
        "",
        "| event | who says so | what has happened | in which states it can | leads to |",
        "|---|---|---|---|---|",
        *_rows(),
        "",
        "## On hold",
        _BESIDE.rstrip(),
        "",
        *(f"{n}. {_code(events)}" for n, events in enumerate(PHASES, start=1)),
        _PARKED.rstrip(),
    ]
    return "\n".join(lines) + "\n"


def _arrows() -> Iterator[str]:
    """The steps as a diagram; those that lead to `cancelled` from nearly everywhere would hide the others."""
    for event, steps in STEPS.items():
        if event == "cancelled":
            continue
        for before, after in steps.items():
            yield f"    {'[*]' if before == NOTHING else before} --> {after}" + (f": {event}" if event != after else "")
    yield from (f"    {state} --> [*]" for state in ("delivered", "purged"))


def _rows() -> Iterator[str]:
    for event, steps in STEPS.items():
        who, what = MEANINGS[event]
        states = ", ".join(f"`{state}`" if state != NOTHING else "none yet" for state in steps)
        yield f"| `{event}` | {who} | {what} | {states} | `{next(iter(steps.values()))}` |"


def main(arguments: list[str]) -> int:
    """Writes the page, or with `--check` says whether it is fresh."""
    if arguments == ["--check"]:
        fresh = PAGE.exists() and PAGE.read_text(encoding="utf-8") == page()
        if not fresh:
            sys.stderr.write(f"{PAGE.name} is not what the steps make: run python -m registry.cards.life_page\n")
        return 0 if fresh else 1
    PAGE.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
