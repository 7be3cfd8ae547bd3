"""The life of a card: one table of steps, and the fold of what happened into what has become of it.

Events are ordered by what they are and when they happened, never by when their file came: so a card ends the same in
whatever order files arrive. A step that the table lacks is refused; when what was missing comes later, it is taken.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

#: No event yet.
NOTHING = "nothing"

#: Event → the states in which it can happen → the state that it leads to. The only place where this stands.
STEPS: dict[str, dict[str, str]] = {
    "captured": dict.fromkeys((NOTHING, "returned", "rejected", "undeliverable"), "captured"),
    "requeued": dict.fromkeys(("rejected", "undeliverable"), "captured"),
    "handed_off": {"captured": "handed_off"},
    "accepted": {"handed_off": "accepted"},
    "rejected": {"handed_off": "rejected"},
    "qc_failed": dict.fromkeys(("accepted", "produced"), "qc_failed"),
    "produced": dict.fromkeys(("accepted", "qc_failed"), "produced"),
    "shipped": {"produced": "shipped"},
    "arrived": dict.fromkeys(("shipped", "undeliverable"), "arrived"),
    "delivered": dict.fromkeys(("shipped", "arrived"), "delivered"),
    "undeliverable": dict.fromkeys(("shipped", "arrived"), "undeliverable"),
    "returned": {"rejected": "returned"},
    "cancelled": dict.fromkeys(
        ("captured", "handed_off", "accepted", "rejected", "qc_failed", "produced", "shipped", "arrived",
         "undeliverable", "returned"),
        "cancelled",
    ),
    "purged": {"returned": "purged"},
}  # fmt: skip

#: What can happen beside the steps, in any state: the card must not go on; it may.
HOLD, RELEASE = "hold", "release"

#: In which order the parties act on one attempt at a card; within a phase, time decides.
PHASES = (
    ("captured", "requeued"),
    ("handed_off",),
    ("accepted", "rejected"),
    ("qc_failed", "produced"),
    ("shipped",),
    ("arrived", "delivered", "undeliverable"),
    ("returned",),
    ("cancelled", "purged"),
)

STATES = (NOTHING, *dict.fromkeys(state for steps in STEPS.values() for state in steps.values()))
EVENTS_OF_LIFE = tuple(STEPS)

#: A card in one of these is done with: its person may have another dossier.
ENDED = ("delivered", "cancelled", "purged", "returned")

#: Where the production centre owes the next word.
AT_CENTRE = ("handed_off", "accepted", "qc_failed", "produced")

_PHASE_OF = np.array([next(n for n, events in enumerate(PHASES) if event in events) for event in EVENTS_OF_LIFE])
_REFUSED = -1


def _next_states() -> NDArray[np.int8]:
    """State × event → state, or `_REFUSED`."""
    table = np.full((len(STATES), len(EVENTS_OF_LIFE)), _REFUSED, dtype=np.int8)
    for event, steps in STEPS.items():
        for before, after in steps.items():
            table[STATES.index(before), EVENTS_OF_LIFE.index(event)] = STATES.index(after)
    return table


_NEXT = _next_states()

#: Event → the state of its name: what is so already may be said again. `_REFUSED` where no state has its name.
_NAMED = np.array([STATES.index(event) if event in STATES else _REFUSED for event in EVENTS_OF_LIFE], dtype=np.int8)

_TIME = pa.timestamp("us", tz="UTC")

#: Events as they are folded.
EVENTS = pa.schema(
    [
        ("event_no", pa.int64()),
        ("dossier_id", pa.string()),
        ("attempt", pa.int16()),
        ("event", pa.string()),
        ("happened_at", _TIME),
        ("reason", pa.string()),
        ("card_number", pa.string()),
        ("shipment", pa.string()),
        ("office", pa.string()),
        ("batch_no", pa.int32()),
    ]
)

#: What a card keeps of what was said last, in its latest attempt.
KEPT = ("card_number", "shipment", "office", "batch_no")

#: What has become of cards, one row a dossier.
CARDS = pa.schema(
    [
        ("dossier_id", pa.string()),
        ("state", pa.string()),
        ("attempt", pa.int16()),
        ("since", _TIME),
        ("reason", pa.string()),
        ("on_hold", pa.string()),
        *(EVENTS.field(name) for name in KEPT),
    ]
)

_NO_CARDS = CARDS.empty_table()

#: Events that the table of steps lacks; the reason is `<event>_when_<state>`.
REFUSED = pa.schema([("event_no", pa.int64()), ("dossier_id", pa.string()), ("reason", pa.string())])

Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class Folded:
    """What has become of cards: `cards` (schema `CARDS`) and `refused` events (schema `REFUSED`)."""

    cards: pa.Table
    refused: pa.Table


@dataclass(frozen=True)
class _Life:
    """Steps of some dossiers in the order in which they happened.

    Attributes:
        rows: position of each among the events.
        dossier: number of its dossier, from 0 without a gap.
        event: its place in `EVENTS_OF_LIFE`.
        attempt: at which card of the dossier.
    """

    rows: Numbers
    dossier: Numbers
    event: NDArray[np.int8]
    attempt: Numbers


def fold(events: pa.Table, cards: pa.Table = _NO_CARDS) -> Folded:
    """Folds events of some dossiers, in any order.

    Args:
        events: rows of `EVENTS`: all of a dossier, or all that are new since its card was folded.
        cards: of the latter dossiers (`CARDS`). None of their events was refused, and all that is new comes after.
    """
    # A card stands for the events before: as the first of them, which says of it what is so.
    events = pa.concat_tables([_said_by(cards), events]).combine_chunks()
    life = _in_order(events)
    before, taken = _walk(life, life.rows < cards.num_rows)
    states = pa.array(STATES)
    out = life.rows[~taken]
    why = pc.binary_join_element_wise(
        events["event"].take(pa.array(out)), states.take(pa.array(before[~taken])), "_when_"
    )
    refused = pa.table(
        [events["event_no"].take(pa.array(out)), events["dossier_id"].take(pa.array(out)), why], schema=REFUSED
    )
    return Folded(_cards(events, life, taken), refused)


def fold_further(events: pa.Table, cards: pa.Table) -> tuple[pa.Table, pa.ChunkedArray]:
    """Folds cards further by what is new, wherever that can be told without their earlier events.

    Args:
        events: that are new (`EVENTS`).
        cards: beside each event its card as it was folded before (`CARDS`); null where there was none. None of their
            events was refused.

    Returns:
        The cards (`CARDS`), and the other dossiers, which `fold` needs all events of: more than one thing is new, or
        it does not come after what was said before, or it is refused. On hold since when, a card does not say: what is
        new about that is of these too.
    """
    follows = pc.greater(_place_of(events["event"], events["attempt"]), _place_of(cards["state"], cards["attempt"]))
    dossier = events["dossier_id"].combine_chunks().dictionary_encode().indices.to_numpy()
    alone = pa.array(np.bincount(dossier)[dossier] == 1)
    can = pc.and_(follows, pa.chunked_array([alone]))
    before = cards.filter(can)
    folded = fold(events.filter(can), before.filter(before["state"].is_valid()))
    others = events["dossier_id"].filter(pc.invert(can))
    return folded.cards, pa.chunked_array([*others.chunks, *folded.refused["dossier_id"].chunks], pa.string())


def _place_of(names: pa.ChunkedArray, attempts: pa.ChunkedArray) -> pa.ChunkedArray:
    """Where events, or the states that they lead to, stand in the life of a card: by attempt and phase; else 0."""
    phase = pc.take(pa.array(_PHASE_OF), pc.index_in(names, pa.array(EVENTS_OF_LIFE)))
    return pc.fill_null(pc.add(pc.multiply(attempts.cast(pa.int64()), len(PHASES)), phase), 0)


def _said_by(cards: pa.Table) -> pa.Table:
    """Cards as events: what is so of each, and why some are on hold."""
    held = cards.filter(cards["on_hold"].is_valid())
    holds = pa.array([HOLD] * held.num_rows, pa.string())
    return pa.concat_tables(
        [_as_events(cards, cards["state"], cards["reason"]), _as_events(held, holds, held["on_hold"])]
    )


def _as_events(cards: pa.Table, events: pa.Array | pa.ChunkedArray, reasons: pa.ChunkedArray) -> pa.Table:
    number = pa.array(np.zeros(cards.num_rows, dtype=np.int64))
    kept = [cards[name] for name in KEPT]
    return pa.table(
        [number, cards["dossier_id"], cards["attempt"], events, cards["since"], reasons, *kept], schema=EVENTS
    )


def _in_order(events: pa.Table) -> _Life:
    rank = pc.index_in(events["event"], pa.array(EVENTS_OF_LIFE)).combine_chunks()
    rows = np.flatnonzero(rank.is_valid().to_numpy(zero_copy_only=False))
    event = rank.take(pa.array(rows)).to_numpy().astype(np.int8)
    attempt = events["attempt"].to_numpy().astype(np.int64)[rows]
    names = events["dossier_id"].combine_chunks().dictionary_encode().indices.to_numpy().astype(np.int64)
    time, number = _times(events)[rows], events["event_no"].to_numpy()[rows]
    order = np.lexsort((number, event, time, _PHASE_OF[event], attempt, names[rows]))
    begins = np.diff(names[rows][order], prepend=-1) != 0
    return _Life(rows[order], np.cumsum(begins) - 1, event[order], attempt[order])


def _times(events: pa.Table) -> Numbers:
    times: Numbers = events["happened_at"].cast(pa.int64()).to_numpy()
    return times


def _walk(life: _Life, known: NDArray[np.bool_]) -> tuple[NDArray[np.int8], NDArray[np.bool_]]:
    """The state before each step, and whether the step was taken.

    All dossiers take their n-th step at once: as many rounds as the longest life has steps. A dossier with a step that
    is `known` begins with it.
    """
    first = np.flatnonzero(np.diff(life.dossier, prepend=-1))
    state = np.zeros(len(first), dtype=np.int8)
    trying = np.zeros(len(first), dtype=np.int64)
    state[life.dossier[known]] = _NAMED[life.event[known]]
    trying[life.dossier[known]] = life.attempt[known]
    before, taken = np.empty(len(life.rows), dtype=np.int8), np.empty(len(life.rows), dtype=np.bool_)
    begins = np.isin(life.event, [EVENTS_OF_LIFE.index(event) for event in PHASES[0]])
    for rows in _by_turn(np.arange(len(life.rows)) - first[life.dossier]):
        who = life.dossier[rows]
        before[rows] = state[who]
        after = _NEXT[state[who], life.event[rows]]
        # An attempt begins with its capture: what is about one that never began, or that is over, fits nothing.
        fits = life.attempt[rows] == trying[who] + begins[rows]
        again = (_NAMED[life.event[rows]] == state[who]) & (life.attempt[rows] == trying[who])
        taken[rows] = (after != _REFUSED) & fits | again
        moves = taken[rows] & ~again
        state[who] = np.where(moves, after, state[who])
        trying[who] = np.where(moves, life.attempt[rows], trying[who])
    return before, taken


def _by_turn(turn: Numbers) -> list[Numbers]:
    """Positions of all first steps, of all second ones, and so on."""
    order = np.argsort(turn, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(turn[order])) + 1)


def _cards(events: pa.Table, life: _Life, taken: NDArray[np.bool_]) -> pa.Table:
    """State, and what was said last, of the latest attempt at each card."""
    rows, dossier, attempt = life.rows[taken], life.dossier[taken], life.attempt[taken]
    last = np.flatnonzero(np.diff(dossier, append=-1))
    latest = attempt == attempt[last][np.searchsorted(dossier[last], dossier)]
    states = pa.array([next(iter(STEPS[event].values())) for event in EVENTS_OF_LIFE])
    ends = pa.array(rows[last])
    known = {
        "dossier_id": events["dossier_id"].take(ends),
        "state": states.take(pa.array(life.event[taken][last])),
        "attempt": events["attempt"].take(ends),
        "since": events["happened_at"].take(pa.array(rows[_beginnings(life, taken)])),
        "reason": events["reason"].take(ends),
        "on_hold": _on_hold(events, events["dossier_id"].take(ends)),
    }
    for name in KEPT:
        said = latest & events[name].is_valid().to_numpy()[rows]
        known[name] = events[name].take(_last_of(dossier[said], rows[said], dossier[last]))
    return pa.table(known).cast(CARDS)


def _beginnings(life: _Life, taken: NDArray[np.bool_]) -> Numbers:
    """Where, among the steps that were taken, the state of each dossier began: what says it again changes nothing."""
    dossier, event = life.dossier[taken], life.event[taken]
    change = np.diff(dossier, prepend=-1) != 0
    change |= (np.diff(event, prepend=-1) != 0) | (np.diff(life.attempt[taken], prepend=0) != 0)
    last = np.flatnonzero(np.diff(dossier, append=-1))
    changes = np.flatnonzero(change)
    return changes[np.searchsorted(changes, last, side="right") - 1]


def _last_of(dossier: Numbers, rows: Numbers, wanted: Numbers) -> pa.Array:
    """The last row of each wanted dossier, null where it has none; `dossier` ascends."""
    if not len(rows):
        return pa.nulls(len(wanted), pa.int64())
    at = np.searchsorted(dossier, wanted, side="right") - 1
    missing = (at < 0) | (dossier[at] != wanted)
    return pa.array(rows[at], mask=missing)


def _on_hold(events: pa.Table, dossiers: pa.ChunkedArray) -> pa.Array:
    """Why each dossier is on hold: the reason of its last `hold` that no `release` follows. At one time, hold wins."""
    beside = events.filter(pc.is_in(events["event"], pa.array([HOLD, RELEASE])))
    order = [("happened_at", "ascending"), ("event", "descending"), ("reason", "ascending")]
    last = (
        beside.sort_by(order)
        .group_by("dossier_id", use_threads=False)
        .aggregate([("event", "last"), ("reason", "last")])
    )
    held = last.filter(pc.equal(last["event_last"], HOLD))
    return held["reason_last"].take(pc.index_in(dossiers, held["dossier_id"]))
