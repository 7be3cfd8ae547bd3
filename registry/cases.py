"""Cases: two persons of today between whom pairs wait for people. Derived from the store, never stored.

A case is called by a hash of its two persons. Its fingerprint changes with all that decides, so a reviewer's word on a
state of the case that is no more is found out. What is most costly to leave comes first: a personal number that two
persons state, then the weight, then the age.
"""

import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

from registry.database import load_sql
from registry.linkage.clusters import UNSURE
from registry.places import Gazetteer

#: What `config/review.csv` may set a stake on.
MEASURES = ("cards", "contested", "numbers", "forms")


@dataclass(frozen=True)
class Opinion:
    """What a reviewer said last of a state of a case."""

    case_id: str
    fingerprint: str
    verdict: str
    reviewer: str


@dataclass(frozen=True)
class Case:
    """Two persons who may be one.

    Attributes:
        case_id: hash of their ids.
        fingerprint: hash of what decides; another one means another state of the case.
        persons: their ids, the lesser one first.
        weight: of the heaviest pair that waits, log2 of the odds; `parts` of it, one a comparison of the model.
        pairs: how many pairs of forms wait.
        is_unsure: somebody said of every pair that it cannot be told.
        open_since: the night that brought the oldest of the pairs.
        measures: `MEASURES` → figure.
        opinions: what reviewers said of it, each reviewer's last word on each state.
    """

    case_id: str
    fingerprint: str
    persons: tuple[str, str]
    weight: float
    parts: tuple[float, ...]
    pairs: int
    is_unsure: bool
    open_since: dt.date
    measures: Mapping[str, int]
    opinions: tuple[Opinion, ...] = ()

    @property
    def standing(self) -> dict[str, Opinion]:
        """Opinions on the present state that are not effective yet, by reviewer (see `reviewer_key`)."""
        return {
            reviewer_key(opinion.reviewer): opinion
            for opinion in self.opinions
            if opinion.fingerprint == self.fingerprint and opinion.verdict != UNSURE
        }


@dataclass(frozen=True)
class WaitingCases:
    """Open cases by age in nights; those one reviewer has spoken of, and those of which two disagree."""

    cases: int
    tonight: int
    week: int
    month: int
    older: int
    oldest: int
    second_pending: int
    disagreed: int


@dataclass(frozen=True)
class Locality:
    """Communes as dated facts, and whose forms count where a person has no place."""

    codes: tuple[str, ...]
    days: tuple[dt.date, ...]
    senders: tuple[str, ...]


def case_id_of(persons: Collection[str]) -> str:
    """What a case of two persons is called, as `create_open_case.sql` has it."""
    return hashlib.sha256(" ".join(sorted(persons)).encode()).hexdigest()[:16]


def reviewer_key(name: str) -> str:
    """A reviewer's name without what people vary."""
    return " ".join(name.split()).lower()


# -- from the store ------------------------------------------------------------------------------------


def cases_of_locality(store: Connection, locality: Locality) -> list[Case]:
    """The open cases with a person of the locality, in the order of their ids; once in a transaction."""
    values = {"codes": list(locality.codes), "days": list(locality.days), "senders": list(locality.senders)}
    return _fetch(store, "seek_locality", values)


def cases_of_persons(store: Connection, persons: Collection[str]) -> list[Case]:
    """The open cases of these persons (ids of today), in the order of their ids; once in a transaction."""
    return _fetch(store, "seek_persons", {"persons": list(persons)})


def waiting_cases(store: Connection, date: dt.date) -> WaitingCases:
    """How many cases are open, and how old they are on a day; once in a transaction."""
    _collect(store, "seek_all", {})
    return WaitingCases(**store.execute(text(_sql("waiting")), {"date": date}).mappings().one())


def fetch_opinions(store: Connection, case_ids: Collection[str]) -> list[Opinion]:
    """What each reviewer said last of each state of cases, open or not, in the order in which it was said."""
    rows = store.execute(text(_sql("opinions")), {"cases": list(case_ids)}).mappings()
    return [Opinion(**row) for row in rows]


