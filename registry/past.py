"""The past of a person: judgements played again up to a night say which forms belonged to whom, and what it was called.

Judgements are appended and never changed, so what a night knew is what was judged until then. Those of one load, or of
one word of a reviewer, happen at once. Ids that lead to a person follow from them: an id of which no form is left leads
to the person who got most of its forms, as `registry/sql/link/create_alias.sql` says it for the store.
"""

import datetime as dt
import itertools
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, text

from registry.database import load_sql

#: Beyond all that was ever judged: the present.
_ALWAYS = dt.datetime.max.replace(tzinfo=dt.UTC)


@dataclass(frozen=True)
class Moment:
    """Up to where the store is looked at.

    Attributes:
        night: the last night that counts.
        at: what was merged or said later does not count.
        load_no: the last load that counts.
    """

    night: dt.date
    at: dt.datetime
    load_no: int

    @property
    def parameters(self) -> dict[str, Any]:
        """For SQL."""
        return {"night": self.night, "at": self.at, "load_no": self.load_no}


#: Now.
PRESENT = Moment(dt.date.max, _ALWAYS, 2**31 - 1)


def moment_after(store: Connection, night: dt.date) -> Moment:
    """The moment after a night: all that came before its end counts, and nothing that came later."""
    found = store.execute(text(load_sql("person", "moment")), {"night": night}).mappings().one()
    return Moment(night, found["at"] or dt.datetime.min.replace(tzinfo=dt.UTC), found["load_no"])


@dataclass(frozen=True)
class Judgement:
    """Where a form was judged to belong.

    Attributes:
        form_id: 32 hex digits.
        person_id: whose it is from then on.
        before: whose it was; None when it arrived.
        rule: see the table `judgement`.
        weight: of the pair that tied it, in bits.
        load_no: the load that brought it, or after which it was said.
        verdict_no: the word of a reviewer that was the cause.
        night: when.
        reviewer: who said so.
        reason: and why.
    """

    form_id: str
    person_id: str
    before: str | None
    rule: str
    weight: float | None
    load_no: int
    verdict_no: int | None
    night: dt.date
    reviewer: str | None
    reason: str | None


@dataclass
class Past:
    """What judgements, played in their order, have made of some persons.

    Attributes:
        person_of: form → person.
        leads_to: old id → person, and the judgement by which it was tied.
        judgements: in their order.
    """

    person_of: dict[str, str] = field(default_factory=dict)
    leads_to: dict[str, tuple[str, Judgement]] = field(default_factory=dict)
    judgements: list[Judgement] = field(default_factory=list)

    def today(self, person_id: str) -> str | None:
        """The person whom an id meant then; None for nobody."""
        found = self.leads_to[person_id][0] if person_id in self.leads_to else person_id
        return found if found in self.person_of.values() else None

    def forms(self, person_id: str) -> list[str]:
        """The forms of a person."""
        return sorted(form for form, person in self.person_of.items() if person == person_id)

    def old_ids(self, person_id: str) -> dict[str, Judgement]:
        """The ids that lead to a person, each with the judgement by which it was tied, in their order."""
        found = [(old, judged) for old, (person, judged) in self.leads_to.items() if person == person_id]
        return dict(sorted(found, key=lambda one: (one[1].load_no, one[1].verdict_no or 0, one[0])))


def fetch_past(store: Connection, person_id: str, moment: Moment = PRESENT) -> Past:
    """What a moment knew of all persons who ever shared forms with one.

    Args:
        store: whose judgements are played again.
        person_id: any id, of today or an old one.
        moment: up to where.
    """
    parameters = {"id": person_id, "at": moment.at}
    rows = store.execute(text(load_sql("person", "judgements")), parameters).mappings()
    return play(dict(row) for row in rows)


def play(judgements: Iterable[Mapping[str, Any]]) -> Past:
    """Plays judgements again.

    Args:
        judgements: the fields of `Judgement` but for `before`, in the order in which they were made.
    """
    past = Past()
    for _, together in itertools.groupby(judgements, key=lambda one: (one["load_no"], one["verdict_no"])):
        judged = [Judgement(**one, before=past.person_of.get(one["form_id"])) for one in together]
        _play_at_once(past, judged)
    return past


def _play_at_once(past: Past, judged: list[Judgement]) -> None:
    left = {one.before for one in judged if one.before not in (None, one.person_id)}
    past.person_of |= {one.form_id: one.person_id for one in judged}
    past.judgements += judged
    persons = set(past.person_of.values())
    for revived in past.leads_to.keys() & persons:
        del past.leads_to[revived]
    gone = {old: _heir(old, judged) for old in left - persons if old}
    for old, (person, by) in past.leads_to.items():
        past.leads_to[old] = (gone[person].person_id, by) if person in gone else (person, by)
    past.leads_to |= {old: (heir.person_id, heir) for old, heir in gone.items()}


def _heir(old: str, judged: list[Judgement]) -> Judgement:
    """The judgement by which most forms of a person went elsewhere; of as many, the one with the least form."""
    moved = sorted((one for one in judged if one.before == old), key=lambda one: one.form_id)
    forms = Counter(one.person_id for one in moved)
    return max(moved, key=lambda one: forms[one.person_id])
