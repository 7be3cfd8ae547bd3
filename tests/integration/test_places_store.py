"""The gazetteer as tables of the store."""

from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, text

import config
from registry.places import BEGINNING, Gazetteer
from registry.places.store import fill_places

FOLDER = Path(config.__file__).parent / "places"
GAZETTEER = Gazetteer.open(FOLDER)


def rows(store: Engine, query: str, **values: object) -> list[tuple[Any, ...]]:
    with store.begin() as connection:
        return [tuple(row) for row in connection.execute(text(query), values)]


def test_a_fresh_store_has_every_unit_with_its_days(store: Engine) -> None:
    kept = rows(store, "SELECT level, code, name, full_name, coalesce(parent, ''), valid_from, valid_to FROM place")
    facts = [
        (unit.level, unit.code, unit.name, unit.full_name, unit.parent_code, unit.valid_from, until)
        for unit, until in GAZETTEER.facts()
    ]
    assert sorted(kept, key=lambda row: row[1:3] + row[5:6]) == sorted(facts, key=lambda row: row[1:3] + row[5:6])


def test_on_a_day_a_code_is_one_unit(store: Engine) -> None:
    query = (
        "SELECT code, count(*) FROM place WHERE valid_from <= :day AND (valid_to IS NULL OR valid_to > :day)"
        " AND level = 'commune' GROUP BY code"
    )
    for day, count in ((date(2022, 1, 1), 10_599), (date(2025, 4, 1), 10_035), (date(2026, 1, 1), 3_321)):
        found = rows(store, query, day=day)
        assert len(found) == count
        assert {each for _, each in found} == {1}


def test_what_a_unit_is_today(store: Engine) -> None:
    query = "SELECT successor, extent FROM place_successor WHERE code = :code AND valid_from = :day ORDER BY 1"
    assert rows(store, query, code="26449", day=BEGINNING) == [("26359", "part"), ("26446", "part")]
    assert rows(store, query, code="80", day=BEGINNING) == [("80", "whole")]
    standing = "SELECT count(*) FROM place JOIN place_successor USING (code, valid_from) WHERE valid_to IS NULL"
    assert rows(store, standing) == [(0,)]


def test_filling_it_again_changes_nothing_and_mends_what_was_changed(store: Engine) -> None:
    query = "SELECT md5(string_agg(p::text, '' ORDER BY code, valid_from)) FROM place AS p"
    others = "SELECT md5(string_agg(s::text, '' ORDER BY code, valid_from, successor)) FROM place_successor AS s"
    before = rows(store, query) + rows(store, others)
    with store.begin() as connection:
        connection.execute(text("UPDATE place SET name = 'x' WHERE code = '26068'"))
    assert rows(store, query) + rows(store, others) != before
    for _ in range(2):
        with store.begin() as connection:
            fill_places(connection, GAZETTEER)
        assert rows(store, query) + rows(store, others) == before
