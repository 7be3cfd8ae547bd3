"""Dossiers of made-up persons, for the tests that land some."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from samples.photos import photo
from tasks.platform import Platform
from tests.integration.registers import MAN, SENDER

#: The man of `tests.integration.registers`, as a station captures him.
CAPTURED: dict[str, str] = {
    "dossier_no": "D-1", "pid": MAN["pid"], "captured_at": "2021-06-20T08:15:00+07:00", "mode": "station",
    "applicant": "permanent", "reason": "first", "full_name": "Lý Văn Thử", "birth_date": "05/12/1962", "sex": "Nam",
    "nationality": "Việt Nam", "origin_place": SENDER, "permanent_place": SENDER, "permanent_address": "Số 1",
}  # fmt: skip


def dossier(number: str = "D-1", **cells: str | None) -> dict[str, Any]:
    """A dossier with its photo under a key and with a SHA-256 of its own; `cells` are changed, None takes one away."""
    taken = f"biometrics/{SENDER}/{number}.jpg"
    row = {**CAPTURED, "dossier_no": number, "photo": taken, "photo_sha256": sha256(number)} | cells
    return {name: cell for name, cell in row.items() if cell is not None}


def sha256(number: str) -> str:
    return hashlib.sha256(photo(number)).hexdigest()


def put_photos(place: Platform, *numbers: str) -> None:
    for number in numbers:
        place.objects.put_bytes(f"biometrics/{SENDER}/{number}.jpg", photo(number))


def land_dossiers(place: Platform, name: str, rows: Sequence[Mapping[str, Any]], *, station: str = SENDER) -> None:
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    place.objects.put_bytes(f"landing/dossiers/{station}/{name}", lines.encode())
