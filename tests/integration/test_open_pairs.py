"""Which pairs wait for people is said twice, in the store and in DuckDB, and means the same."""

import random
from dataclasses import dataclass, field

import duckdb
import pyarrow as pa
import pytest
from sqlalchemy import Connection, Engine, text

from registry.database import load_sql
from registry.linkage.clusters import DIFFERENT, NEVER, SAME, UNSURE

Two = tuple[str, str]


@dataclass
class Drawn:
    """Forms by the person of today, pairs (apart or not), and what reviewers said, the last word last."""

    persons: dict[str, str]
    pairs: dict[Two, bool] = field(default_factory=dict)
    said: list[tuple[Two, str]] = field(default_factory=list)

    @property
    def waiting(self) -> dict[Two, list[Two]]:
        """The pairs that wait, by the two persons: the rule in its plainest words."""
        holds = dict(self.said)
        between: dict[Two, list[Two]] = {}
        kept_apart = set()
        for two in self.pairs.keys() | holds.keys():
            one, other = sorted(self.persons[form] for form in two)
            if one == other:
                continue
            if self.pairs.get(two, False) or holds.get(two) == NEVER:
                kept_apart.add((one, other))
            elif two in self.pairs and holds.get(two, UNSURE) == UNSURE:
                between.setdefault((one, other), []).append(two)
        return {both: sorted(pairs) for both, pairs in between.items() if both not in kept_apart}


@pytest.fixture(scope="module")
def drawn() -> Drawn:
    draw = random.Random(7)
    forms = [f"{number:032x}" for number in range(120)]
    found = Drawn({form: _person(draw.randrange(60)) for form in forms})
    for _ in range(160):
        one, other = sorted(draw.sample(forms, 2))
        found.pairs[one, other] = draw.random() < 0.2
    for _ in range(90):
        weighed = draw.random() < 0.8
        one, other = draw.choice(list(found.pairs)) if weighed else sorted(draw.sample(forms, 2))
        found.said.append(((one, other), draw.choice([SAME, DIFFERENT, NEVER, UNSURE] if weighed else [SAME, NEVER])))
    return found


def _person(number: int) -> str:
    return f"20210630-0000-0000-0000-{number:012x}"


def test_the_draw_has_everything(drawn: Drawn) -> None:
    assert len(drawn.waiting) > 20
    without_rule = {two for two in drawn.pairs if len({drawn.persons[form] for form in two}) == 2}
    assert len(without_rule) > 1.5 * sum(map(len, drawn.waiting.values()))
    assert any(verdict == NEVER and two not in drawn.pairs for two, verdict in drawn.said)


def test_the_store_finds_the_pairs_that_wait(store: Engine, drawn: Drawn) -> None:
    with store.begin() as connection:
        _fill(connection, drawn)
        every = sorted(set(drawn.persons.values()))
        assert _waiting(connection, every) == drawn.waiting
        some = every[::7]
        assert _waiting(connection, some) == {
            both: pairs for both, pairs in drawn.waiting.items() if not set(some).isdisjoint(both)
        }


def _fill(connection: Connection, drawn: Drawn) -> None:
    """Every third form was another person's once."""
    for number, (form, person) in enumerate(drawn.persons.items()):
        moved = number % 3 == 0
        for judged_no, whose in enumerate([_person(999), person] if moved else [person]):
            connection.execute(
                text(
                    "INSERT INTO judgement (form_id, judged_no, person_id, rule, file_id, row_no, load_no, member)"
                    " VALUES (CAST(:form AS uuid), :judged_no, CAST(:person AS uuid), 'first', 1, 1, 1, 1)"
                ),
                {"form": form, "judged_no": judged_no, "person": whose},
            )
    for (one, other), apart in drawn.pairs.items():
        connection.execute(
            text("INSERT INTO pair VALUES (CAST(:one AS uuid), CAST(:other AS uuid), 3, '{}', :apart, 1)"),
            {"one": one, "other": other, "apart": apart},
        )
    for (one, other), verdict in drawn.said:
        values = {"form_a": one, "form_b": other, "verdict": verdict, "reviewer": "x", "date": "2021-07-01"}
        connection.execute(text(load_sql("judge", "insert_verdict")), {**values, "reason": None, "case_id": None})


def _waiting(connection: Connection, persons: list[str]) -> dict[Two, list[Two]]:
    query = (
        "SELECT person_id::text, other_id::text, replace(form_a::text, '-', ''), replace(form_b::text, '-', '')"
        "  FROM open_pair(CAST(:persons AS uuid[]))"
    )
    found: dict[Two, set[Two]] = {}
    for person, other, one, two in connection.execute(text(query), {"persons": persons}):
        found.setdefault((min(person, other), max(person, other)), set()).add((one, two))
    return {both: sorted(pairs) for both, pairs in found.items()}


def test_a_load_finds_the_persons_of_those_pairs(drawn: Drawn) -> None:
    holds = dict(drawn.said)
    ties = [(*two, drawn.pairs.get(two, False), holds.get(two)) for two in drawn.pairs.keys() | holds.keys()]
    tables = {
        "placed": pa.table(dict(zip(("form_id", "person_id"), zip(*drawn.persons.items(), strict=True), strict=True))),
        "tie": pa.table(dict(zip(("form_a", "form_b", "apart", "verdict"), zip(*ties, strict=True), strict=True))),
    }
    with duckdb.connect() as local:
        for name, table in tables.items():
            local.register(name, table)
        local.execute(load_sql("link", "create_open_person"))
        found = {row[0] for row in local.execute("SELECT person_id FROM open_person").fetchall()}
    assert found == {person for both in drawn.waiting for person in both}
