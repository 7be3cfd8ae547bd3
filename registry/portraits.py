"""A portrait: all that the store knows of one person, and from where."""

import datetime as dt
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

from registry.allocation import ALLOCATED_TRUST
from registry.cards.shown import cards_of
from registry.database import load_sql
from registry.errors import UsageError
from registry.history import history_of
from registry.linkage.model import LinkageModel
from registry.past import PRESENT, Moment, Past, fetch_past
from registry.persons import DAY_ZERO, DECIDED_TRUST, DISPUTABLE, FORM_MASK, GROUPS, Group, conflict_bit
from registry.ties import linkage_of, ties_of

#: Where a form lies in the archive: for us to find it, not for people.
_WHERE = ("load_id", "file_no")

#: What is said of each form that states a number or a rival value.
_STATEMENT = ("sender", "file", "row_no", "form_no", "form_id", "stated_on")


@dataclass(frozen=True)
class Found:
    """What store and archive know of one person at a moment.

    Attributes:
        asked_for: the id that was asked for.
        person_id: the person's id then.
        past: judgements until then.
        forms: rows of `person/forms.sql`: of the person's forms, and of those that once were among them.
        stated: the person's forms as archived (`registry.archived.archived_columns`).
        pairs: rows of `person/pairs.sql`.
        allocated: numbers that the register gave, rows of `person/allocated.sql`.
        cards: see `registry.cards.shown`.
        corrections: form_id of each correction → whether it corrects what does not stand there.
    """

    asked_for: str
    person_id: str
    past: Past
    forms: list[dict[str, Any]]
    stated: list[dict[str, Any]]
    pairs: list[dict[str, Any]]
    allocated: list[dict[str, Any]]
    cards: list[dict[str, Any]]
    corrections: Mapping[str, bool]

    @property
    def mine(self) -> list[dict[str, Any]]:
        """Of the forms those that are the person's."""
        return [form for form in self.forms if self.past.person_of[form["form_id"]] == self.person_id]


def find_person(store: Connection, person_id: str, moment: Moment = PRESENT) -> tuple[str, str, Past]:
    """Finds a person by any of its ids.

    Args:
        store: to look in.
        person_id: of then, or an old one that led to it.
        moment: as of when.

    Returns:
        The id as asked for, the person's id then, and what is to know of its forms.

    Raises:
        UsageError: nobody has the id, or nobody had it yet.
    """
    asked = identity(person_id)
    past = fetch_past(store, asked, moment)
    found = past.today(asked)
    if found:
        return asked, found, past
    known = fetch_past(store, asked).judgements if moment is not PRESENT else []
    since = next((judged.night for judged in known if judged.person_id == asked), None)
    if since:
        raise UsageError(
            f"nobody had the id {asked} after the night of {moment.night} yet: it is of the night of {since}"
        )
    raise UsageError(f"no person has the id {asked}: `dancu links` lists the ids of all rows")


def fetch_found(store: Connection, person_id: str, moment: Moment) -> Found:
    """What the store knows of a person; `stated` and `corrections`, which the archive knows, are empty.

    Raises:
        UsageError: nobody has the id, or nobody had it yet.
    """
    asked, person, past = find_person(store, person_id, moment)
    forms = past.forms(person)
    ids = [person, *past.old_ids(person)]
    once = {judged.form_id for judged in past.judgements if {judged.person_id, judged.before} & set(ids)}
    return Found(
        asked_for=asked,
        person_id=person,
        past=past,
        forms=_rows(store, "forms", forms=sorted({*forms, *once})),
        stated=[],
        pairs=_rows(store, "pairs", forms=forms, at=moment.at),
        allocated=_rows(store, "allocated", ids=ids, night=moment.night, load_no=moment.load_no),
        cards=cards_of(store, ids, night=moment.night),
        corrections={},
    )


def compose(found: Found, person: Mapping[str, Any], model: LinkageModel) -> dict[str, Any]:
    """The portrait of a person.

    Args:
        found: what store and archive know.
        person: the fold of its forms, a row of the table `person`; `in_review` is null where that is to be found out.
        model: the linkage model.

    Returns:
        `person_id`, `asked_for`, `in_review`, `fields` (column, value, source, rivals), `conflicts`, `corrections`,
        `numbers`, `forms`, `linkage`, `ties`, `rivals`, `history`, `cards`, `old_ids`.

        A field's `source` is the sender, file, row_no, form_no and stated_on of its form, with the source's trust; the
        sender of a personal number that the register itself gave is `allocation`. A field's `rivals` are the other
        values that forms of the person state (value, stated_by). `conflicts` are the groups over which trusted sources
        disagree, and whether a decision has settled it (group, settled). `corrections` are what movements corrected
        (group, field, corrected_from, corrected_to, in_conflict, stated_by). `numbers` is the history of personal
        numbers (`pid`) and old card numbers (`cmnd_no`), see `history_of_numbers`. `linkage`, `ties` and `rivals`: see
        `registry.ties`. `history` is what happened, see `registry.history`.
    """
    mine = found.mine
    stated = _stated(found.stated, mine)
    ties, rivals = ties_of(found.pairs, found.person_id, model)
    corrections = _corrections(stated, found.corrections)
    conflicts = _conflicts(person)
    waits = any(not one["settled"] for one in conflicts) or any(one["in_conflict"] for one in corrections)
    return {
        "person_id": found.person_id,
        "asked_for": found.asked_for,
        "in_review": bool(rivals or waits) if person["in_review"] is None else person["in_review"],
        "fields": [field for group in GROUPS for field in fields_of(group, dict(person), mine, stated)],
        "conflicts": conflicts,
        "corrections": corrections,
        "numbers": history_of_numbers([*_numbers(stated), *found.allocated], in_force=person),
        "forms": [{key: value for key, value in form.items() if key not in _WHERE} for form in mine],
        "linkage": linkage_of(model),
        "ties": ties,
        "rivals": rivals,
        "history": history_of(found.past, found.person_id, found.forms, stated=stated, given=found.allocated),
        "cards": found.cards,
        "old_ids": [
            {"old_id": old, "load_no": judged.load_no, "night": judged.night.isoformat()}
            for old, judged in found.past.old_ids(found.person_id).items()
        ],
    }


def _corrections(stated: Sequence[Mapping[str, Any]], in_conflict: Mapping[str, bool]) -> list[dict[str, Any]]:
    """What movements corrected, in the order of the days on which it was stated."""
    return [
        {
            "group": form["changes"],
            "field": form["field"],
            "corrected_from": form["corrected_from"],
            "corrected_to": form["new_value"],
            "in_conflict": in_conflict[form["form_id"]],
            "stated_by": {key: form[key] for key in _STATEMENT},
        }
        for form in sorted(stated, key=lambda form: (form["stated_on"] or "", form["form_id"]))
        if form["form_id"] in in_conflict
    ]


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


def _stated(archived: Sequence[Mapping[str, Any]], forms: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Each form with what the archive has of it, and its `values`."""
    cells = {form["form_id"]: {column: _plain(value) for column, value in form.items()} for form in archived}
    return [{**cells[form["form_id"]], **form, "values": _told(cells[form["form_id"]])} for form in forms]


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
        UsageError: nobody has the id, or a name is none of the person's forms, or of several.
    """
    _, person, past = find_person(connection, person_id)
    forms = _rows(connection, "forms", forms=past.forms(person))
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
