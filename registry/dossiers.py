"""A dossier: all that the store knows of one person, and from where."""

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, text

from registry.database import load_sql
from registry.errors import UsageError
from registry.persons import (
    COMPLETENESS_BITS,
    DAY_BITS,
    FORM_BITS,
    FORM_MASK,
    GROUPS,
    TRUST_BITS,
    Group,
)

_DAY_ZERO = dt.date(1900, 1, 1)


def read_dossier(connection: Connection, person_id: str) -> dict[str, Any]:
    """One person: fields with the form that each came from, forms with their judgements, rivals, cards, old ids.

    Args:
        connection: of the store.
        person_id: of today, or an old one that leads to it.

    Returns:
        `person_id`, `asked_for`, `in_review`, `fields` (column, value, source), `forms`, `rivals`, `cards`, `old_ids`.
        A field's `source` is the sender, file, row_no, form_no and stated_on of its form, with the source's trust.

    Raises:
        UsageError: nobody has, or had, that id.
    """
    asked = _identity(person_id)
    found = connection.execute(text(load_sql("person", "find")), {"id": asked}).mappings().one_or_none()
    if found is None:
        raise UsageError(f"no person has the id {asked}: `dancu links` lists the ids of all rows")
    today = str(found["person_id"])
    old_ids = _rows(connection, "old_ids", id=today)
    ids = [today, *(str(row["old_id"]) for row in old_ids)]
    forms = _rows(connection, "forms", ids=ids)
    return {
        "person_id": today,
        "asked_for": asked,
        "in_review": found["in_review"],
        "fields": [field for group in GROUPS for field in _fields(group, dict(found), forms)],
        "forms": forms,
        "rivals": [row["person_id"] for row in _rows(connection, "rivals", ids=ids, id=today)],
        "cards": _rows(connection, "cards", ids=ids),
        "old_ids": old_ids,
    }


def _identity(person_id: str) -> str:
    try:
        return str(uuid.UUID(person_id))
    except ValueError:
        raise UsageError("that is no person's id: 32 hex digits such as `dancu links` shows are expected") from None


def _rows(connection: Connection, name: str, **parameters: object) -> list[dict[str, Any]]:
    rows = connection.execute(text(load_sql("person", name)), parameters).mappings()
    return [{key: _plain(value) for key, value in row.items()} for row in rows]


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date) else value


def _fields(group: Group, person: dict[str, Any], forms: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The columns of a group that have a value, with the form that its stamp names."""
    if person[group.stamp] is None:
        return []
    source = source_of(person[group.stamp], forms)
    return [
        {"column": column, "value": _plain(person[column]), "source": source}
        for column in group.columns
        if person[column] is not None
    ]


def source_of(stamp: int, forms: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What a stamp says, and which of the forms (dicts with `form_id`) it names; see `registry.persons`."""
    bits = stamp & FORM_MASK
    day = (stamp >> FORM_BITS) & ((1 << DAY_BITS) - 1)
    trust = (stamp >> (FORM_BITS + DAY_BITS + COMPLETENESS_BITS)) & ((1 << TRUST_BITS) - 1)
    form = next((form for form in forms if int(form["form_id"][:10], 16) >> 1 == bits), {})
    named = {key: form.get(key) for key in ("sender", "file", "row_no", "form_no", "form_id")}
    return {**named, "stated_on": (_DAY_ZERO + dt.timedelta(days=day)).isoformat(), "trust": trust}
