"""I2: who is who follows from the accepted forms, the model and what reviewers said, and from nothing else."""

from collections.abc import Mapping
from pathlib import Path

import duckdb
import pyarrow as pa

from registry.database import load_sql
from registry.fold import connect
from registry.linkage.allocated import ALLOCATED_SCHEMA, add_allocated
from registry.linkage.candidates import create_candidates
from registry.linkage.clusters import MEMBER_SCHEMA, PAIR_SCHEMA, cluster_forms
from registry.linkage.constraints import create_bound, create_members
from registry.linkage.evidence import create_evidence, create_places, read_every_evidence, read_evidence, write_evidence
from registry.linkage.model import LinkageModel
from registry.linkage.scores import score_candidates
from registry.linkage.stored import StoredEvidence
from registry.places import Gazetteer
from registry.proofs.breach import Proof

MEMORY = "6GB"


def write_fresh_evidence(standard: Path, forms: Path, to: Path, *, model: LinkageModel, gazetteer: Gazetteer) -> None:
    """Makes the evidence of a load's accepted forms anew.

    Args:
        standard: the load's archived forms.
        forms: Parquet of `registry.proofs.archive.ROW_SCHEMA`, the load's rows.
        to: file of evidence.
        model: the linkage model.
        gazetteer: of all states.
    """
    with connect(spill=str(to.parent)) as local:
        local.execute(
            f"CREATE TEMP VIEW accepted AS FROM read_parquet('{standard}')"
            f" SEMI JOIN (FROM read_parquet('{forms}') WHERE is_first) USING (file_no, row_no)"
        )
        create_places(local, gazetteer)
        create_evidence(local, forms="accepted", model=model)
        write_evidence(local, to)


def differing_evidence(local: duckdb.DuckDBPyConnection, *, fresh: Path, archived: Path) -> int:
    """How many rows two files of evidence do not have alike; their order does not matter.

    Raises:
        pa.ArrowException: the archived file is none, or not whole.
    """
    for side, file in (("fresh", fresh), ("archived", archived)):
        table = read_evidence(file)
        table.validate(full=True)
        local.register(f"{side}_evidence", table)
    try:
        return int(local.execute(load_sql("verify", "differing_evidence")).fetchall()[0][0])
    finally:
        for side in ("fresh", "archived"):
            local.unregister(f"{side}_evidence")


def prove_linkage(proof: Proof, *, evidence: Mapping[int, Path], model: LinkageModel, folder: Path) -> None:
    """Looks for all pairs anew, weighs them, puts the forms together, and compares pairs and persons with the store's.

    Args:
        proof: with the schemas `store` and `archive`.
        evidence: load_no → evidence of its accepted forms, as it was made anew.
        model: the linkage model.
        folder: scratch, with `member.parquet`, `pair.parquet` and `holding_verdict.parquet`.
    """
    if not evidence:
        return
    with connect(memory=MEMORY, spill=str(folder)) as local:
        for table in ("member", "pair", "holding_verdict", "file", "allocated"):
            local.execute(f"CREATE VIEW stored_{table} AS FROM read_parquet('{folder / table}.parquet')")
        _create_pairs(local, evidence, model)
        missing, strange, other = local.execute(load_sql("verify", "differing_pairs")).fetchall()[0]
        for count, what in (
            (missing, "pairs of forms that the model finds are missing"),
            (strange, "pairs of forms are not what the model finds"),
            (other, "pairs weigh other than the model says"),
        ):
            if count:
                proof.add("I2", "pair", f"{count} {what}")
        proof.counts["pairs"] = int(local.execute("SELECT count(*) FROM stored_pair").fetchall()[0][0])
        _prove_partition(proof, local, model)


def _create_pairs(local: duckdb.DuckDBPyConnection, evidence: Mapping[int, Path], model: LinkageModel) -> None:
    """Creates `pair` of all accepted forms, and `left_out`."""
    local.register("every_evidence", read_every_evidence(evidence, load="load_no"))
    # A form that was sent again has evidence in several loads: that of its first row counts. Files of different loads
    # bear one number, so here they bear that of the ledger.
    local.execute(
        """
        CREATE TEMP TABLE evidence AS
        SELECT e.* EXCLUDE (load_no, file_no), m.file_id::INTEGER AS file_no
          FROM every_evidence AS e JOIN stored_member AS m USING (load_no, file_no, row_no)
        """
    )
    local.unregister("every_evidence")
    create_candidates(local, known=StoredEvidence([]), largest_block=model.largest_block)
    given = local.execute(
        "SELECT number, replace(own_id, '-', '')[9:] AS founder FROM stored_allocated"
    ).to_arrow_table()
    add_allocated(local, given.cast(ALLOCATED_SCHEMA), known=StoredEvidence([]))
    score_candidates(local, model)
    books = dict(local.execute("SELECT file_id, sha256 FROM stored_file WHERE sha256 IS NOT NULL").fetchall())
    create_bound(local)
    create_members(local, books=books)
    weights = {"review_weight": model.review_weight, "match_weight": model.match_weight}
    local.execute(load_sql("link", "create_pair").format(**weights))


def _prove_partition(proof: Proof, local: duckdb.DuckDBPyConnection, model: LinkageModel) -> None:
    """Forms of one person hold together by the store's pairs, and forms that hold together are of one person."""
    wrong = local.execute(load_sql("verify", "differing_constraints")).fetchall()[0][0]
    if wrong:
        proof.add("I2", "judgement", f"{wrong} forms state other numbers or registers than their judgements say")
    local.execute(load_sql("verify", "create_numbered"))
    members = local.execute(f"SELECT {', '.join(MEMBER_SCHEMA.names)} FROM numbered ORDER BY spot").to_arrow_table()
    pairs = local.execute(load_sql("verify", "numbered_pairs")).to_arrow_table()
    labels = cluster_forms(members.cast(MEMBER_SCHEMA), pairs.cast(PAIR_SCHEMA), match_weight=model.match_weight)
    local.register("label_table", pa.table({"spot": pa.array(range(len(labels))), "label": labels}))
    parted, tied = local.execute(load_sql("verify", "differing_persons")).fetchall()[0]
    if parted:
        proof.add("I2", "judgement", f"{parted} persons have forms that are not one person")
    if tied:
        proof.add("I2", "judgement", f"{tied} times forms of one person are those of several")
