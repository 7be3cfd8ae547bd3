"""The cards flow: what the centre and the offices say is taken, what waits is handed off, and who owes what is told."""

import datetime as dt
from typing import Any

from prefect import flow, get_run_logger
from prefect.client.schemas.objects import State
from prefect.events import emit_event
from prefect.states import Completed

from flows.parameters import BusinessDate, cards_name
from flows.progress import show_owed
from tasks.hand_off import hand_off
from tasks.night import one_night_at_a_time
from tasks.platform import platform, today
from tasks.reconcile import reconcile
from tasks.return_cards import return_cards
from tasks.take_answers import take_answers
from tasks.take_deliveries import take_deliveries

#: The event that automations listen for (`automation.json`): somebody owes an answer, or an answer was refused; and
#: what it is about.
OVERDUE, EXCHANGE = "dancu.cards.overdue", "dancu.cards"


@flow(name="cards", flow_run_name=cards_name, persist_result=False)
def cards(date: BusinessDate = None) -> State[dict[str, Any]]:
    """Takes answers and deliveries, hands off what waits, and reconciles; the night does the same at its end.

    Safe to start again at any time. While a night runs, it says so and ends.

    Args:
        date: The business date, in the nation's own time. Left empty, it is today.

    Returns:
        Counts, with a state that says whether it was run.
    """
    date = date or today()
    with one_night_at_a_time(platform()) as alone:
        if not alone:
            get_run_logger().warning("a night is being run: it takes the answers itself")
            return Completed(name="Skipped", message="a night is being run", data={})
        counts = exchange_cards(date)
    return Completed(message=f"{counts['cards']} cards were asked for", data=counts)


def exchange_cards(date: dt.date) -> dict[str, Any]:
    """The exchange with the centre and the offices; the caller holds the lock of the night."""
    # What comes back is taken first: a dossier that was rejected may be asked for again at once.
    answers = take_answers(date)
    deliveries = take_deliveries(date)
    return_cards(date)
    asked = hand_off(date)
    owed = reconcile(date)
    _alert(date, owed)
    show_owed(date, owed)
    overdue = sum(row["overdue"] for row in owed["overdue"])
    parked = sum(row["lines"] for row in owed["parked"])
    return {**asked, "answers": answers, "deliveries": deliveries, "overdue": overdue, "parked": parked}


def _alert(date: dt.date, owed: dict[str, list[dict[str, Any]]]) -> None:
    """Tells Prefect, and so whoever has an automation on it, what the operator should look at."""
    reasons = {sheet: owed[sheet] for sheet in ("overdue", "gaps", "refused") if owed[sheet]}
    if not reasons:
        return
    get_run_logger().warning(
        "the centre or an office: %s; see docs/runbook.md",
        ", ".join(f"{len(rows)} {what}" for what, rows in reasons.items()),
    )
    # Whoever writes into the inbox chooses the names of its folders: they stay out.
    told = {what: [{key: row[key] for key in row if key != "source"} for row in rows] for what, rows in reasons.items()}
    emit_event(OVERDUE, resource={"prefect.resource.id": EXCHANGE}, payload={"date": date.isoformat(), **told})


def run_cards(*, date: dt.date | None) -> dict[str, Any]:
    """Runs the flow through Prefect and returns its counts, the object of `dancu cards run --json`.

    Raises:
        DancuError: what stopped it.
    """
    counts: dict[str, Any] = cards(date)  # type: ignore[assignment]
    return counts
