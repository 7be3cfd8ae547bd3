"""The review flow: what reviewers answered takes effect, and each workbook gets its answer."""

import datetime as dt

from prefect import flow, get_run_logger
from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows.parameters import BusinessDate, review_name
from flows.progress import show_reviews
from tasks.night import one_night_at_a_time
from tasks.platform import platform, today
from tasks.take_reviews import take_reviews


@flow(name="review", flow_run_name=review_name, persist_result=False)
def review(date: BusinessDate = None) -> State[dict[str, int]]:
    """Takes in the answered workbooks of `inbox/reviews/<locality>/` and leaves their answers in `outbox/reviews/`.

    Safe to start again at any time: what was said is not said twice. While a night runs, it says so and ends.

    Args:
        date: The business date of what the reviewers say, in the nation's own time. Left empty, it is today.

    Returns:
        How many workbooks and rows ended how, with a state that says whether it was run.
    """
    date = date or today()
    with one_night_at_a_time(platform()) as alone:
        if not alone:
            get_run_logger().warning("a night is being run: the workbooks stay in the inbox")
            return Completed(name="Skipped", message="a night is being run", data={})
        counts = take_reviews(date)
    _show(date, counts)
    return Completed(message=f"{counts['taken']} workbooks were taken", data=counts)


def _show(date: dt.date, counts: dict[str, int]) -> None:
    show_reviews(date, counts)
    if counts["left_lying"]:
        get_run_logger().warning(
            "%d files stay in the inbox: they are still being written, are no .xlsx, or lie in no locality's folder",
            counts["left_lying"],
        )
