"""Take truth: what somebody who knows has said of who is who, by which the decisions are measured."""

import datetime as dt
import tempfile
from pathlib import Path

import duckdb
import pyarrow as pa
from sqlalchemy import Connection, text

from registry.bulk import copy_in
from registry.database import load_sql
from registry.linkage.labels import LABEL_SCHEMA
from registry.objects import ChangedWhileRead, ObjectInfo, is_partial_name
from tasks.platform import Platform, platform
from tasks.verb import verb

#: Beside the folder there may be the one file that `dancu generate` writes.
LANDING, LANDED_FILE, ARCHIVE = "landing/truth/", "landing/truth.csv", "archive/truth/"


@verb
def take_truth(date: dt.date) -> dict[str, int]:  # noqa: ARG001 - its run is called by the night
    """Takes landed labels in; returns how many files and labels were taken, and how many files were left lying."""
    return take_labels(platform())


def take_labels(place: Platform) -> dict[str, int]:
    """Takes every file of labels into the store and the archive, and out of landing; may be run again at any time.

    A file that is still being written, or that is no table with the columns of `LABEL_SCHEMA`, stays where it lies:
    labels decide nothing, so the night goes on without it. Of two labels of one form the later one holds.

    Returns:
        `files`, `labels`, `left_lying`.
    """
    counts = {"files": 0, "labels": 0, "left_lying": 0}
    for info in _landed(place):
        labels = _take(place, info)
        if labels is None:
            counts["left_lying"] += 1
        else:
            counts["files"] += 1
            counts["labels"] += labels
    return counts


def _landed(place: Platform) -> list[ObjectInfo]:
    found = place.objects.list(LANDING.removesuffix("/"))
    return [info for info in found if info.key == LANDED_FILE or info.key.startswith(LANDING)]


def _take(place: Platform, info: ObjectInfo) -> int | None:
    """Takes one file; the number of its labels, or None when it stays."""
    if is_partial_name(info.key.rpartition("/")[2]) or place.objects.being_written(info.key):
        return None
    place.settings.scratch.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(prefix="truth-", dir=place.settings.scratch) as folder:
        copy = Path(folder, "labels.csv")
        try:
            fetched = place.objects.fetch(info.key, copy, expect=info)
            labels = _read(copy)
        except (ChangedWhileRead, duckdb.Error):
            return None
        place.objects.put(f"{ARCHIVE}{fetched.sha256}", copy)
    with place.engine.begin() as store:
        _write(store, labels)
    place.objects.delete(info.key)
    return int(labels.num_rows)


def _read(path: Path) -> pa.Table:
    """The labels of a file, one a form.

    Raises:
        duckdb.Error: it is no such table.
    """
    with duckdb.connect() as connection:
        found = connection.execute(
            "SELECT sender, form_no, any_value(person_key) AS person_key"
            f" FROM read_csv('{path}', all_varchar = true, header = true, delim = ',', quote = '\"')"
            " WHERE sender IS NOT NULL AND form_no IS NOT NULL AND person_key IS NOT NULL GROUP BY sender, form_no"
        )
        return found.to_arrow_table().cast(LABEL_SCHEMA)


def _write(store: Connection, labels: pa.Table) -> None:
    store.exec_driver_sql("CREATE TEMP TABLE told (LIKE truth_label) ON COMMIT DROP")
    copy_in(store, "told", LABEL_SCHEMA.names, labels)
    store.exec_driver_sql("ANALYZE told")
    store.exec_driver_sql(load_sql("truth", "merge_labels"))
    store.execute(text(load_sql("truth", "label_forms").format(labels="told", files="f.load_no IS NOT NULL")))
