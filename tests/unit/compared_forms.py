"""Forms as the linkage sees them: a few columns of each, through evidence, candidates and scores."""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import duckdb
import pyarrow as pa

import config
from registry.fold import connect
from registry.forms import STANDARD_SCHEMA
from registry.linkage.candidates import create_candidates
from registry.linkage.evidence import COMPARED, create_evidence
from registry.linkage.model import LinkageModel
from registry.linkage.scores import predicted
from registry.linkage.stored import StoredEvidence
from registry.names import legal_names, name_keys

COMMUNE, OTHER_COMMUNE = "25993", "26017"
Form = Mapping[str, str | None]


@cache
def model() -> LinkageModel:
    return LinkageModel.load(Path(config.__file__).parent / "linkage")


def person(**changes: str | None) -> dict[str, str | None]:
    """A made-up person's form; in it what is changed."""
    stated: dict[str, str | None] = {
        "full_name": "NGUYỄN VĂN HÙNG",
        "birth_date": "1990-02-13",
        "sex": "M",
        "pid": "075090001234",
        "father_name": "NGUYỄN VĂN CƯỜNG",
        "mother_name": "TRẦN THỊ LAN",
        "origin_place": COMMUNE,
        "birth_registration_place": COMMUNE,
        "permanent_place": COMMUNE,
        "permanent_address": "Số 12, tổ 3, khu phố 4",
    }
    return stated | changes


def standard(forms: Sequence[Form]) -> pa.Table:
    """The forms as rows of `STANDARD_SCHEMA`, their names with keys, all else null."""
    rows = [
        {"file_no": 0, "row_no": place, "form_id": f"{place:032x}", **form, **_keys(form)}
        for place, form in enumerate(forms)
    ]
    return pa.Table.from_pylist(rows, schema=STANDARD_SCHEMA)


def _keys(form: Form) -> dict[str, str | None]:
    columns = [column for column in ("full_name", "father_name", "mother_name") if form.get(column)]
    names = legal_names(pa.array([form[column] for column in columns], pa.large_string()))
    return {f"{column}_key": key for column, key in zip(columns, name_keys(names).to_pylist(), strict=True)}


def evidence_of(forms: Sequence[Form], *, population: float | None = None) -> duckdb.DuckDBPyConnection:
    """A connection with the table `evidence` of the forms."""
    connection = connect()
    connection.execute("CREATE TEMP TABLE place_today (code VARCHAR, valid_from DATE, today VARCHAR)")
    connection.register("given", standard(forms))
    create_evidence(connection, forms="given", model=model().with_population(population or model().population))
    return connection


def candidates_of(
    forms: Sequence[Form], *, population: float | None = None, largest_block: int = 300
) -> duckdb.DuckDBPyConnection:
    """A connection with the candidates among the forms."""
    connection = evidence_of(forms, population=population)
    create_candidates(connection, known=StoredEvidence([]), largest_block=largest_block)
    return connection


def every_pair_of(forms: Sequence[Form]) -> duckdb.DuckDBPyConnection:
    """A connection in which every two of the forms are candidates, whatever keys they have; a node is a row number."""
    connection = evidence_of(forms)
    connection.execute(
        f"CREATE TEMP TABLE compared AS SELECT row_no AS node, true AS incoming, row_no, form_id, {', '.join(COMPARED)}"
        " FROM evidence"
    )
    connection.execute(
        "CREATE TEMP TABLE candidate AS SELECT a.node AS l, b.node AS r, 0 AS keys"
        " FROM compared AS a JOIN compared AS b ON a.node < b.node"
    )
    return connection


def weights(forms: Sequence[Form]) -> dict[tuple[int, int], float]:
    """What every two of the forms weigh, by their places."""
    connection = every_pair_of(forms)
    with predicted(connection, model()) as pairs:
        found = connection.execute(f"SELECT node_l, node_r, match_weight FROM {pairs}").fetchall()
    return {(left, right): weight for left, right, weight in found}


def weight(one: Form, other: Form) -> float:
    """What a pair of forms weighs."""
    return weights([one, other])[0, 1]
