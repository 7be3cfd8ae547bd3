"""A dossier: all that the store knows of one person, and from where."""

import datetime as dt
import tempfile
import uuid
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
from sqlalchemy import Connection, text

from registry.allocation import ALLOCATED_TRUST
from registry.database import load_sql
from registry.errors import UsageError
from registry.objects import Objects
from registry.persons import DAY_ZERO, DECIDED_TRUST, DISPUTABLE, FORM_MASK, GROUPS, Group, conflict_bit

#: Where a form lies in the archive: for us to find it, not for people.
_WHERE = ("load_id", "file_no")

#: What is said of each form that states a number or a rival value.
_STATEMENT = ("sender", "file", "row_no", "form_no", "form_id", "stated_on")


def read_dossier(connection: Connection, objects: Objects, person_id: str) -> dict[str, Any]:
    """One person: fields with their forms and rivals, conflicts, numbers, judged forms, rivals, cards, old ids.

    Args:
        connection: of the store.
        objects: the object store, whose archive has what each form states.
        person_id: of today, or an old one that leads to it.

    Returns:
        `person_id`, `asked_for`, `in_review`, `fields` (column, value, source, rivals), `conflicts`, `numbers`,
        `forms`, `rivals`, `cards`, `old_ids`.

        A field's `source` is the sender, file, row_no, form_no and stated_on of its form, with the source's trust; the
        sender of a personal number that the register itself gave is `allocation`. A field's `rivals` are the other
        values that forms of the person state (value, stated_by). `conflicts` are the groups over which trusted sources
        disagree, and whether a decision has settled it (group, settled). `numbers` is the history of personal numbers
        (`pid`) and old card numbers (`cmnd_no`), see `history_of_numbers`.

    Raises:
        UsageError: nobody has, or had, that id.
    """
    asked = identity(person_id)
    found = connection.execute(text(load_sql("person", "find")), {"id": asked}).mappings().one_or_none()
    if found is None:
        raise UsageError(f"no person has the id {asked}: `dancu links` lists the ids of all rows")
    today = str(found["person_id"])
    old_ids = _rows(connection, "old_ids", id=today)
    ids = [today, *(str(row["old_id"]) for row in old_ids)]
    forms = _rows(connection, "forms", id=today)
    stated = list(_stated(objects, forms))
    return {
        "person_id": today,
        "asked_for": asked,
        "in_review": found["in_review"],
        "fields": [field for group in GROUPS for field in fields_of(group, dict(found), forms, stated)],
        "conflicts": _conflicts(dict(found)),
        "numbers": history_of_numbers(
            [*_numbers(stated), *_rows(connection, "allocated", ids=ids)], in_force=dict(found)
        ),
        "forms": [{key: value for key, value in form.items() if key not in _WHERE} for form in forms],
        "rivals": _rows(connection, "rivals", id=today),
        "cards": _rows(connection, "cards", ids=ids),
        "old_ids": old_ids,
    }


