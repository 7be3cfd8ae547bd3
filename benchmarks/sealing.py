"""Sealing: a batch sealed and signed, and a centre's answer to it proved and read, beside a bare copy with its hash.

`python -m benchmarks.sealing --rows 500000 --json`
"""

import argparse
import datetime as dt
import hashlib
import json
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb

from registry.sealing.answers import Header, read_answer
from registry.sealing.hash_totals import hash_total
from registry.sealing.key_folder import KeyFolder
from registry.sealing.keys import ESCROW, REGISTER, SEALING, SIGNING, Key
from registry.sealing.manifest import Manifest
from registry.sealing.seal import Sealed, seal, unseal
from registry.sealing.signatures import open_bytes, sign

DAY = dt.date(2021, 7, 1)
NOON = dt.datetime(2021, 7, 1, 12, tzinfo=dt.UTC)
CENTRE = "national"
_CHUNK = 1024 * 1024

#: A made-up dossier as it is handed off, about 1.2 kB, but for its id.
_CARDS = """
    SELECT uuid AS dossier, 1 AS attempt, '26734' AS station, concat('HS-', range) AS number, 'first' AS reason,
        '26734' AS office, '2021' AS layout, lpad(range::VARCHAR, 12, '0') AS pid, 'NGUYỄN THỊ MẪU' AS full_name,
        '1990-03-02' AS birth_date, 'F' AS sex, 'VNM' AS nationality, repeat('Tổ 2, Phường Mẫu, ', 12) AS residence,
        [repeat('<', 30), repeat('<', 30), repeat('<', 30)] AS mrz, repeat('0|', 60) AS qr,
        {{'key': concat('biometrics/', uuid), 'sha256': repeat('a', 64)}} AS photo,
        {{'key': concat('biometrics/', uuid), 'sha256': repeat('b', 64)}} AS fingerprints
    FROM (SELECT range, format('{{:08x}}-0000-4000-8000-{{:012x}}', range * 7919, range) AS uuid FROM range({rows}))
"""
_PRODUCTION = """
    SELECT format('{{:08x}}-0000-4000-8000-{{:012x}}', range * 7919, range) AS dossier, 1 AS attempt,
        concat('C', range) AS card_number, concat('S', range) AS chip_serial, 'passed' AS qc,
        '2021-07-02T08:00:00+07:00' AS made_at
    FROM range({rows})
"""


def main() -> None:
    """Makes a batch and an answer, does with them what a night does, and prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=500_000)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = _measure(Path(folder), args.rows)
    print(json.dumps(figures) if args.json else "\n".join(f"{name}: {value}" for name, value in figures.items()))


def _measure(folder: Path, rows: int) -> dict[str, Any]:
    keys = KeyFolder(folder / "keys")
    recipients = [keys.make(owner, SEALING, day=DAY) for owner in (CENTRE, ESCROW)]
    for owner in (REGISTER, CENTRE):
        keys.make(owner, SIGNING, day=DAY)
    plain, sealed, answer = (folder / name for name in ("cards.jsonl", "cards.jsonl.age", "answer.jsonl"))
    _write(plain, _CARDS, rows)
    floor, _ = _timed(lambda: _copy(plain, folder / "copy"))
    sealing, (files, added) = _timed(lambda: _publish(plain, sealed, recipients, keys, rows))
    identities = keys.identities(CENTRE, day=DAY)
    opening, _ = _timed(lambda: unseal(sealed, folder / "opened", identities, expect=files))
    signature = _write_answer(answer, keys, rows)
    reading, _ = _timed(lambda: read_answer(answer, signature, keys.read(), centre=CENTRE, day=DAY))
    return {
        "rows": rows,
        "plain_mb": round(files.plain.size / 1e6),
        "seconds": round(sealing, 3),
        "rows_a_second": round(rows / sealing),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "sealing_adds_mb": added,
        "floor_seconds": round(floor, 3),
        "ratio_to_floor": round(sealing / floor, 2),
        "open_seconds": round(opening, 3),
        "answer_seconds": round(reading, 3),
        "answer_rows_a_second": round(rows / reading),
    }


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def _publish(plain: Path, sealed: Path, recipients: list[Key], keys: KeyFolder, rows: int) -> tuple[Sealed, int]:
    """What becomes of a batch once its lines are written: sealed, and its manifest signed."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with plain.open("rb") as source:
        files = seal(source, sealed, recipients)
    signer = keys.signer(REGISTER, day=DAY)
    recipient_ids = tuple(key.key_id for key in recipients)
    manifest = Manifest(CENTRE, 1, None, DAY, rows, "0", files, recipient_ids, signer.key_id, NOON)
    sign(manifest.to_bytes(), signer)
    return files, round((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)


def _copy(plain: Path, to: Path) -> None:
    digest = hashlib.sha256()
    with plain.open("rb") as source, to.open("wb") as target:
        while chunk := source.read(_CHUNK):
            digest.update(chunk)
            target.write(chunk)


def _write(path: Path, query: str, rows: int) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"COPY ({query.format(rows=rows)}) TO '{path}' (FORMAT json)")


def _write_answer(path: Path, keys: KeyFolder, rows: int) -> bytes:
    _write(path, _PRODUCTION, rows)
    body = path.read_bytes()
    with duckdb.connect() as connection:
        named = connection.execute(f"SELECT dossier FROM ({_PRODUCTION.format(rows=rows)})").to_arrow_table()["dossier"]
    signer = keys.signer(CENTRE, day=DAY)
    header = Header(
        CENTRE, "production", 1, 1, "a" * 64, rows, hash_total(named), NOON, signer.key_id
    )  # fmt: skip
    path.write_bytes(header.to_bytes() + body)
    return sign(open_bytes(path), signer)


if __name__ == "__main__":
    main()
