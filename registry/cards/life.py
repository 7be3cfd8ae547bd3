"""The life of a card: one table of steps, and the fold of what happened into what has become of it.

Events are ordered by what they are and when they happened, never by when their file came: so a card ends the same in
whatever order files arrive. A step that the table lacks is refused; when what was missing comes later, it is taken.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
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
EVENTS = tuple(STEPS)

#: A card in one of these is done with: its person may have another dossier.
ENDED = ("delivered", "cancelled", "purged", "returned")

#: Where the production centre owes the next word.
AT_CENTRE = ("handed_off", "accepted", "qc_failed", "produced")

_PHASE_OF = {event: phase for phase, events in enumerate(PHASES) for event in events}
_RANK_OF = {event: rank for rank, event in enumerate(EVENTS)}
_REFUSED = -1


def _next_states() -> NDArray[np.int8]:
    """State × event → state, or `_REFUSED`. What is so already may be said again."""
    table = np.full((len(STATES), len(EVENTS)), _REFUSED, dtype=np.int8)
    for event, steps in STEPS.items():
        for before, after in steps.items():
            table[STATES.index(before), _RANK_OF[event]] = STATES.index(after)
        if event in STATES:
            table[STATES.index(event), _RANK_OF[event]] = STATES.index(event)
    return table


_NEXT = _next_states()

#: What the fold is told of each event, beside what it carries over.
EVENT_COLUMNS = ("event_no", "dossier_id", "attempt", "event", "happened_at", "reason", "card_number", "shipment",
                 "office", "batch_no")  # fmt: skip


@dataclass(frozen=True)
class Folded:
    """What has become of cards.

    Attributes:
        cards: one row a dossier: dossier_id, state, attempt, since, reason, on_hold, card_number, office, shipment,
            batch_no. Dossiers of which no event could be taken are not there.
        refused: events that the table of steps lacks: event_no, dossier_id, reason `<event>_when_<state>`.
    """

    cards: pd.DataFrame
    refused: pd.DataFrame


def fold(events: pd.DataFrame) -> Folded:
    """Folds all events of some dossiers; rows in any order, columns `EVENT_COLUMNS`."""
    if events.empty:
        nothing = pd.DataFrame(columns=["event_no", "dossier_id", "reason"])
        return Folded(pd.DataFrame(columns=["dossier_id", "state"]), nothing)
    beside = events["event"].isin([HOLD, RELEASE])
    steps = _in_order(events[~beside])
    before, taken = _walk(steps)
    refused = steps.loc[~taken, ["event_no", "dossier_id"]]
    names = np.array(STATES, dtype=object)
    refused = refused.assign(reason=steps.loc[~taken, "event"] + "_when_" + names[before[~taken]])
    cards = _cards(steps[taken])
    return Folded(cards.join(_on_hold(events[beside]), on="dossier_id"), refused)


def _in_order(steps: pd.DataFrame) -> pd.DataFrame:
    """Events dossier by dossier, in the order in which they happened."""
    keyed = steps.assign(phase=steps["event"].map(_PHASE_OF), rank=steps["event"].map(_RANK_OF))
    order = ["dossier_id", "attempt", "phase", "happened_at", "rank", "event_no"]
    return keyed.sort_values(order, ignore_index=True)


def _walk(steps: pd.DataFrame) -> tuple[NDArray[np.int8], NDArray[np.bool_]]:
    """The state before each event, and whether the event was taken.

    All dossiers take their n-th event at once: as many rounds as the longest life has events.
    """
    first = ~steps["dossier_id"].duplicated().to_numpy()
    dossier = np.cumsum(first) - 1
    turn = np.arange(len(steps)) - np.flatnonzero(first)[dossier]
    event = steps["rank"].to_numpy(dtype=np.int8)
    attempt = steps["attempt"].to_numpy(dtype=np.int64)
    state = np.zeros(int(first.sum()), dtype=np.int8)
    trying = np.zeros(len(state), dtype=np.int64)
    before, taken = np.empty(len(steps), dtype=np.int8), np.empty(len(steps), dtype=np.bool_)
    begins = np.isin(event, [_RANK_OF["captured"], _RANK_OF["requeued"]])
    for rows in _by_turn(turn):
        who = dossier[rows]
        before[rows] = state[who]
        after = _NEXT[state[who], event[rows]]
        # An attempt begins with its capture: an answer to one that never began, or to one that is over, fits nothing.
        fits = np.where(begins[rows], attempt[rows] == trying[who] + 1, attempt[rows] == trying[who])
        said_again = begins[rows] & (attempt[rows] == trying[who]) & (after == state[who])
        taken[rows] = (after != _REFUSED) & (fits | said_again)
        state[who] = np.where(taken[rows], after, state[who])
        trying[who] = np.where(taken[rows], attempt[rows], trying[who])
    return before, taken


def _by_turn(turn: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Positions of all first events, of all second ones, and so on."""
    order = np.argsort(turn, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(turn[order])) + 1)


def _cards(taken: pd.DataFrame) -> pd.DataFrame:
    """State and what was said last, of the latest attempt."""
    last = taken.drop_duplicates("dossier_id", keep="last")
    latest = taken[taken["attempt"].to_numpy() == taken.groupby("dossier_id")["attempt"].transform("max").to_numpy()]
    said = latest.groupby("dossier_id")[["card_number", "shipment", "office", "batch_no"]].last()
    states = {event: after for event, steps in STEPS.items() for after in steps.values()}
    cards = last[["dossier_id", "attempt", "reason"]].assign(
        state=last["event"].map(states), since=_beginning(taken, last)
    )
    return cards.join(said, on="dossier_id")


def _beginning(taken: pd.DataFrame, last: pd.DataFrame) -> pd.Series:
    """When the state of each dossier began: the first of the events that say it without a break."""
    change = (taken["event"] != taken["event"].shift()) | (taken["dossier_id"] != taken["dossier_id"].shift())
    change |= taken["attempt"] != taken["attempt"].shift()
    return taken["happened_at"].where(change).ffill().loc[last.index]


def _on_hold(events: pd.DataFrame) -> pd.Series:
    """Why each dossier is on hold: the reason of its last `hold` that no `release` follows. At one time, hold wins."""
    ordered = events.sort_values(["dossier_id", "happened_at", "event"], ascending=[True, True, False])
    last = ordered.drop_duplicates("dossier_id", keep="last").set_index("dossier_id")
    return last.loc[last["event"] == HOLD, "reason"].rename("on_hold")