def history_of_numbers(statements: Sequence[Mapping[str, Any]], *, in_force: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Every number that a person's forms stated, or that the register gave, once.

    Args:
        statements: `column` (`pid` or `cmnd_no`) and `number`; of a form also its `sender`, `file`, `row_no`, `form_no`
            and `stated_on` (ISO 8601, or None); of an allocation `given_on` instead.
        in_force: the person's `pid` and `cmnd_no` as they stand now.

    Returns:
        `column`, `number`, `in_force`, `first_stated` and `last_stated` (None where no form states it, or none is
        dated), `given_on` (None but for numbers that the register gave) and `stated_by` (the forms), personal numbers
        first, then by the first day.
    """
    history: dict[tuple[str, str], dict[str, Any]] = {}
    for statement in statements:
        column, number = statement["column"], statement["number"]
        fresh = {"column": column, "number": number, "in_force": in_force[column] == number}
        entry = history.setdefault((column, number), {**fresh, "given_on": None, "stated_by": []})
        if "given_on" in statement:
            entry["given_on"] = statement["given_on"]
        else:
            entry["stated_by"].append({key: statement[key] for key in _STATEMENT})
    for entry in history.values():
        days = [form["stated_on"] for form in entry["stated_by"] if form["stated_on"]]
        entry["first_stated"], entry["last_stated"] = min(days, default=None), max(days, default=None)
    return sorted(
        history.values(),
        key=lambda entry: (entry["column"] != "pid", entry["given_on"] or entry["first_stated"] or "", entry["number"]),
    )


def _stated(objects: Objects, forms: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Each form with its `stated_on` and `values`, out of the archive: one load's forms are one Parquet file there."""
    loads: dict[str, list[Mapping[str, Any]]] = {}
    for form in forms:
        loads.setdefault(form["load_id"], []).append(form)
    with tempfile.TemporaryDirectory(prefix="dancu-person-") as folder, duckdb.connect() as local:
        for load_id, mine in loads.items():
            key = f"archive/forms/{load_id}/standard.parquet"
            path = objects.local_path(key)
            if path is None:
                path = Path(folder, f"{load_id}.parquet")
                objects.fetch(key, path)
            for form in mine:
                cursor = local.execute(
                    "FROM read_parquet(?) WHERE file_no = ? AND row_no = ?",
                    [str(path), form["file_no"], form["row_no"]],
                )
                columns = [column[0] for column in cursor.description or []]
                for row in cursor.fetchall():
                    cells = {column: _plain(value) for column, value in zip(columns, row, strict=True)}
                    yield {**form, "stated_on": cells["stated_on"], "values": _told(cells)}


def _told(cells: Mapping[str, Any]) -> dict[str, Any]:
    """The values that a standardised form states, see `registry.fold.stamp_forms`."""
    changes = cells.get("changes")
    told = [group for group in GROUPS if changes is None or group.name in changes.split(";")]
    return {column: cells[column] for group in told for column in group.columns if cells[column] is not None}


def _numbers(stated: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    for form in stated:
        for column in ("pid", "cmnd_no"):
            if column in form["values"]:
                yield {**form, "column": column, "number": form["values"][column]}


def _rivals(column: str, value: Any, stated: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The other values of a column that forms state, each with these forms."""
    others: dict[Any, list[dict[str, Any]]] = {}
    for form in stated:
        other = form["values"].get(column, value)
        if other != value:
            others.setdefault(other, []).append({key: form[key] for key in _STATEMENT})
    return [{"value": other, "stated_by": forms} for other, forms in others.items()]


def _conflicts(person: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {"group": group.name, "settled": group.part("trust", person[group.stamp]) >= DECIDED_TRUST}
        for group in DISPUTABLE
        if person["conflicts"] & conflict_bit(group)
    ]


def forms_named(connection: Connection, person_id: str, names: Sequence[str]) -> list[str]:
    """The form_id of each form of a person that somebody named.

    Args:
        connection: of the store.
        person_id: of today, or an old one that leads to it.
        names: a form_id each, as `dancu person ID --json` shows it, or `sender:form_no`.

    Raises:
        UsageError: a name is none of the person's forms, or of several.
    """
    asked = identity(person_id)
    today = connection.scalar(text(load_sql("person", "find")), {"id": asked})
    forms = _rows(connection, "forms", id=str(today)) if today else []
    return [_form_named(name, forms, number) for number, name in enumerate(names, start=1)]


def _form_named(name: str, forms: Sequence[Mapping[str, Any]], number: int) -> str:
    bare = name.replace("-", "").lower()
    found = [
        str(form["form_id"])
        for form in forms
        if form["form_id"] == bare or f"{form['sender']}:{form['form_no']}" == name
    ]
    if len(found) == 1:
        return found[0]
    which = f"{len(found)} of the person's forms: name each by its form_id" if found else "none of the person's forms"
    raise UsageError(f"the form named by --form number {number} is {which}; `dancu person ID --json` lists them")


def identity(person_id: str) -> str:
    """A person's id as the store writes it.

    Raises:
        UsageError: the text is no such id.
    """
    try:
        return str(uuid.UUID(person_id))
    except ValueError:
        raise UsageError("that is no person's id: 32 hex digits such as `dancu links` shows are expected") from None


def _rows(connection: Connection, name: str, **parameters: object) -> list[dict[str, Any]]:
    rows = connection.execute(text(load_sql("person", name)), parameters).mappings()
    return [{key: _plain(value) for key, value in row.items()} for row in rows]


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date) else value


def fields_of(
    group: Group,
    person: dict[str, Any],
    forms: Sequence[dict[str, Any]],
    stated: Sequence[dict[str, Any]] = (),
) -> list[dict[str, Any]]:
    """The columns of a group of a person that have a value, with the form that its stamp names.

    Args:
        group: of `registry.persons.GROUPS`.
        person: the row of the table `person`.
        forms: the person's forms (dicts with `form_id`, `sender`, `file`, `row_no`, `form_no`).
        stated: what each of them states, where rivals are asked for.

    Returns:
        Dicts of `column`, `value`, `source` (see `source_of`) and `rivals`, the other values that forms state.
    """
    if person[group.stamp] is None:
        return []
    source = source_of(group, person[group.stamp], forms)
    values = {column: _plain(person[column]) for column in group.columns if person[column] is not None}
    return [
        {"column": column, "value": value, "source": source, "rivals": _rivals(column, value, stated)}
        for column, value in values.items()
    ]


def source_of(group: Group, stamp: int, forms: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What a group's stamp says, and which of the forms (dicts with `form_id`) it names; see `registry.persons`."""
    bits = stamp & FORM_MASK
    day, trust = group.part("day", stamp), group.part("trust", stamp)
    form = next((form for form in forms if int(form["form_id"][:10], 16) >> 1 == bits), {})
    named = {key: form.get(key) for key in ("sender", "file", "row_no", "form_no", "form_id")}
    if trust == ALLOCATED_TRUST and not form:
        named["sender"] = "allocation"
    return {**named, "stated_on": (DAY_ZERO + dt.timedelta(days=day)).isoformat(), "trust": trust}
