"""Judge: what reviewers say of forms is noted for ever, and the persons concerned are put together anew."""

import datetime as dt
import itertools
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
from sqlalchemy import Connection, text

from registry.cards.holds import hold_persons
from registry.database import load_sql
from registry.errors import UsageError
from registry.fold import connect, keep
from registry.linkage.clusters import NEVER, SAME
from registry.linkage.known import fetch_known
from registry.linkage.placement import place_forms
from tasks.persons import retire_persons, settle_corrections, settle_reviews, write_parted
from tasks.platform import Platform

#: Most pairs of forms that one decision may speak of: a person has a few forms, and a mistake may have many.
MOST_PAIRS = 10_000


@dataclass(frozen=True)
class Said:
    """What a reviewer says of two forms (32 hex digits each): one of `registry.linkage.clusters.VERDICTS`."""

    form_a: str
    form_b: str
    verdict: str
    reviewer: str
    reason: str | None = None
    case_id: str | None = None


@dataclass(frozen=True)
class Judged:
    """What came of it: verdicts noted, persons tied to others, persons folded afresh, and forms that moved."""

    verdicts: int
    tied: int
    parted: int
    moved: int


def judge(place: Platform, said: Sequence[Said], *, date: dt.date) -> Judged:
    """Notes verdicts and puts the persons concerned together anew, in one transaction; the caller has the night's lock.

    Args:
        place: the installation.
        said: what reviewers say; of two verdicts on one pair the later one holds.
        date: the business date, the head of the id of a person that comes into being.
    """
    with place.engine.begin() as store:
        return judge_within(place, store, said, date=date)


def judge_within(place: Platform, store: Connection, said: Sequence[Said], *, date: dt.date) -> Judged:
    """`judge` as a part of the caller's transaction; at least one verdict, and once in a transaction."""
    place.settings.scratch.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (
        tempfile.TemporaryDirectory(prefix="judge-", dir=place.settings.scratch) as folder,
        connect(spill=folder) as local,
    ):
        verdict_no = _note(store, said, date)
        forms = pa.table({"form_id": sorted({form for one in said for form in (one.form_a, one.form_b)})})
        for table, rows in fetch_known(store, forms, match_weight=place.linkage_model.match_weight).items():
            keep(local, table, rows)
        local.execute("CREATE TEMP TABLE member AS FROM known_member")
        local.execute("CREATE TEMP TABLE tie AS FROM known_tie")
        place_forms(local, night=f"{date:%Y%m%d}", match_weight=place.linkage_model.match_weight)
        parted, tied, moved = local.execute(
            "SELECT (SELECT count(*) FROM parted), (SELECT count(*) FROM alias),"
            " (SELECT count(*) FROM placed WHERE before <> person_id)"
        ).fetchall()[0]
        # Few persons are concerned: those that are tied are folded afresh like those that are parted.
        local.execute("INSERT INTO parted SELECT DISTINCT person_id FROM alias ANTI JOIN parted USING (person_id)")
        load_no = store.scalar(text("SELECT coalesce(max(load_no), 0) FROM load"))
        retire_persons(store, local, load_no=int(load_no or 0), verdict_no=verdict_no)
        write_parted(place, store, local, Path(folder))
        settle_corrections(place, store, local, Path(folder), date=date)
        settle_reviews(store, local, doubtful="FROM open_person")
        _hold_cards(store, local, date)
    return Judged(verdicts=len(said), tied=tied, parted=parted, moved=moved)


def _hold_cards(store: Connection, local: duckdb.DuckDBPyConnection, date: dt.date) -> None:
    """Puts cards on hold that were asked for before their persons were tied or parted."""
    changed = local.execute(
        "SELECT DISTINCT unnest([before, person_id]) FROM placed WHERE before <> person_id"
    ).fetchall()
    hold_persons(store, [str(row[0]) for row in changed], "identity", date=date)


def _note(store: Connection, said: Sequence[Said], date: dt.date) -> int:
    """Appends verdicts; returns the number of the last one."""
    statement = text(load_sql("judge", "insert_verdict"))
    numbers = [store.scalar(statement, {**asdict(one), "date": date}) for one in said]
    return int(numbers[-1] or 0)


def tie_persons(place: Platform, one: str, other: str, *, reviewer: str, reason: str, date: dt.date) -> Judged:
    """A reviewer says that two persons are one.

    Args:
        place: the installation.
        one: the id of one, of today or an old one.
        other: that of the other.
        reviewer: who says it.
        reason: why, for whoever asks later.
        date: the business date.

    Raises:
        UsageError: an id is nobody's, or both are one person already.
    """
    with place.engine.begin() as store:
        left, right = (_forms_of(store, person_id) for person_id in (one, other))
    if left == right:
        raise UsageError("both ids are one person already: nothing was changed")
    return judge(place, verdicts_on(left, right, SAME, reviewer=reviewer, reason=reason), date=date)


def part_person(
    place: Platform, person_id: str, forms: Iterable[str], *, reviewer: str, reason: str, date: dt.date
) -> Judged:
    """A reviewer says that some forms of a person are another person's, now and for ever.

    Args:
        place: the installation.
        person_id: the person.
        forms: form_id of the forms that are somebody else's.
        reviewer: who says it.
        reason: why, for whoever asks later.
        date: the business date.

    Raises:
        UsageError: nobody has the id, a form is not the person's, or no form would be left.
    """
    with place.engine.begin() as store:
        mine = _forms_of(store, person_id)
    leaving = sorted({form.replace("-", "").lower() for form in forms})
    strangers = set(leaving) - set(mine)
    if strangers:
        raise UsageError(f"{len(strangers)} of the forms are not this person's: `dancu person {person_id}` lists them")
    staying = [form for form in mine if form not in set(leaving)]
    if not staying or not leaving:
        raise UsageError("a part of the person's forms must leave, and a part must stay: nothing was changed")
    return judge(place, verdicts_on(staying, leaving, NEVER, reviewer=reviewer, reason=reason), date=date)


def _forms_of(store: Connection, person_id: str) -> list[str]:
    forms = list(store.scalars(text(load_sql("judge", "forms_of_person")), {"id": person_id}))
    if not forms:
        raise UsageError(f"no person has the id {person_id}: `dancu links` lists the ids of all rows")
    return forms


def verdicts_on(
    left: Sequence[str], right: Sequence[str], verdict: str, *, reviewer: str, reason: str | None = None,
    case_id: str | None = None,
) -> list[Said]:  # fmt: skip
    """The verdict on each pair of a form here and a form there.

    Raises:
        UsageError: they are more than one decision may speak of.
    """
    if len(left) * len(right) > MOST_PAIRS:
        raise UsageError(
            f"{len(left)} forms beside {len(right)} are more than one decision may speak of: part them step by step"
        )
    return [Said(min(pair), max(pair), verdict, reviewer, reason, case_id) for pair in itertools.product(left, right)]
