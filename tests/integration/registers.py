"""Small registers for tests that work whole nights: made-up forms that no rule stops, and what became of them."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import text

from registry.movements import MOVEMENT_COLUMNS
from tasks.platform import Platform

SENDER = "25993"

#: A made-up man with everything that a card needs.
MAN: dict[str, str] = {
    "declared_on": "01/03/2021", "full_name": "LÝ VĂN THỬ", "birth_date": "05/12/1962", "sex": "Nam",
    "nationality": "Việt Nam", "ethnicity": "Kinh", "permanent_place": SENDER, "permanent_address": "Số 1",
    "birth_registration_place": SENDER, "origin_place": SENDER, "father_name": "LÝ VĂN CHA", "mother_name": "LÊ THỊ MẸ",
    "pid": "075062001557", "cmnd_no": "",
}  # fmt: skip


def man(form_no: str, **cells: str) -> dict[str, str]:
    return {"form_no": form_no, **MAN, "death_date": "", **cells}


def movement(number: str, kind: str, **cells: str) -> dict[str, str]:
    """A movement of MAN, as known before it."""
    known = {column: MAN[column] for column in ("full_name", "birth_date", "sex", "pid", "father_name", "mother_name")}
    on = {"occurred_on": "01/06/2021", "declared_on": "02/06/2021"}
    return dict.fromkeys(MOVEMENT_COLUMNS, "") | {"movement_no": number, "movement": kind} | on | known | cells


def as_csv(forms: Sequence[Mapping[str, str]]) -> bytes:
    return "".join(",".join(row) + "\n" for row in [list(forms[0]), *(list(form.values()) for form in forms)]).encode()


def land(place: Platform, name: str, content: bytes, sidecar: Any = None, *, sender: str = SENDER) -> None:
    key = f"landing/registers/{sender}/{name}"
    if sidecar is not None:
        place.objects.put_bytes(f"{key}.manifest.json", json.dumps(sidecar).encode())
    place.objects.put_bytes(key, content)


def land_movements(place: Platform, name: str, rows: Sequence[Mapping[str, str]]) -> None:
    place.objects.put_bytes(f"landing/movements/{SENDER}/{name}", as_csv(rows))


def ask(place: Platform, query: str, **parameters: Any) -> list[tuple[Any, ...]]:
    with place.engine.begin() as store:
        return [tuple(row) for row in store.execute(text(query), parameters)]


def files(place: Platform) -> list[tuple[Any, ...]]:
    """(name, state, reason code) of each ledger row, in the order in which they came."""
    return ask(place, "SELECT name, state::text, reason_code FROM file ORDER BY file_id")


def persons(place: Platform) -> list[tuple[Any, ...]]:
    """(name, in review) of each person, by name."""
    return ask(place, "SELECT full_name, in_review FROM person ORDER BY full_name, person_id")


def verdicts(place: Platform) -> dict[str, str]:
    """form_no → outcome; of a form that was sent more than once, the last."""
    rows = ask(
        place, "SELECT form_no, outcome::text FROM received_row WHERE form_no IS NOT NULL ORDER BY file_id, row_no"
    )
    return dict(rows)
