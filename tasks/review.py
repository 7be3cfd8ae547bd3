"""Review: open cases go out to the reviewers of a locality, and what they say of them comes back."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from sqlalchemy import Connection

from config.headers import header_labels
from config.review import stakes
from registry.cases import (
    Case,
    Locality,
    Opinion,
    cases_of_locality,
    cases_of_persons,
    fetch_opinions,
    forms_of_persons,
    in_order,
    locality_of,
    never_persons,
    note_opinion,
    open_pairs,
    persons_of_cases,
    reviewer_key,
    sides_in_order,
)
from registry.errors import UsageError
from registry.extracts import whole_file
from registry.linkage.clusters import NEVER, SAME, UNSURE
from registry.review_answers import (
    ALREADY_SAID,
    APPLIED,
    PENDING,
    REFUSED,
    Applied,
    RowAnswer,
    contradicting,
    malformed,
)
from registry.review_sides import notes_in_words, reasons_in_words, side_of
from registry.review_workbook import Answer, Block, read_answers, write_review
from tasks.judge import Said, judge_within, verdicts_on
from tasks.platform import Platform

#: Cases of one workbook, unless another number is asked for: some days' work of one person.
MOST_CASES = 500


# -- out -------------------------------------------------------------------------------------------------


def export_cases(place: Platform, locality: str, out: Path, *, most: int = MOST_CASES) -> dict[str, int]:
    """Writes the open cases of a locality into a workbook for its reviewers, the worst first.

    Args:
        place: the installation.
        locality: code of a province, district or commune, or a named source for the persons of its forms who have no
            place.
        out: the workbook; for its owner alone.
        most: at most so many cases.

    Returns:
        `cases` in the workbook, `left_out` for the next one.

    Raises:
        UsageError: no locality has the code, or `out` can not be written.
    """
    where = _locality(place, locality)
    with place.engine.begin() as store:
        cases = in_order(cases_of_locality(store, where))
        blocks = _blocks(place, store, cases[:most])
    with whole_file(out) as file:
        write_review(file, blocks, labels=_labels())
    return {"cases": len(blocks), "left_out": len(cases) - len(blocks)}


def _locality(place: Platform, code: str) -> Locality:
    if place.sources.is_named(code):
        return Locality((), (), (code,))
    sources = [name for name, province in place.sources.province_of.items() if province == code]
    found = locality_of(place.reference.gazetteer, code, named_sources=sources)
    if found is None:
        raise UsageError(
            "no locality has that code: the 2, 3 or 5 digits of a province, district or commune are expected,"
            " or a source of config/sources.csv"
        )
    return found


def _blocks(place: Platform, store: Connection, cases: Sequence[Case]) -> list[Block]:
    ids = sorted({person for case in cases for person in case.persons})
    persons, forms = persons_of_cases(store, ids), forms_of_persons(store, ids)
    sides = {person: side_of(persons[person], forms[person], place.reference) for person in ids}
    return [
        Block(
            case=case,
            sides=(sides[left], sides[right]),
            reasons=reasons_in_words(case, place.linkage_model.comparisons),
            notes=notes_in_words(case, stakes().of(case.measures)),
        )
        for case, (left, right) in sides_in_order(cases)
    ]


@cache
def _labels() -> Mapping[str, str]:
    """Column → the first of its Vietnamese labels, the form's own."""
    return dict(reversed([(column, label) for label, column in header_labels()]))


# -- and back --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Decision:
    """An answer to a case as it stands, and who says the same of it already, if that is needed."""

    answer: Answer
    case: Case
    opinion: Opinion
    takes_effect: bool
    seconded: str | None


