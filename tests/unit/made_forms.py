"""Standard forms for tests: one that no rule finds fault with, and what is changed in it."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from registry.forms import COLUMNS, PLACES, STANDARD_SCHEMA

NIGHT = date(2021, 6, 30)
COMMUNE = "25993"  # a ward of Biên Hòa, province 75, in the state of 2021


def good_form(n: int) -> dict[str, Any]:
    """A form that satisfies every rule; made-up person number `n`, alone in a household of a sender."""
    values = {
        "form_no": f"75-{n:06}",
        "form_edition": "104/2020",
        "declared_on": date(2021, 5, 1),
        "full_name": "NGUYỄN VĂN MẪU",
        "birth_date": "1990-02-03",
        "sex": "M",
        "marital_status": "SINGLE",
        "ethnicity": "01",
        "religion": "00",
        "nationality": "VN",
        "birth_registration_place": COMMUNE,
        "origin_place": COMMUNE,
        "permanent_place": COMMUNE,
        "pid": f"075090{n:06}",
        "father_name": "NGUYỄN VĂN CHA",
        "mother_name": "TRẦN THỊ MẸ",
        "household_no": f"H{n:06}",
        "head_name": "NGUYỄN VĂN MẪU",
        "relation_to_head": "HEAD",
    }
    return {
        **values,
        **{f"{column}_raw": str(value) for column, value in values.items()},
        **{f"{place}_from": date(2021, 11, 15) for place in PLACES},
        "sender": f"{n:05}",
        "form_id": f"{n:032x}",
        "stated_on": date(2021, 5, 1),
        "full_name_key": "NGUYEN VAN MAU",
    }


def changed(form: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """The form with other values; a changed column's raw cell follows it unless it is changed too."""
    made = dict(form)
    for column, value in changes.items():
        made[column] = value
        if column in COLUMNS:
            made[f"{column}_raw"] = None if value is None else str(value)
    return {**made, **{name: value for name, value in changes.items() if name.endswith("_raw")}}


def write_standard(folder: Path, forms: Sequence[Mapping[str, Any]], *, files: Sequence[int] | None = None) -> Path:
    """Writes `standard.parquet`: all forms in file 0, or each in its file."""
    numbers = files or [0] * len(forms)
    seen: dict[int, int] = {}
    rows = []
    for form, file_no in zip(forms, numbers, strict=True):
        seen[file_no] = seen.get(file_no, 0) + 1
        rows.append({**form, "file_no": file_no, "row_no": seen[file_no]})
    columns = [pa.array([row.get(field.name) for row in rows], field.type) for field in STANDARD_SCHEMA]
    path = folder / "standard.parquet"
    pq.write_table(pa.table(columns, schema=STANDARD_SCHEMA), path)
    return path
