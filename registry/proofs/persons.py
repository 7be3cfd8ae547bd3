"""I2: what is known of each person follows from its forms alone."""

from collections.abc import Mapping
from pathlib import Path

import duckdb
import pyarrow as pa

from registry.allocation import allocated_persons
from registry.archived import archived_columns, read_archived
from registry.corrections import create_corrections
from registry.database import load_sql
from registry.fold import connect, fold_forms
from registry.persons import PERSON_COLUMNS, in_conflict
from registry.places import Gazetteer
from registry.proofs.breach import Proof

#: Forms that are folded at once: bounds the memory of the proof.
BUCKET_FORMS = 1_500_000

#: What may be wrong with corrections, in the order of `differing_corrections.sql`.
_CORRECTIONS = (
    "corrections that forms state are missing",
    "corrections are stated by no form of their person",
    "corrections are in conflict, or not, against what their persons' forms say",
)

_COMPARED = tuple(column for column in PERSON_COLUMNS if column != "person_id")


def prove_persons(
    proof: Proof, *, standards: Mapping[int, Path], trusts: pa.Table, gazetteer: Gazetteer, folder: Path
) -> None:
    """Proves aliases, ids, reviews, every column of `person`, and corrections in conflict.

    Args:
        proof: with the schemas `store` and `archive`.
        standards: load_no → its archived forms.
        trusts: table file_id, trust.
        gazetteer: of all states.
        folder: scratch, with `member.parquet`, `allocated.parquet`, `person.parquet` and `person_correction.parquet`.
    """
    for name in ("i2_aliases", "i2_ids"):
        proof.check(name)
    _create_open_persons(proof.local)
    proof.check_query("I2", load_sql("verify", "i2_members").replace("{in_conflict}", in_conflict("store.person")))
    forms = _count(proof.local, "SELECT count(*) FROM archive.member")
    buckets = max(1, -(-forms // BUCKET_FORMS))
    for bucket in range(buckets):
        of_bucket = f"hash(person_id) % {buckets} = {bucket}" if buckets > 1 else "true"
        if standards:
            _prove_fold(
                proof, standards=standards, trusts=trusts, gazetteer=gazetteer, folder=folder, of_bucket=of_bucket
            )


def _create_open_persons(local: duckdb.DuckDBPyConnection) -> None:
    """Creates `open_person`: of whom people must decide, as a load that had all forms would find it."""
    local.execute(load_sql("verify", "create_tie"))
    local.execute("CREATE TEMP VIEW placed AS FROM archive.member")
    local.execute(load_sql("link", "create_open_person"))


def _count(local: duckdb.DuckDBPyConnection, query: str) -> int:
    rows: list[tuple[int]] = local.execute(query).fetchall()
    return int(rows[0][0])


def _prove_fold(
    proof: Proof, *, standards: Mapping[int, Path], trusts: pa.Table, gazetteer: Gazetteer, folder: Path,
    of_bucket: str,
) -> None:  # fmt: skip
    """Folds the forms of some persons afresh and compares them with the table, column by column."""
    with connect(spill=str(folder)) as local:
        local.register("trusts", trusts)
        local.execute(
            f"CREATE TEMP TABLE member AS SELECT load_no, file_no, row_no, person_id, trust"
            f" FROM read_parquet('{folder}/member.parquet') JOIN trusts USING (file_id) WHERE {of_bucket}"
        )
        paths = [str(path) for path in standards.values()]
        local.register("loads", pa.table({"path": paths, "load_no": list(standards)}))
        local.execute(
            f"""
            CREATE TEMP VIEW accepted AS
            SELECT m.person_id, m.trust, {archived_columns("s")}
              FROM {read_archived(paths)} AS s
              JOIN loads USING (path)
              JOIN member AS m USING (load_no, file_no, row_no)
            """
        )
        numbers = f"read_parquet('{folder}/allocated.parquet')"
        local.execute(f"CREATE TEMP VIEW allocated AS {allocated_persons(numbers)} WHERE {of_bucket}")
        local.execute(f"CREATE TEMP VIEW folded AS {fold_forms(forms='accepted', persons='allocated')}")
        local.execute(f"CREATE TEMP VIEW stored AS FROM read_parquet('{folder}/person.parquet') WHERE {of_bucket}")
        counts = local.execute(_differences())
        for column, (count, *_) in zip(_COMPARED, zip(*counts.fetchall(), strict=True), strict=True):
            if count:
                proof.add("I2", f"person, column {column}", f"{count} persons differ from the fold of their forms")
        _prove_corrections(proof, local, gazetteer, folder=folder, of_bucket=of_bucket)


def _prove_corrections(
    proof: Proof, local: duckdb.DuckDBPyConnection, gazetteer: Gazetteer, *, folder: Path, of_bucket: str
) -> None:
    """Decides anew which corrections correct what does not stand there, and compares them with the table."""
    create_corrections(local, gazetteer, forms="accepted")
    stored = f"(FROM read_parquet('{folder}/person_correction.parquet') WHERE {of_bucket})"
    found = local.execute(load_sql("verify", "differing_corrections").format(stored=stored)).fetchall()[0]
    for count, what in zip(found, _CORRECTIONS, strict=True):
        if count:
            proof.add("I2", "person_correction", f"{count} {what}")


def _differences() -> str:
    counts = ", ".join(f"count(*) FILTER (WHERE f.{column} IS DISTINCT FROM p.{column})" for column in _COMPARED)
    return f"SELECT {counts} FROM folded AS f JOIN stored AS p USING (person_id)"
