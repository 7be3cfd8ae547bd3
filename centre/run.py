"""One run of the centre: it takes what the register has handed off, and answers."""

from typing import Any

from centre.answer import decide, send
from centre.deliver import decide_deliveries, send_deliveries
from centre.faults import Faults
from centre.house import House
from centre.state import State
from centre.take import next_batch


def run_centre(house: House, *, faults: Faults, deliver: float | None) -> dict[str, Any]:
    """Takes batches in their order, sends the answers that are due, and speaks for the offices where it is asked to.

    What is said is decided in one transaction and then sent: a run that is killed at any point is finished by the
    next one with the same bytes.

    Args:
        house: the centre's.
        faults: how it behaves.
        deliver: share of the cards at offices that is delivered; None: the offices say nothing.

    Returns:
        `run`, `batches` and `damaged` that were looked at, `answers` and `deliveries` sent by kind.
    """
    if faults.silent:
        return {"run": None, "batches": 0, "damaged": 0, "answers": {}, "deliveries": {}}
    with State.at(house.folder("state") / "centre.duckdb") as state:
        run, taken, damaged = _take(house, state, faults)
        answers = send(house, state, faults=faults)
        if deliver is not None:
            with state.transaction():
                decide_deliveries(state, share=deliver, run=run)
        deliveries = send_deliveries(house, state)
    return {"run": run, "batches": taken, "damaged": damaged, "answers": answers, "deliveries": deliveries}


def _take(house: House, state: State, faults: Faults) -> tuple[int, int, int]:
    """Opens a run, and decides what is said of each batch that has come; its number, batches taken and damaged."""
    taken = damaged = 0
    with state.transaction():
        run = state.value("INSERT INTO run SELECT coalesce(max(no), 0) + 1 FROM run RETURNING no")
        while batch := next_batch(house, state):
            damaged += bool(batch.damage)
            if batch.damage and state.value("SELECT count(*) FROM damage WHERE seen = $seen", seen=batch.seen):
                break
            decide(batch, house, state, faults=faults, run=run)
            if batch.damage:
                break
            taken += 1
        state.run("number_answers", run=run)
    return run, taken, damaged
