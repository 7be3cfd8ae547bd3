"""Both sides of a case as people read them: values in words, and where each came from."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from registry.cases import Case
from registry.forms import PLACES
from registry.persons import GROUPS
from registry.portraits import fields_of
from registry.reference import Reference

_DATES = ("birth_date", "death_date")

#: Forms of a person that are listed one by one.
_LISTED = 15

#: What the comparisons of the model are called; the model's own name stands where it has a newer one.
_COMPARISONS = {
    "name": ("Họ tên", "Name"),
    "birth": ("Ngày sinh", "Birth date"),
    "sex": ("Giới tính", "Sex"),
    "number": ("Số định danh", "Personal number"),
    "card": ("Số CMND", "Old card number"),
    "kin": ("Cha mẹ, hộ, địa chỉ", "Parents, household, address"),
    "origin": ("Quê quán, nơi khai sinh", "Origin, birth registration"),
    "phone": ("Số điện thoại", "Phone"),
    "spouse": ("Vợ hoặc chồng", "Spouse"),
}

#: From which weight (log2 of the odds) on evidence is called how; what is lighter than all is the last.
_FORCES = (
    (6.0, "rất ủng hộ", "strongly for one person"),
    (1.0, "ủng hộ", "for one person"),
    (-1.0, "không nói lên gì", "says little"),
    (-6.0, "phản đối", "against"),
)
_STRONGLY_AGAINST = ("rất phản đối", "strongly against")

_STAKES = {
    "cards": ("đã yêu cầu làm thẻ", "a card was asked for"),
    "contested": ("hai người cùng một số định danh", "both state one personal number"),
    "numbers": ("hai số định danh khác nhau", "two different personal numbers"),
    "forms": ("rất nhiều phiếu", "very many forms"),
}


@dataclass(frozen=True)
class Shown:
    """A value in words, and its sender, form and day."""

    value: str
    source: str


@dataclass(frozen=True)
class Side:
    """One of the two persons: its id, its values by column, its forms a line each."""

    person_id: str
    values: Mapping[str, Shown]
    forms: str


def side_of(person: Mapping[str, Any], forms: Sequence[dict[str, Any]], reference: Reference) -> Side:
    """A person as a reviewer sees it.

    Args:
        person: row of the table `person`.
        forms: its forms, see `registry.cases.forms_of_persons`.
        reference: names of codes and places.
    """
    values = {
        field["column"]: Shown(_in_words(field["column"], person, reference), _source(field["source"]))
        for group in GROUPS
        for field in fields_of(group, dict(person), forms)
        if not field["column"].endswith("_from")
    }
    lines = [f"{form['sender']} {form['form_no']} ({_day(form['night'])})" for form in forms[:_LISTED]]
    if len(forms) > _LISTED:
        lines.append(f"+ {len(forms) - _LISTED}")
    return Side(str(person["person_id"]), values, "\n".join(lines))


def _in_words(column: str, person: Mapping[str, Any], reference: Reference) -> str:
    value = str(person[column])
    if column in PLACES:
        return reference.gazetteer.path_of(value, person[f"{column}_from"]) or value
    if column in reference.code_lists:
        return " / ".join(reference.code_lists[column].names.get(value, (value,)))
    return "/".join(reversed(value.split("-"))) if column in _DATES else value


def _source(source: Mapping[str, Any]) -> str:
    form = f"{source['sender']} {source['form_no'] or ''}".strip()
    return f"{form}, {_day(dt.date.fromisoformat(source['stated_on']))}"


def _day(day: dt.date) -> str:
    return f"{day:%d/%m/%Y}"


def reasons_in_words(case: Case, comparisons: Sequence[str]) -> tuple[str, str]:
    """The weight of a case and its parts, the heaviest first, in Vietnamese and in English."""
    parts = sorted(zip(comparisons, case.parts, strict=True), key=lambda part: -abs(part[1]))
    lines = [(("Tổng", "In all"), case.weight)]
    lines += [(_COMPARISONS.get(name, (name, name)), weight) for name, weight in parts if weight]
    vi, en = (
        "\n".join(f"{names[language]}: {weight:+.1f}, {_force(weight)[language]}" for names, weight in lines)
        for language in (0, 1)
    )
    return vi, en


def _force(weight: float) -> tuple[str, str]:
    return next(((vi, en) for least, vi, en in _FORCES if weight >= least), _STRONGLY_AGAINST)


def notes_in_words(case: Case, stakes: Sequence[str]) -> tuple[str, str]:
    """What a reviewer must know besides the values, in Vietnamese and in English; empty where there is nothing."""
    notes = []
    if stakes:
        why = [", ".join(_STAKES[stake][language] for stake in stakes) for language in (0, 1)]
        notes.append((f"Cần hai người xét: {why[0]}.", f"Two reviewers must agree: {why[1]}."))
    notes += [words for applies, words in _NOTES if applies(case)]
    vi, en = ("\n".join(note[language] for note in notes) for language in (0, 1))
    return vi, en


def _disagree(case: Case) -> bool:
    return len({opinion.verdict for opinion in case.standing.values()}) > 1


def _half_said(case: Case) -> bool:
    return bool(case.standing) and not _disagree(case)


def _outdated(case: Case) -> bool:
    return any(opinion.fingerprint != case.fingerprint for opinion in case.opinions)


#: Notes on what was said before. Not who said what: the second reviewer judges for himself.
_NOTES: tuple[tuple[Callable[[Case], bool], tuple[str, str]], ...] = (
    (_disagree, ("Ý kiến trước đó khác nhau.", "Reviewers have disagreed.")),
    (_half_said, ("Đã có một ý kiến, cần ý kiến thứ hai.", "One opinion was given, a second one is needed.")),
    (_outdated, ("Có ý kiến về hồ sơ khi chưa thay đổi.", "An opinion was given before the case changed.")),
    (lambda case: case.is_unsure, ("Trước đây: chưa xác định.", "Could not be told before.")),
)
