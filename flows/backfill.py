"""Nights that were missed, run one after the other as if each had been run on its day."""

import datetime as dt
from typing import Any

from prefect import flow, get_run_logger

from flows.nightly import AHEAD, run_stages, tell_held
from flows.parameters import Province, backfill_name
from registry.errors import UsageError
from tasks.night import one_night_at_a_time
from tasks.platform import platform


@flow(name="backfill", flow_run_name=backfill_name, task_runner=AHEAD, persist_result=False)
def backfill(first: dt.date, last: dt.date, provinces: list[Province] = []) -> list[dict[str, Any]]:  # noqa: B006 - Prefect shows it
    """Runs the missed nights in order; each takes the files that their sidecars say were sent by that day.

    A file without a sidecar, or one that does not say when it was sent, goes into the first night.

    Args:
        first: The first missed business date.
        last: The last missed business date, itself included.
        provinces: Two-digit codes; only what these provinces sent is taken in. None listed means the whole nation.

    Raises:
        UsageError: the dates are in the wrong order, or another night is being run.
        LoadsHeld: the publish gate held loads of these nights; all else was done.
    """
    if last < first:
        raise UsageError(f"the last night, {last}, lies before the first, {first}: whoever starts the flow mends it")
    with one_night_at_a_time(platform()) as alone:
        if not alone:
            raise UsageError("another night is being run: start the backfill when it has ended")
        nights = [first + dt.timedelta(days=day) for day in range((last - first).days + 1)]
        get_run_logger().info("%d nights from %s to %s", len(nights), first, last)
        summaries = [run_stages(night, provinces, sent_until=night) for night in nights]
    tell_held(summaries)
    return summaries
