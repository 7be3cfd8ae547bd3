"""What the Prefect UI shows of a run: how far it is, what became of the rows, and where the report is."""

import datetime as dt
from typing import Any

from prefect import get_run_logger
from prefect.artifacts import (
    create_link_artifact,
    create_progress_artifact,
    create_table_artifact,
    update_progress_artifact,
)

from config.settings import Settings
from registry.progress import reached


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


def show_progress(date: dt.date, standing: dict[str, Any]) -> None:
    """Leaves how far the nation and its provinces are as a table of the run, and a link to the pages.

    Counts of places alone: what is known of persons stays in the store.
    """
    for fault in standing["refused"]:
        get_run_logger().warning("%s", fault)
    if not standing["page"]:
        return
    create_table_artifact(
        [_place(row) for row in standing["rows"]],
        key="night-progress-of-places",
        description=f"How far each province is after the night of {date}",
    )
    create_link_artifact(
        f"{Settings().report_site}/{standing['page'].removeprefix('reports/')}",
        key="night-progress-pages",
        link_text=f"How far each place is after the night of {date}",
    )


def _place(row: dict[str, Any]) -> dict[str, Any]:
    """A line of the table: each measure, and the share of its target where one is set."""
    figures: dict[str, Any] = {"place": row["name"]}
    for measure, count in row["counts"].items():
        figures[measure.replace("_", " ")] = count
        if goal := row["targets"].get(measure):
            figures[f"{measure} of target"] = reached(goal["count"], goal["target"])
    return {**figures, "days of stock": row["days_of_stock"]}


def show_owed(date: dt.date, owed: dict[str, list[dict[str, Any]]]) -> None:
    """Leaves batches that are not done with, and what is overdue, as tables of the run."""
    if owed["batches"]:
        batches = [_batch(row) for row in owed["batches"]]
        create_table_artifact(batches, key="cards-batches", description=f"Batches at the production centre on {date}")
    if owed["overdue"]:
        overdue = [
            {"what": row["term"], "overdue": row["overdue"], "oldest in days": row["oldest"]} for row in owed["overdue"]
        ]
        create_table_artifact(overdue, key="cards-overdue", description=f"What is overdue on {date}")


def _batch(row: dict[str, Any]) -> dict[str, Any]:
    """A line of the table, narrow enough for the page of an artifact."""
    outside = "in the outbox" if row["published"] else "decided"
    return {
        "batch": f"{row['centre']} {row['sequence']}",
        "night": row["business_date"].isoformat(),
        "state": "received" if row["received"] else outside,
        "dossiers": row["dossiers"],
        "unanswered": row["unanswered"],
        "in production": row["in_production"],
        "to ship": row["to_ship"],
        "oldest in days": row["oldest"],
    }


def show_reviews(date: dt.date, counts: dict[str, int]) -> None:
    """Leaves what became of the answered workbooks as a table of the run."""
    table = [{"what": name.replace("_", " "), "count": count} for name, count in counts.items()]
    create_table_artifact(table, key="review-outcomes", description=f"What became of the reviews of {date}")
