"""What the flows ask for, as the Prefect UI shows it, and how their runs are called.

Prefect takes a parameter's description from the flow's docstring. The schema of a date that may stay empty is put
here, or the UI would ask for its type first.
"""

import datetime as dt
from typing import Annotated, Any

from prefect.runtime import flow_run
from pydantic import Field, StringConstraints, WithJsonSchema

from tasks.platform import today

BusinessDate = Annotated[dt.date | None, WithJsonSchema({"type": "string", "format": "date"})]
Province = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9]{2}$"),
    Field(title="Province", description="Two digits, such as 75 for Đồng Nai"),
]


def night_name() -> str:
    """`nightly-2021-07-01`, with the provinces when the run is not about the whole nation."""
    given = _given()
    return "-".join(["nightly", str(given.get("date") or today()), *(given.get("provinces") or [])])


def cards_name() -> str:
    """`cards-2021-07-01`."""
    return f"cards-{_given().get('date') or today()}"


def review_name() -> str:
    """`review-2021-07-01`."""
    return f"review-{_given().get('date') or today()}"


def backfill_name() -> str:
    """`backfill-2021-07-01-to-2021-07-03`, with the provinces."""
    given = _given()
    return "-".join(["backfill", str(given["first"]), "to", str(given["last"]), *(given.get("provinces") or [])])


def _given() -> dict[str, Any]:
    return dict(flow_run.parameters or {})
