"""Draw: the strongest ties of a person as a picture for a browser."""

import itertools
import uuid
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from sqlalchemy import Connection

from registry.errors import UsageError
from registry.extracts import whole_file
from registry.linkage.evidence import EVIDENCE_SCHEMA, read_every_evidence
from registry.linkage.waterfall import Drawn, draw_waterfall
from tasks.persons import seek_forms
from tasks.platform import Platform
from tasks.resolve import allocated_numbers

#: Most pairs in a picture.
MOST_TIES = 20

#: Whose the forms are does not matter here.
_NOBODY = str(uuid.UUID(int=0))


def draw_ties(place: Platform, dossier: Mapping[str, Any], out: Path) -> dict[str, Any]:
    """Draws the strongest ties between a person's forms, then the pairs with others that wait for people.

    Args:
        place: the installation.
        dossier: see `tasks.look.look_at`.
        out: HTML file, for its owner alone.

    Returns:
        `file`, and `ties`, how many are drawn.

    Raises:
        UsageError: the person has no pair of forms, or `out` can not be written.
    """
    pairs = list(itertools.islice(_pairs(dossier), MOST_TIES))
    if not pairs:
        raise UsageError("there is nothing to draw: the model weighed no pair of this person's forms")
    with duckdb.connect() as local:
        with place.engine.begin() as store:
            _read_evidence(place, store, local, pairs)
            given = allocated_numbers(store, local)
        page = draw_waterfall(local, pairs, place.linkage_model, given=given)
    with whole_file(out) as file:
        file.write(page.encode())
    return {"file": str(out), "ties": len(pairs)}


def _pairs(dossier: Mapping[str, Any]) -> Iterator[Drawn]:
    """The pairs that the model weighed: those that tie, the heaviest first, then those that wait."""
    waiting = (tie for rival in dossier["rivals"] for tie in rival["pairs"])
    for what, ties in (("ties", dossier["ties"]), ("waits for people", waiting)):
        for tie in ties:
            if tie["weight"] is not None:
                one, other = tie["forms"]
                forms = f"{one['sender']} {one['form_no']} and {other['sender']} {other['form_no']}"
                title = f"{forms}: weight {tie['weight']:+.2f}, {what}"
                yield Drawn(one["form_id"], other["form_id"], tie["weight"], title)


def _read_evidence(
    place: Platform, store: Connection, local: duckdb.DuckDBPyConnection, pairs: Sequence[Drawn]
) -> None:
    """Creates `evidence` of the forms in DuckDB."""
    forms = sorted({form for pair in pairs for form in (pair.form_a, pair.form_b)})
    seek_forms(store, local, pa.table({"form_id": forms, "person_id": [_NOBODY] * len(forms)}))
    loads = [row[0] for row in local.execute("SELECT DISTINCT load_id FROM sought_form").fetchall()]
    files = dict(zip(loads, place.evidence_files(loads), strict=True))
    local.register("every_evidence", read_every_evidence(files, load="load_id"))
    local.execute(
        f"CREATE TEMP TABLE evidence AS SELECT {', '.join(f'e.{column}' for column in EVIDENCE_SCHEMA.names)}"
        " FROM every_evidence AS e JOIN sought_form AS s USING (load_id, file_no, row_no)"
    )
