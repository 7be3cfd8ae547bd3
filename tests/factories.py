"""Made-up forms with defaults; a test says only what it is about."""

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from registry.forms import FINDING_SCHEMA, STANDARD_SCHEMA
from registry.names import name_keys

DEFAULTS: dict[str, Any] = {
    "file_no": 0,
    "sender": "26050",
    "stated_on": dt.date(2021, 1, 15),
    "full_name": "NGUYỄN VĂN MẪU",
    "birth_date": "1980-05-17",
    "sex": "M",
}


def standard_form(**values: Any) -> dict[str, Any]:
    """A standardised form; its id follows from what is said of it, and so do the keys of its names."""
    form = {**DEFAULTS, **values}
    content = {key: value for key, value in sorted(form.items()) if key not in ("file_no", "row_no")}
    form.setdefault("form_id", hashlib.sha256(repr(content).encode()).hexdigest()[:32])
    form.setdefault("form_no", form["form_id"][:8])
    for name in ("full_name", "father_name", "mother_name"):
        if form.get(name):
            form.setdefault(f"{name}_key", name_keys(pa.array([form[name]], pa.large_string()))[0].as_py())
    return form


def standard_table(forms: Iterable[Mapping[str, Any]]) -> pa.Table:
    """The forms as a table of STANDARD_SCHEMA, rows numbered in their order."""
    rows = [{"row_no": number, **form} for number, form in enumerate(forms, 1)]
    columns = {field.name: [row.get(field.name) for row in rows] for field in STANDARD_SCHEMA}
    return pa.table(columns, schema=STANDARD_SCHEMA)


def write_load(folder: Path, forms: Iterable[Mapping[str, Any]], findings: Iterable[Mapping[str, Any]] = ()) -> None:
    """A load's `standard.parquet` and `findings.parquet`."""
    pq.write_table(standard_table(forms), folder / "standard.parquet")
    pq.write_table(pa.Table.from_pylist(list(findings), schema=FINDING_SCHEMA), folder / "findings.parquet")
