"""The life of one card, told plainly: one event after the other. What the fold does to all cards at once."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from registry.cards.life import EVENTS_OF_LIFE, NOTHING, PHASES, STEPS

Event = dict[str, Any]

_PHASE = {name: number for number, names in enumerate(PHASES) for name in names}


@dataclass
class Life:
    """What has become of a card; `taken` and `refused` events in their order, the latter with the state they met."""

    state: str = NOTHING
    attempt: int = 0
    taken: list[Event] = field(default_factory=list)
    refused: list[tuple[Event, str]] = field(default_factory=list)


def tell(events: Iterable[Event]) -> Life:
    """The life that the events of one dossier (attempt, event, happened_at) come to, given in any order."""
    life = Life()
    for one in sorted((event for event in events if event["event"] in STEPS), key=_place):
        name, attempt = one["event"], one["attempt"]
        due = life.attempt + 1 if name in PHASES[0] else life.attempt
        said_again = name == life.state and attempt == life.attempt
        if not said_again and not (life.state in STEPS[name] and attempt == due):
            life.refused.append((one, life.state))
            continue
        life.taken.append(one)
        if not said_again:
            life.state, life.attempt = STEPS[name][life.state], attempt
    return life


def _place(one: Event) -> tuple[Any, ...]:
    name = one["event"]
    return one["attempt"], _PHASE[name], one["happened_at"], EVENTS_OF_LIFE.index(name), one.get("event_no", 0)
