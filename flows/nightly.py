"""The nightly flow: from landed registers to the hand-off file, the return files and the report."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from prefect import flow, get_run_logger
from prefect.client.schemas.objects import State
from prefect.futures import PrefectFuture
from prefect.states import Completed
from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner

from flows.cards import exchange_cards
from flows.parameters import BusinessDate, Province, night_name
from flows.progress import Progress, show_report
from registry.errors import LoadsHeld, PlatformError
from registry.loads import OUTCOMES
from tasks.allocate import allocate
from tasks.bulk import ready_indexes, rebuild_indexes
from tasks.give_back import give_back
from tasks.merge import merge
from tasks.night import begin_night, end_night, one_night_at_a_time
from tasks.platform import platform, today
from tasks.prove import prove_night
from tasks.read import read
from tasks.receive import receive
from tasks.report import report
from tasks.resolve import resolve
from tasks.standardise import standardise
from tasks.take_dossiers import split_dossiers, take_dossiers
from tasks.truth import take_truth
from tasks.validate import validate

#: One thread reads, standardises and validates loads ahead of the one that resolves and merges them.
AHEAD: TaskRunner[PrefectFuture[Any]] = ThreadPoolTaskRunner(max_workers=1)  # type: ignore[assignment]


@flow(name="nightly", flow_run_name=night_name, task_runner=AHEAD, persist_result=False)
def nightly(date: BusinessDate = None, provinces: list[Province] = []) -> State[dict[str, Any]]:  # noqa: B006 - Prefect shows it
    """Takes in what has landed, merges it into the store, hands off cards, and reports.

    Safe to start again at any time: what was done stays done, what was not is done now. While one night runs,
    a second one says so and ends.

    Args:
        date: The business date of the night, in the nation's own time. Left empty, it is today.
        provinces: Two-digit codes; only what these provinces sent is taken in. None listed means the whole nation.

    Returns:
        The summary, with a state that says whether the night was run.
    """
    date = date or today()
    with one_night_at_a_time(platform()) as alone:
        if not alone:
            get_run_logger().warning("another night is being run: this run ends without doing anything")
            return Completed(name="Skipped", message="another night is being run", data=_nothing(date))
        summary = run_stages(date, provinces)
    tell_held([summary])
    return Completed(message="the sums close", data=summary)


def run_stages(date: dt.date, provinces: list[str], *, sent_until: dt.date | None = None) -> dict[str, Any]:
    """The night, stage by stage; the caller holds the lock of the night."""
    run_id = begin_night(date)
    # 1. What is known of who is who; then every landed file gets its ledger row, and the bytes go to the archive.
    _warn_of_labels(take_truth(date))
    load_ids = receive(date, provinces, sent_until)
    # 2. Each load is read, standardised and validated, while the one before it ...
    to_merge, of_dossiers = split_dossiers(load_ids)
    ready_indexes(to_merge)
    ready = [(load_id, _prepare(load_id)) for load_id in to_merge]
    waiting = [(load_id, _standardise(load_id)) for load_id in of_dossiers]
    progress = Progress(len(load_ids))
    # 3. ... is resolved and merged, one after the other, each in one transaction.
    merged = _in_order(ready, _merge, progress)
    rebuilt = rebuild_indexes.submit()
    faults = _allocate(date)
    # 4. Dossiers are held against what is known of their persons by now; by the indexes, once they are there again.
    waiting = [(load_id, [*steps, rebuilt]) for load_id, steps in waiting]
    taken = _in_order(waiting, take_dossiers, progress)
    outcomes = {outcome: merged.rows[outcome] + taken.rows[outcome] for outcome in OUTCOMES}
    # 5. The store must be what the rules say before anything leaves it.
    prove_night(date, run_id)
    # 6. Failed rows go back to their senders, while answers are taken and what waits for a card is handed off once.
    returned = give_back.submit(date)
    cards = exchange_cards(date)
    for side_work in (rebuilt, returned):
        side_work.result()
    # 7. The night is closed and reported.
    summary = end_night(run_id, date, load_ids, outcomes, cards)
    show_report(date, report(date), summary)
    if failed := [*merged.failed, *taken.failed]:
        faults.append(f"loads {', '.join(failed)} were not merged; the others were. Mend the cause, run again")
    if faults:
        raise PlatformError("; ".join([*faults, *_held(summary)]))
    return summary


def tell_held(summaries: Sequence[dict[str, Any]]) -> None:
    """After nights in which all else was done.

    Raises:
        LoadsHeld: the publish gate held loads of these nights.
    """
    if held := [sentence for summary in summaries for sentence in _held(summary)]:
        raise LoadsHeld("; ".join(held), summaries[-1])


def _held(summary: dict[str, Any]) -> list[str]:
    return [
        f"the publish gate held load {load_id}: {', '.join(rules)}; the operator must act, see docs/runbook.md"
        for load_id, rules in summary["held_loads"].items()
    ]


def _warn_of_labels(taken: dict[str, int]) -> None:
    if taken["left_lying"]:
        get_run_logger().warning(
            "%d files of labels stay in landing: they are still being written, or are no table of labels",
            taken["left_lying"],
        )


def _standardise(load_id: str) -> list[PrefectFuture[Any]]:
    told_apart = read.submit(load_id)
    return [told_apart, standardise.submit(load_id, return_state=False, wait_for=[told_apart])]


def _prepare(load_id: str) -> list[PrefectFuture[Any]]:
    steps = _standardise(load_id)
    return [*steps, validate.submit(load_id, return_state=False, wait_for=[steps[-1]])]


@dataclass(frozen=True)
class _Done:
    """What loads came to: rows by outcome, and the loads that a fault of the platform stopped."""

    rows: dict[str, int] = field(default_factory=lambda: dict.fromkeys(OUTCOMES, 0))
    failed: list[str] = field(default_factory=list)


def _in_order(
    ready: list[tuple[str, list[PrefectFuture[Any]]]], work: Callable[[str], dict[str, int]], progress: Progress
) -> _Done:
    """Works load after load, each once the steps before have been done; `work` returns its rows by outcome."""
    done = _Done()
    for load_id, steps in ready:
        try:
            for step in steps:
                step.result()
            rows = work(load_id)
        except PlatformError as fault:
            get_run_logger().error("load %s: %s", load_id, fault)
            done.failed.append(load_id)
            continue
        for outcome, count in rows.items():
            done.rows[outcome] += count
        progress.step(rows=sum(rows.values()))
    return done


def _merge(load_id: str) -> dict[str, int]:
    if broken := resolve(load_id):
        get_run_logger().error("the publish gate held load %s: %s", load_id, ", ".join(broken))
    return merge(load_id)


def _allocate(date: dt.date) -> list[str]:
    """Where it is switched on, gives numbers to persons who have none; what went wrong does not stop the night."""
    if not platform().settings.allocation_key:
        return []
    try:
        counts = allocate(date)
    except PlatformError as fault:
        get_run_logger().error("numbers: %s", fault)
        return [str(fault)]
    get_run_logger().info("%d numbers were given, %d persons were left out", counts["given"], counts["left_out"])
    return []


def _nothing(date: dt.date) -> dict[str, Any]:
    return {
        "date": date.isoformat(),
        "loads": 0,
        "files": 0,
        "rows": {"read": 0, **dict.fromkeys(OUTCOMES, 0)},
        "cards": {"batches": 0, "cards": 0},
        "seconds": 0.0,
        "held_loads": {},
        "skipped": "another night is being run",
    }


def run_nightly(*, date: dt.date | None, provinces: list[str]) -> dict[str, Any]:
    """Runs the flow through Prefect and returns its summary, the object of `dancu nightly --json`.

    Raises:
        DancuError: what stopped the night.
    """
    return cast("dict[str, Any]", nightly(date, provinces))
