"""What the Prefect UI shows of a night: how far it is, what became of the rows, and where the report is."""

import datetime as dt
from typing import Any

from prefect.artifacts import (
    create_link_artifact,
    create_progress_artifact,
    create_table_artifact,
    update_progress_artifact,
)

from config.settings import Settings


class Progress:
    """A bar that moves with every merged load."""

    def __init__(self, loads: int) -> None:
        """Shows the bar, unless there is nothing to do."""
        self.loads, self.merged, self.rows = loads, 0, 0
        self.artifact = create_progress_artifact(0.0, description=f"0 of {loads} loads") if loads else None

    def step(self, *, rows: int) -> None:
        """One more load is in the store."""
        self.merged, self.rows = self.merged + 1, self.rows + rows
        if self.artifact:
            update_progress_artifact(
                self.artifact,  # type: ignore[arg-type]
                100.0 * self.merged / self.loads,
                description=f"{self.merged} of {self.loads} loads, {self.rows:,} rows",
            )


def show_report(date: dt.date, page: str, summary: dict[str, Any]) -> None:
    """Leaves the table of outcomes and the link to the report as artifacts of the run."""
    rows = [{"outcome": outcome, "rows": count} for outcome, count in summary["rows"].items()]
    create_table_artifact(rows, key="night-outcomes", description=f"Rows of the night of {date} by outcome")
    site = Settings().report_site
    create_link_artifact(f"{site}/{page.removeprefix('reports/')}", key="night-report", link_text=f"Report of {date}")
