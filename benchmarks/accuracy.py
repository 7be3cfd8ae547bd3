"""How right a night's decisions are on made-up registers, alone and with reviewers who answer every case by the truth.

`python -m benchmarks.accuracy --forms 200000 --clean-share 0.9 --json`. A pair is two accepted forms of one person:
precision is the share of the pairs made that are true, recall the share of the true pairs that are made. The reviewers
are two, since some cases need two; they answer the workbooks of `dancu review export` and send them through
`dancu review apply`, and again, until nothing is left that they have not answered.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
from openpyxl import load_workbook

from benchmarks.measure import measure, show

_DANCU = str(Path(sys.executable).with_name("dancu"))
NIGHT = "2021-06-30"
PROVINCE = "75"
MOST_CASES = 100_000


def run(folder: Path, *, forms: int, clean_share: float, seed: int) -> dict[str, Any]:
    """Generates, runs the night, measures, has the cases answered, and measures again."""
    environment = {**os.environ, "DANCU_HOME": str(folder / "home")}
    made = folder / "made"
    _dancu(
        [
            "generate",
            "--out",
            made,
            "--forms",
            forms,
            "--province",
            PROVINCE,
            "--seed",
            seed,
            "--clean-share",
            clean_share,
        ],
        environment,
    )
    _dancu(["put", made], environment)
    night = measure([_DANCU, "nightly", "--date", NIGHT, "--json"], environment)
    rows = night.output["rows"]
    accepted = rows["new"] + rows["matched"] + rows["review"]
    with duckdb.connect() as local:
        alone = _pairs(local, folder, environment)
        answered = _review(local, folder, environment)
        reviewed = _pairs(local, folder, environment)
    return {
        "rows": forms,
        "clean_share": clean_share,
        "seconds": round(night.seconds, 1),
        "peak_mb": round(night.peak_mb),
        "accepted": accepted,
        **alone,
        "share_review": round(rows["review"] / accepted, 6),
        **answered,
        **{f"reviewed_{name}": value for name, value in reviewed.items() if name != "true_pairs"},
    }


def _dancu(arguments: list[Any], environment: Mapping[str, str]) -> None:
    command = [_DANCU, *map(str, arguments)]
    subprocess.run(command, env=dict(environment), check=True, stdout=subprocess.DEVNULL)


def _pairs(local: duckdb.DuckDBPyConnection, folder: Path, environment: Mapping[str, str]) -> dict[str, Any]:
    """Creates `known`, the accepted forms with their person and their true one, and counts pairs."""
    _dancu(["links", "--out", folder / "links.csv"], environment)
    local.execute(
        f"""
        CREATE OR REPLACE TABLE known AS
        SELECT l.person_id, t.person_key
          FROM read_csv('{folder}/links.csv', all_varchar = true) AS l
          JOIN read_csv('{folder}/made/truth.csv', all_varchar = true) AS t USING (sender, form_no)
         WHERE l.outcome IN ('new', 'matched', 'review')
        """
    )
    said, true, right = (
        int(
            local.execute(
                f"SELECT sum(n * (n - 1) // 2) FROM (SELECT count(*) AS n FROM known GROUP BY {by})"
            ).fetchall()[0][0]
        )
        for by in ("person_id", "person_key", "person_id, person_key")
    )
    return {"true_pairs": true, "precision": round(right / said, 6), "recall": round(right / true, 6)}


def _review(local: duckdb.DuckDBPyConnection, folder: Path, environment: Mapping[str, str]) -> dict[str, int]:
    """Two reviewers answer until no case is left, or none that they have not answered; how often, and how many."""
    cases, rounds, before = 0, 0, set[str]()
    while True:
        book = folder / f"cases-{rounds}.xlsx"
        command = [_DANCU, "review", "export", "--locality", PROVINCE, "--most", str(MOST_CASES)]
        _dancu([*command[1:], "--out", book], environment)
        open_cases = _answer(book, _keys(local))
        if not open_cases - before:
            return {"cases": cases, "rounds": rounds, "cases_left": len(open_cases)}
        for reviewer in ("A", "B"):
            _dancu(["review", "apply", book, "--reviewer", reviewer, "--date", NIGHT], environment)
        cases, rounds, before = cases + len(open_cases - before), rounds + 1, before | open_cases
        _pairs(local, folder, environment)


def _keys(local: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Whose person's forms are in truth, most of them."""
    return dict(local.execute("SELECT person_id, mode(person_key) FROM known GROUP BY person_id").fetchall())


def _answer(book: Path, keys: Mapping[str, str]) -> set[str]:
    """Answers every case of a workbook by the truth; returns what each case is and was when it was seen."""
    workbook = load_workbook(book)
    sheet = workbook.worksheets[0]
    heads = {cell.value: cell.column - 1 for cell in sheet[1]}
    seen = set()
    for row in sheet.iter_rows(min_row=2):
        if persons := row[heads["dancu_persons"]].value:
            one, other = str(persons).split()
            row[heads["Kết luận / Verdict"]].value = "same" if keys[one] == keys[other] else "never"
            seen.add(str(row[heads["dancu_fingerprint"]].value))
    workbook.save(book)
    return seen


def main() -> None:
    """Runs it and prints what was measured."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--forms", type=int, default=200_000)
    options.add_argument("--clean-share", type=float, default=0.9)
    options.add_argument("--seed", type=int, default=5)
    options.add_argument("--json", action="store_true", help="the last line is one JSON object")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        result = run(Path(scratch), forms=chosen.forms, clean_share=chosen.clean_share, seed=chosen.seed)
    show(result, as_json=chosen.json)


if __name__ == "__main__":
    main()
