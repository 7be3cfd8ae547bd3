"""The weekly flow: what piles up is cleared away, and the whole store is proved."""

from prefect import flow, get_run_logger

from registry.errors import InvariantBreach
from tasks.housekeep import clear_scratch, clear_unfinished_puts, vacuum_store
from tasks.night import one_night_at_a_time
from tasks.platform import platform
from tasks.verify import verify


@flow(name="housekeeping", persist_result=False)
def housekeeping() -> None:
    """Clears what killed runs left, vacuums the store and proves its invariants."""
    with one_night_at_a_time(platform()) as alone:
        if not alone:
            get_run_logger().warning("a night is being run: housekeeping ends without doing anything")
            return
        # 1. What killed runs left behind.
        clear_scratch()
        clear_unfinished_puts()
        # 2. Dead rows, and fresh statistics for the planner.
        vacuum_store()
        # 3. The invariants, from files and tables.
        breaches = verify()
    if breaches:
        raise InvariantBreach(f"{len(breaches)} invariants do not hold: {'; '.join(breaches)}")