def forms_of_persons(store: Connection, persons: Collection[str]) -> dict[str, list[dict[str, Any]]]:
    """The forms of persons of the cases that were fetched in this transaction, in the order in which they came."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in store.execute(text(_sql("case_forms")), {"persons": list(persons)}).mappings():
        found[row["person_id"]].append(dict(row))
    return found


def open_pairs(store: Connection) -> dict[tuple[str, str], list[tuple[str, str]]]:
    """The pairs of forms that wait, by the persons of their case, of the cases fetched in this transaction."""
    found: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for person_a, person_b, form_a, form_b in store.execute(text(_sql("case_pairs"))):
        found[person_a, person_b].append((form_a, form_b))
    return found


def never_persons(store: Connection) -> list[tuple[str, str]]:
    """Persons of the cases that were fetched in this transaction of whom a reviewer says that they never are one."""
    return [(one, other) for one, other in store.execute(text(_sql("never_persons")))]


def note_opinion(store: Connection, case: Case, opinion: Opinion, *, reason: str | None, date: dt.date) -> None:
    """Appends what a reviewer said of a case."""
    values = {**vars(opinion), "person_a": case.persons[0], "person_b": case.persons[1], "reason": reason, "date": date}
    store.execute(text(_sql("insert_opinion")), values)


def persons_of_cases(store: Connection, persons: Collection[str]) -> dict[str, dict[str, Any]]:
    """Rows of the table `person` by id."""
    rows = store.execute(text(_sql("case_persons")), {"persons": list(persons)}).mappings()
    return {str(row["person_id"]): dict(row) for row in rows}


def _fetch(store: Connection, seek: str, values: dict[str, Any]) -> list[Case]:
    _collect(store, seek, values)
    rows = [dict(row) for row in store.execute(text(_sql("open_cases"))).mappings()]
    said: dict[str, list[Opinion]] = defaultdict(list)
    for opinion in fetch_opinions(store, [row["case_id"] for row in rows]):
        said[opinion.case_id].append(opinion)
    return [_case(row, said[row["case_id"]]) for row in rows]


def _collect(store: Connection, seek: str, values: dict[str, Any]) -> None:
    """Creates `open_case` and what it is made of, until the transaction ends."""
    store.execute(text(_sql("create_sought")))
    store.execute(text(_sql(seek)), values)
    for table in ("case_pair", "case_form", "case_person", "open_case"):
        store.execute(text("ANALYZE sought" if table == "case_pair" else "ANALYZE case_pair"))
        store.execute(text(_sql(f"create_{table}")))


def _case(row: dict[str, Any], opinions: Iterable[Opinion]) -> Case:
    measures = {measure: int(row.pop(measure)) for measure in MEASURES}
    persons, parts = (row.pop("person_a"), row.pop("person_b")), tuple(row.pop("parts"))
    return Case(**row, persons=persons, parts=parts, measures=measures, opinions=tuple(opinions))


def _sql(name: str) -> str:
    return load_sql("review", name)


# -- where, and in which order --------------------------------------------------------------------------


def locality_of(gazetteer: Gazetteer, code: str, *, named_sources: Iterable[str] = ()) -> Locality | None:
    """What lies in a province, district or commune, as it stands or stood; None for a code that never was one.

    Args:
        gazetteer: of all states: a commune of before the reform lies where most of it lies today.
        code: of the locality.
        named_sources: sources of the locality that have a name for a code.
    """
    units = {unit for unit, _ in gazetteer.facts() if _lies_in(gazetteer, unit.code, unit.valid_from, code)}
    if not units:
        return None
    communes = sorted((unit.code, unit.valid_from) for unit in units if unit.level == "commune")
    codes = tuple(commune for commune, _ in communes)
    return Locality(codes, tuple(day for _, day in communes), tuple({unit.code for unit in units} | set(named_sources)))


def _lies_in(gazetteer: Gazetteer, code: str, valid_from: dt.date, locality: str) -> bool:
    if locality in gazetteer.codes_above(code, valid_from):
        return True
    after = next((later.unit for later in gazetteer.successors(code, valid_from) if later.is_default), None)
    return after is not None and locality in gazetteer.codes_above(after.code, after.valid_from)


def in_order(cases: Iterable[Case]) -> list[Case]:
    """Cases, the worst first, those of one person kept together behind its worst one.

    Of a case's two persons the one with more cases is the one whose candidates are kept together.
    """
    ranked = sorted(cases, key=_rank)
    of_person: dict[str, list[Case]] = defaultdict(list)
    for case in ranked:
        for person in case.persons:
            of_person[person].append(case)
    ordered: dict[str, Case] = {}
    for case in ranked:
        if case.case_id not in ordered:
            anchor = max(case.persons, key=lambda person: len(of_person[person]))
            ordered.update({mine.case_id: mine for mine in of_person[anchor] if mine.case_id not in ordered})
    return list(ordered.values())


def _rank(case: Case) -> tuple[bool, int, dt.date, str]:
    # Weights of one whole bit are as good as equal: the older case goes first.
    return case.measures["contested"] == 0, -round(case.weight), case.open_since, case.case_id


def sides_in_order(cases: Sequence[Case]) -> list[tuple[Case, tuple[str, str]]]:
    """Each case with its persons, the one that it shares with the case before on the left."""
    sided: list[tuple[Case, tuple[str, str]]] = []
    for place, case in enumerate(cases):
        following = cases[place + 1].persons if place + 1 < len(cases) else ()
        before = sided[-1][1][0] if sided else ""
        shared = before if before in case.persons else next((one for one in case.persons if one in following), None)
        left = shared or case.persons[0]
        sided.append((case, (left, case.persons[case.persons[0] == left])))
    return sided
