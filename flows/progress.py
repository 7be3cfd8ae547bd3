"""What the Prefect UI shows of a run: how far it is, what became of the rows, and where the report is."""

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
        start = f"0 of {loads} loads merged"
        self.artifact = create_progress_artifact(0.0, key="night-progress", description=start) if loads else None

    def step(self, *, rows: int) -> None:
        """One more load is in the store."""
        self.merged, self.rows = self.merged + 1, self.rows + rows
        if self.artifact:
            update_progress_artifact(
                self.artifact,  # type: ignore[arg-type]
                100.0 * self.merged / self.loads,
                description=f"{self.merged} of {self.loads} loads merged, {self.rows:,} rows",
            )


def show_report(date: dt.date, page: str, summary: dict[str, Any]) -> None:
    """Leaves the table of outcomes and the link to the report as artifacts of the run."""
    rows, cards = summary["rows"], summary["cards"]["cards"]
    table = [
        {"outcome": outcome, "rows": count, "share": f"{count / rows['read']:.1%}" if rows["read"] else "–"}
        for outcome, count in rows.items()
    ]
    create_table_artifact(table, key="night-outcomes", description=f"What became of the rows of the night of {date}")
    create_link_artifact(
        f"{Settings().report_site}/{page.removeprefix('reports/')}",
        key="night-report",
        link_text=f"Report of the night of {date}",
        description=f"{summary['files']:,} files, {rows['read']:,} rows, {cards:,} cards handed off",
    )


def show_owed(date: dt.date, owed: dict[str, list[dict[str, Any]]]) -> None:
    """Leaves batches that are not done with, and what is overdue, as tables of the run."""
    for sheet, about in (("batches", "Batches at the production centre"), ("overdue", "Answers that are overdue")):
        if owed[sheet]:
            rows = [{name: str(value) for name, value in row.items()} for row in owed[sheet]]
            create_table_artifact(rows, key=f"cards-{sheet}", description=f"{about}, night of {date}")


def show_reviews(date: dt.date, counts: dict[str, int]) -> None:
    """Leaves what became of the answered workbooks as a table of the run."""
    table = [{"what": name.replace("_", " "), "count": count} for name, count in counts.items()]
    create_table_artifact(table, key="review-outcomes", description=f"What became of the reviews of {date}")
