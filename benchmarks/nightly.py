"""The whole nightly run beside its floor and its peer: the same rows, the same server, one run.

    python -m benchmarks.nightly [--forms 1000000] [--persons 1000000] [--json]

A store that holds `--persons` persons takes `--forms` forms: half of them new declarations of persons that it
knows (they moved), half of persons that it does not. See `benchmarks.plain` for the floor and the peer.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import click
import duckdb

from benchmarks.measure import Measured, measure
from registry.forms import COLUMNS

_DANCU = str(Path(sys.executable).with_name("dancu"))

#: Forms for a person, in the generated registers, are a little more than one.
_FORMS_A_PERSON = 1.045


def _read(registers: Path) -> str:
    columns = ", ".join(f"'{column}': 'VARCHAR'" for column in COLUMNS)
    return (
        f"read_csv('{registers}/registers/*/*.csv', columns={{{columns}}}, header=true, ignore_errors=true, "
        "filename=true, strict_mode=false)"
    )


def _dancu(arguments: list[str], environment: dict[str, str]) -> None:
    subprocess.run([_DANCU, *arguments], env=environment, check=True, stdout=subprocess.DEVNULL)


def _with_keys(registers: Path, out: Path) -> None:
    """Readable rows of generated registers with the person that the truth gives them."""
    columns = ", ".join(f"r.{column}" for column in COLUMNS)
    with duckdb.connect() as local:
        local.execute(
            f"""
            COPY (SELECT t.person_key, {columns} FROM {_read(registers)} AS r
                    JOIN (SELECT DISTINCT form_no, person_key
                            FROM read_csv('{registers}/truth.csv', all_varchar=true)) AS t
                   USING (form_no)) TO '{out}' (HEADER)
            """
        )


def _registers(folder: Path, forms: int, persons: int, environment: dict[str, str]) -> dict[str, Path]:
    """Base and night registers, and the same rows with their person for the floor and the peer."""
    base, night, fresh = folder / "base", folder / "night", folder / "fresh"
    half = forms // 2
    _dancu(["generate", "--out", str(base), "--forms", str(int(persons * _FORMS_A_PERSON)), "--seed", "1"], environment)
    _dancu(
        ["generate", "--out", str(fresh), "--forms", str(forms - half), "--seed", "1", "--province", "74"], environment
    )
    shutil.copytree(fresh / "registers", night / "registers")
    moved = night / "registers" / "75"
    moved.mkdir()
    names = ", ".join(COLUMNS)
    changed = (
        "'M' || form_no AS form_no, '01/07/2021' AS declared_on, 'Số 1, ' || permanent_address AS permanent_address"
    )
    with duckdb.connect() as local:
        local.execute(
            f"COPY (SELECT {names} FROM (SELECT * REPLACE ({changed}) FROM {_read(base)}) LIMIT {half})"
            f" TO '{moved}/moved.csv' (HEADER)"
        )
    _with_keys(base, folder / "base.csv")
    _with_keys(fresh, folder / "fresh.csv")
    with duckdb.connect() as local:
        truth = (
            "(SELECT DISTINCT 'M' || form_no AS form_no, person_key"
            f" FROM read_csv('{base}/truth.csv', all_varchar=true))"
        )
        local.execute(
            f"COPY (SELECT t.person_key, {', '.join(f'r.{c}' for c in COLUMNS)}"
            f" FROM read_csv('{moved}/moved.csv', all_varchar=true) AS r JOIN {truth} AS t USING (form_no)"
            f" UNION ALL FROM read_csv('{folder}/fresh.csv', all_varchar=true)) TO '{folder}/night.csv' (HEADER)"
        )
    return {"base": base, "night": night, "base_rows": folder / "base.csv", "night_rows": folder / "night.csv"}


def _plain(which: str, step: str, path: Path, environment: dict[str, str]) -> Measured:
    return measure([sys.executable, "-m", "benchmarks.plain", which, step, str(path)], environment)


@click.command()
@click.option("--forms", default=1_000_000, show_default=True, help="Forms of the night.")
@click.option("--persons", default=1_000_000, show_default=True, help="Persons that the store holds before it.")
@click.option("--peer/--no-peer", default=True, help="Run the plain script too.")
@click.option("--json", "as_json", is_flag=True, help="Print only one JSON object.")
def main(forms: int, persons: int, peer: bool, as_json: bool) -> None:
    """The whole nightly run beside a bare COPY + MERGE and beside the plain script."""
    with tempfile.TemporaryDirectory(prefix="dancu-bench-") as name:
        folder = Path(name)
        environment = {**os.environ, "DANCU_HOME": str(folder / "home")}
        paths = _registers(folder, forms, persons, environment)
        _dancu(["put", str(paths["base"])], environment)
        _dancu(["nightly", "--date", "2021-07-01"], environment)
        found = _compare(paths, environment, peer=peer)
    if not as_json:
        print(_table(found))
    print(json.dumps(found))


def _compare(paths: dict[str, Path], environment: dict[str, str], *, peer: bool) -> dict[str, Any]:
    _plain("floor", "prepare", paths["base_rows"], environment)
    floor = _plain("floor", "run", paths["night_rows"], environment).output["seconds"]
    _dancu(["put", str(paths["night"])], environment)
    night = measure([_DANCU, "nightly", "--date", "2021-07-02", "--json"], environment)
    found = {
        "rows": night.output["rows"]["read"],
        "seconds": round(night.seconds, 2),
        "peak_mb": round(night.peak_mb),
        "floor": "COPY + MERGE",
        "floor_seconds": round(floor, 2),
        "ratio_to_floor": round(night.seconds / floor, 2),
        "stages": night.output.get("stages", {}),
    }
    if peer:
        _plain("peer", "prepare", paths["base_rows"], environment)
        plain = _plain("peer", "run", paths["night"], environment)
        found |= {
            "peer": "pandas + Great Expectations + to_sql + INSERT ON CONFLICT",
            "peer_seconds": round(plain.output["seconds"], 2),
            "peer_peak_mb": round(plain.peak_mb),
            "ratio_to_peer": round(night.seconds / plain.output["seconds"], 2),
        }
    return found


def _table(found: dict[str, Any]) -> str:
    lines = [f"{found['rows']:,} rows", "", "| | seconds | ratio |", "|---|---|---|"]
    lines.append(f"| dancu nightly, {found['peak_mb']} MB | {found['seconds']} | |")
    lines.append(f"| floor: {found['floor']} | {found['floor_seconds']} | {found['ratio_to_floor']} |")
    if "peer" in found:
        name = f"peer: {found['peer']}, {found['peer_peak_mb']} MB"
        lines.append(f"| {name} | {found['peer_seconds']} | {found['ratio_to_peer']} |")
    lines += [f"| stage {stage} | {seconds} | |" for stage, seconds in found["stages"].items()]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
