"""Who is who on a labelled table of others: the register's resolver with its own model, beside plain Splink.

`python -m benchmarks.linkage DATA --map MAP.yaml --truth COLUMN [--link-with SECOND_DATA] --json`. DATA is CSV or
Parquet; MAP.yaml names for each of our columns theirs (docs/measurements.md); rows that agree in COLUMN are one person.
With `--link-with` pairs inside one data set are not counted, and where the sets have hardly a double of their own a row
is tied to one row at most. The truth is looked at when all is decided, but for the peer: it is given the threshold that
serves it best.
"""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

import config
from benchmarks.labelled import as_forms, read_map, read_table, texts_of
from benchmarks.measure import measure
from benchmarks.plain_splink import best_f1
from registry.codes import CodeList
from registry.errors import UsageError
from registry.fold import connect
from registry.linkage.candidates import create_candidates
from registry.linkage.clusters import MEMBER_SCHEMA, PAIR_SCHEMA, cluster_forms
from registry.linkage.constraints import create_members
from registry.linkage.evidence import create_evidence, create_places
from registry.linkage.model import LinkageModel
from registry.linkage.scores import score_candidates
from registry.linkage.stored import StoredEvidence
from registry.places import Gazetteer

CONFIG = Path(config.__file__).parent
MEMORY = "8GB"
#: A linked data set of which fewer rows in a hundred match another of its own has everybody once.
_MOST_DOUBLES = 0.01


@dataclass(frozen=True)
class Counted:
    """How a partition, or a list of pairs, agrees with the truth."""

    true_pairs: int
    precision: float
    recall: float
    f1: float

    @classmethod
    def of(cls, *, true: int, said: int, right: int) -> "Counted":
        """From numbers of pairs: true ones, those said, and those said that are true."""
        return cls(true, right / said if said else 1.0, right / true if true else 1.0, 2 * right / ((true + said) or 1))


def pairs_within(groups: Sequence[object], data_set: Sequence[int], *, linked: bool) -> int:
    """Counts the pairs of rows of one group; when `linked`, only those between two data sets."""
    counted = pd.DataFrame({"group": groups, "set": data_set}).dropna()
    pairs = _pairs(counted.groupby("group").size())
    return pairs - _pairs(counted.groupby(["group", "set"]).size()) if linked else pairs