def apply_answers(place: Platform, workbook: Path, *, reviewer: str | None = None, date: dt.date) -> Applied:
    """Notes what an answered workbook says, row by row; the caller holds the night's lock.

    What can be applied is, in one transaction; the other rows are refused, each with its reason. A second time changes
    nothing.

    Args:
        place: the installation.
        workbook: as exported, answered and saved by any spreadsheet program.
        reviewer: who answered the rows that name nobody.
        date: the business date.

    Raises:
        UsageError: it is no workbook of a review.
        FileRefusedError: it is damaged, hostile or over a limit.
    """
    found = [
        replace(row, reviewer=" ".join((row.reviewer or reviewer or "").split())) for row in read_answers(workbook)
    ]
    answers = [row for row in found if row.verdict != "" or not row.case_id or row.fault]
    told: _Told = {row: (REFUSED, reason) for row, reason in malformed(answers).items()}
    with place.engine.begin() as store:
        sound = [answer for answer in answers if answer.row not in told]
        decisions = _decide(store, sound, told)
        _take_effect(place, store, decisions, told, date)
    rows = [RowAnswer(answer.row, answer.case_id, *told[answer.row]) for answer in answers]
    return Applied(rows, unanswered=len(found) - len(answers))


_Told = dict[int, tuple[str, str | None]]


def _decide(store: Connection, answers: Sequence[Answer], told: _Told) -> list[_Decision]:
    """What is to be done; of rows of which nothing is, `told` gets the outcome."""
    said = {
        (opinion.case_id, opinion.fingerprint, reviewer_key(opinion.reviewer)): opinion.verdict
        for opinion in fetch_opinions(store, [answer.case_id for answer in answers])
    }
    persons = {person for answer in answers for person in answer.persons}
    cases = {case.case_id: case for case in cases_of_persons(store, persons)}
    current = []
    for answer in answers:
        case = cases.get(answer.case_id)
        if said.get((answer.case_id, answer.fingerprint, reviewer_key(answer.reviewer))) == answer.verdict:
            told[answer.row] = (ALREADY_SAID, None)
        elif case is None or case.fingerprint != answer.fingerprint:
            told[answer.row] = (REFUSED, "stale")
        else:
            current.append((answer, case))
    torn = contradicting(current, never=never_persons(store))
    told.update(dict.fromkeys(torn, (REFUSED, "contradiction")))
    return [_decision(answer, case) for answer, case in current if answer.row not in torn]


def _decision(answer: Answer, case: Case) -> _Decision:
    verdict = str(answer.verdict)
    opinion = Opinion(case.case_id, case.fingerprint, verdict, answer.reviewer)
    seconded = next(
        (
            other.reviewer
            for key, other in case.standing.items()
            if other.verdict == verdict and key != reviewer_key(answer.reviewer)
        ),
        None,
    )
    alone = verdict == UNSURE or not stakes().of(case.measures)
    return _Decision(answer, case, opinion, takes_effect=alone or seconded is not None, seconded=seconded)


def _take_effect(
    place: Platform, store: Connection, decisions: Sequence[_Decision], told: _Told, date: dt.date
) -> None:
    """Notes opinions, and verdicts where one reviewer is enough or a second one says the same."""
    pairs = open_pairs(store)
    forms = forms_of_persons(store, {person for one in decisions for person in one.case.persons})
    form_ids = {person: [str(form["form_id"]) for form in theirs] for person, theirs in forms.items()}
    said: list[Said] = []
    for one in decisions:
        if one.takes_effect:
            try:
                said += _verdicts(one, form_ids, pairs)
            except UsageError:
                told[one.answer.row] = (REFUSED, "too_many")
                continue
        note_opinion(store, one.case, one.opinion, reason=one.answer.remark or None, date=date)
        told[one.answer.row] = (APPLIED if one.takes_effect else PENDING, None)
    if said:
        judge_within(place, store, said, date=date)


def _verdicts(
    one: _Decision, forms: Mapping[str, Sequence[str]], pairs: Mapping[tuple[str, str], Sequence[tuple[str, str]]]
) -> list[Said]:
    """The verdicts on pairs of forms: that they are one or never are speaks of every pair, the others of what waits."""
    left, right = one.case.persons
    reviewer = f"{one.seconded} and {one.answer.reviewer}" if one.seconded else one.answer.reviewer
    reason = one.answer.remark or None
    if one.opinion.verdict in (SAME, NEVER):
        return verdicts_on(
            forms[left], forms[right], one.opinion.verdict, reviewer=reviewer, reason=reason, case_id=one.case.case_id
        )
    return [Said(*pair, one.opinion.verdict, reviewer, reason, one.case.case_id) for pair in pairs[left, right]]