def _pairs(sizes: pd.Series) -> int:
    return int((sizes * (sizes - 1) // 2).sum())


def resolve(forms: pa.Table, *, linked: bool) -> NDArray[np.int64]:
    """Resolves forms as the night does, told nothing about them but their number; returns a label a form."""
    model = LinkageModel.load(CONFIG / "linkage").with_population(_population(forms, linked=linked))
    connection = connect(memory=MEMORY)
    connection.register("given", forms)
    create_places(connection, Gazetteer.open(CONFIG / "places"))
    create_evidence(connection, forms="given", model=model)
    _count_namesakes(connection)
    create_candidates(connection, known=StoredEvidence([]), largest_block=model.largest_block)
    score_candidates(connection, model)
    # such a table is no household register: two of its rows at one address may be one person
    create_members(connection, books={})
    if linked and _part_sets(connection, match_weight=model.match_weight):
        # rivals, not a threshold, keep wrong rows out; and nobody is asked about the doubtful ones
        return _clustered(connection, forms, match_weight=model.review_weight)
    return _clustered(connection, forms, match_weight=model.match_weight)


def _population(forms: pa.Table, *, linked: bool) -> int:
    """How many persons the forms may be of; each of two linked data sets has every person once."""
    file_nos = forms["file_no"].to_pylist()
    return max(map(file_nos.count, set(file_nos))) if linked else len(file_nos)


def _count_namesakes(connection: duckdb.DuckDBPyConnection) -> None:
    """Takes a name for as common as its words are in the table, as the model does with the words of its own nation.

    Any other name would be rare to the model, and all its bearers one person.
    """
    connection.execute(
        """
        UPDATE evidence SET tf_name_key = greatest(tf_name_key, chance)
          FROM (WITH word AS (
                    SELECT name_key, forms, unnest(string_split(name_key, ' ')) AS word
                      FROM (SELECT name_key, count(*) AS forms FROM evidence GROUP BY name_key)
                ), shared AS (
                    SELECT word, sum(forms) / (SELECT count(name_key) FROM evidence) AS share FROM word GROUP BY word
                )
                SELECT name_key AS counted, exp(sum(ln(share))) AS chance FROM word JOIN shared USING (word)
                 GROUP BY name_key) AS name
         WHERE name_key = counted
        """
    )


def _part_sets(connection: duckdb.DuckDBPyConnection, *, match_weight: float) -> bool:
    """Drops the scored pairs inside each data set, and says whether few enough of them match.

    Then each set has everybody once, and its rows are kept apart, as the members of one household are.
    """
    inner = connection.execute(
        "DELETE FROM scored USING node AS a, node AS b"
        " WHERE a.node = l AND b.node = r AND a.file_no = b.file_no RETURNING weight"
    ).fetchnumpy()["weight"]
    rows = connection.execute("SELECT count(*) FROM member").fetchall()[0][0]
    if np.count_nonzero(inner >= match_weight) > _MOST_DOUBLES * rows:
        return False
    connection.execute("UPDATE member SET register = file_no, member = row_no")
    return True


def _clustered(connection: duckdb.DuckDBPyConnection, forms: pa.Table, *, match_weight: float) -> NDArray[np.int64]:
    connection.execute(
        "CREATE TEMP TABLE spot AS SELECT node, row_number() OVER (ORDER BY form_id) - 1 AS spot FROM compared"
    )
    facts = f"SELECT {', '.join(MEMBER_SCHEMA.names)} FROM member ORDER BY form_id"
    members = connection.execute(facts).to_arrow_table().cast(MEMBER_SCHEMA)
    pairs = connection.execute(
        "SELECT a.spot AS a, b.spot AS b, weight, NULL::VARCHAR AS verdict FROM scored"
        " JOIN spot AS a ON a.node = l JOIN spot AS b ON b.node = r"
    ).to_arrow_table()
    labels = cluster_forms(members, pairs.cast(PAIR_SCHEMA), match_weight=match_weight)
    place = {form_id: spot for spot, form_id in enumerate(members["form_id"].to_pylist())}
    return labels[[place[form_id] for form_id in forms["form_id"].to_pylist()]]


def measure_dancu(forms: pa.Table, truth: Sequence[str | None], *, linked: bool) -> dict[str, float]:
    """Resolves and counts."""
    start = time.monotonic()
    labels = resolve(forms, linked=linked)
    seconds = time.monotonic() - start
    sets = forms["file_no"].to_pylist()
    true = pairs_within(truth, sets, linked=linked)
    said = pairs_within(labels.tolist(), sets, linked=linked)
    both = [None if person is None else (person, label) for person, label in zip(truth, labels.tolist(), strict=True)]
    counted = Counted.of(true=true, said=said, right=pairs_within(both, sets, linked=linked))
    return {"rows": len(forms), "seconds": seconds, **vars(counted)}


def _measured(side: str, arguments: Sequence[str]) -> dict[str, float]:
    """One side in a process of its own, so that its memory is its own."""
    measured = measure([sys.executable, "-m", "benchmarks.linkage", *arguments, "--side", side], {})
    return {**measured.output, "peak_mb": round(measured.peak_mb, 1)}


def _both(arguments: Sequence[str]) -> dict[str, object]:
    ours, peer = _measured("dancu", arguments), _measured("peer", arguments)
    told = {f"peer_{name}": value for name, value in peer.items() if name not in ("rows", "true_pairs")}
    ratio = ours["seconds"] / peer["seconds"]
    return {**ours, "peer": "Splink alone, plain settings, at its best threshold", **told, "ratio_to_peer": ratio}


def _one(side: str, options: argparse.Namespace) -> dict[str, float]:
    sources = read_map(options.map)
    tables = [read_table(path) for path in (options.data, options.link_with) if path]
    truth = [person for table in tables for person in texts_of(table, [options.truth]).to_pylist()]
    linked = options.link_with is not None
    if side == "peer":
        return best_f1(tables, sources, truth, linked=linked)
    forms = as_forms(tables, sources, sexes=CodeList.load(CONFIG / "reference" / "sex.csv"))
    return measure_dancu(forms, truth, linked=linked)


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs both and prints what was measured."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("data", type=Path, metavar="DATA")
    options.add_argument("--map", type=Path, required=True)
    options.add_argument("--truth", required=True, metavar="COLUMN")
    options.add_argument("--link-with", type=Path, metavar="SECOND_DATA")
    options.add_argument("--json", action="store_true", help="the last line is one JSON object")
    options.add_argument("--side", choices=("dancu", "peer"), help=argparse.SUPPRESS)
    given = list(sys.argv[1:] if arguments is None else arguments)
    chosen = options.parse_args(given)
    try:
        result = _one(chosen.side, chosen) if chosen.side else _both(given)
    except UsageError as wrong:
        raise SystemExit(str(wrong)) from None
    if chosen.json or chosen.side:
        print(json.dumps(result))
        return
    print(*(f"{name}: {value}" for name, value in result.items()), sep="\n")


if __name__ == "__main__":
    main()
