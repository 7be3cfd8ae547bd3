"""Counts of a night out of a real store, landed targets, pages, and what the command says of them."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from dancu.show_progress import progress_lines
from registry.database import close_database
from registry.progress.counts import COUNTED, count_night
from registry.progress.table import standing_as_json
from tasks.platform import Platform
from tasks.progress import publish_progress, read_standing
from tests.integration.a_night import platform_of
from tests.integration.registers import ask
from tests.integration.test_report import _Tags, page, words

NIGHT = dt.date(2021, 6, 27)
TAN_MAI, LONG_KHANH, HANOI = "26026", "26074", "00001"


@pytest.fixture
def place(store: Engine, tmp_path: Path) -> Iterator[Platform]:
    place = platform_of(store, tmp_path)
    yield place
    close_database(place.engine)


def add(place: Platform, table: str, *rows: dict[str, Any]) -> None:
    with place.engine.begin() as store:
        for row in rows:
            binds = ", ".join(f":{name}" for name in row)
            store.execute(text(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({binds})"), row)


def add_forms(place: Platform, commune: str, forms: int) -> None:
    add(place, "form_count", {"place": commune, "place_from": dt.date(1900, 1, 1), "forms": forms})


def add_cards(place: Platform, commune: str, state: str, cards: int, *, applicant: str = "permanent") -> None:
    home = {"place": commune, "place_from": dt.date(1900, 1, 1), "applicant": applicant}
    add(place, "card_count", {**home, "state": state, "cards": cards})


def set_targets(place: Platform, sender: str, *lines: str, name: str = "targets.csv") -> str:
    content = "\n".join(["place,measure,target,from,until", *lines])
    place.objects.put_bytes(f"landing/targets/{sender}/{name}", content.encode())
    return f"landing/targets/{sender}/{name}"


def answer(place: Platform, *, level: str | None = None, within: str = "VN", date: dt.date = NIGHT) -> dict[str, Any]:
    return standing_as_json(read_standing(place, date=date), level=level, within=within)


# -- the seed ----------------------------------------------------------------------------------------------


def the_seed(place: Platform) -> None:
    """Đồng Nai as it stood on 27 June 2021, and the rest of the nation's 54 million dossiers."""
    add_forms(place, TAN_MAI, 2_000_000)
    add_forms(place, LONG_KHANH, 1_100_000)
    add_cards(place, TAN_MAI, "captured", 1_249_000)
    add_cards(place, TAN_MAI, "captured", 46_000, applicant="temporary")
    add_cards(place, LONG_KHANH, "arrived", 200_000)
    add_cards(place, LONG_KHANH, "delivered", 5_000)
    add_cards(place, HANOI, "handed_off", 52_500_000)
    set_targets(place, "75", "75,forms,3.109.000,01/01/2021,01/07/2021")


def test_the_figures_of_the_seed_are_on_the_pages(place: Platform) -> None:
    the_seed(place)
    assert publish_progress(place, date=NIGHT)["refused"] == []
    nation = words(page(place, f"reports/{NIGHT}/progress/index.html"))
    assert "dossiers 108 % 54,000,000 50,000,000 2021-07-01 – reached" in nation
    province = words(page(place, f"reports/{NIGHT}/progress/75.html"))
    assert "forms 99.7 % 3,100,000 3,109,000 2021-07-01 – 2,250" in province
    assert "1,500,000 dossiers of temporary residents 46,000" in province
    assert "205,000 returned" in province


def test_the_figures_of_the_seed_are_in_the_answer_of_the_command(place: Platform) -> None:
    the_seed(place)
    publish_progress(place, date=NIGHT)
    nation, *provinces = answer(place)["units"]
    assert (nation["code"], nation["targets"]["dossiers"]["share"]) == ("VN", 1.08)
    dong_nai = next(unit for unit in provinces if unit["code"] == "75")
    assert dong_nai["counts"]["dossiers"] == 1_500_000
    assert dong_nai["temporary"]["dossiers"] == 46_000
    assert dong_nai["counts"]["returned"] == 205_000
    assert dong_nai["targets"]["forms"]["share"] == 0.9971
    said = "\n".join(progress_lines(answer(place)))
    assert "108 %" in said
    assert "99.7 %" in said


# -- what is counted ---------------------------------------------------------------------------------------


def counted(place: Platform, date: dt.date = NIGHT) -> dict[str, dict[str, int]]:
    """Commune → what is counted of it, without zeros."""
    rows = ask(place, f"SELECT place, {', '.join(COUNTED)} FROM progress_count WHERE business_date = :date", date=date)
    return {row[0]: {name: count for name, count in zip(COUNTED, row[1:], strict=True) if count} for row in rows}


def count(place: Platform, date: dt.date = NIGHT) -> dict[str, dict[str, int]]:
    with place.engine.begin() as store:
        count_night(store, date)
    return counted(place, date)


def test_a_person_counts_once_at_home_and_beside_that_where_it_lodges(place: Platform) -> None:
    first = dt.date(1900, 1, 1)
    homes: list[dict[str, Any]] = [
        {"permanent_place": TAN_MAI, "permanent_place_from": first},
        {"permanent_place": TAN_MAI, "permanent_place_from": first, "current_place": HANOI, "current_place_from": first,
         "temporary_place": LONG_KHANH, "temporary_place_from": first},
        {"current_place": HANOI, "current_place_from": first},
        {},
        {"permanent_place": HANOI, "permanent_place_from": first, "death_date": "2021-05-01"},
    ]  # fmt: skip
    add(place, "person", *({"person_id": f"20210627-0000-0000-0000-{n:012}", **home} for n, home in enumerate(homes)))
    assert count(place) == {
        TAN_MAI: {"persons": 2},
        LONG_KHANH: {"temporary_residents": 1},
        HANOI: {"persons": 1},
        "": {"persons": 1},
    }


DOSSIERS = """
INSERT INTO dossier (dossier_id, station, number, person_id, attempt, captured_at, mode, applicant, reason, place,
       place_from, file_id, row_no, load_no)
SELECT md5(i::text)::uuid, '26026', i::text, md5('p' || i)::uuid, 1, now(), 'station',
       CASE WHEN mod(i, 5) = 0 THEN 'temporary' ELSE 'permanent' END, 'first',
       CASE WHEN mod(i, 3) = 0 THEN '26074' ELSE '26026' END, '1900-01-01', 1, i, 1
  FROM generate_series(1, 600) AS i
"""
CARDS = "INSERT INTO card (dossier_id, state, attempt, since) SELECT dossier_id, 'captured', 1, now() FROM dossier"
FRESH = """
SELECT d.place, d.applicant, c.state, count(*) FROM card AS c JOIN dossier AS d USING (dossier_id) GROUP BY 1, 2, 3
"""
KEPT = "SELECT place, applicant, state, cards FROM card_count WHERE cards <> 0"


def test_counts_that_are_kept_up_are_those_of_a_fresh_count(place: Platform) -> None:
    states = ["handed_off", "produced", "arrived", "delivered", "returned", "captured", "undeliverable", "cancelled"]
    with place.engine.begin() as store:
        store.exec_driver_sql(DOSSIERS)
        store.exec_driver_sql(CARDS)
    for night, state in enumerate(states):
        with place.engine.begin() as store:
            store.execute(
                text("UPDATE card SET state = :state FROM dossier AS d"
                     " WHERE d.dossier_id = card.dossier_id AND mod(d.row_no, :n) = 0"),
                {"state": state, "n": night + 2},
            )  # fmt: skip
            if state == "captured":  # captured again, in another commune
                store.exec_driver_sql("UPDATE dossier SET place = '00001', attempt = 2 WHERE mod(row_no, 7) = 0")
                store.exec_driver_sql(
                    "UPDATE card SET attempt = 2 FROM dossier AS d"
                    " WHERE d.dossier_id = card.dossier_id AND d.attempt = 2"
                )
        count(place, NIGHT + dt.timedelta(days=night))
        assert sorted(ask(place, KEPT)) == sorted(ask(place, FRESH))
    assert count(place, NIGHT + dt.timedelta(days=night)) == counted(place, NIGHT + dt.timedelta(days=night))
    assert ask(place, "SELECT count(*) FROM card WHERE counted[1] IS DISTINCT FROM state") == [(0,)]


def test_dossiers_that_come_to_nothing_do_not_count(place: Platform) -> None:
    for number, state in enumerate(("captured", "rejected", "qc_failed", "produced", "shipped", "arrived",
                                    "undeliverable", "delivered", "returned", "cancelled", "purged")):  # fmt: skip
        add_cards(place, TAN_MAI, state, 10**number)
    assert count(place) == {
        TAN_MAI: {"dossiers": 11_111_111, "produced": 11_111_000, "returned": 11_100_000, "delivered": 10_000_000}
    }


def test_a_night_that_is_counted_again_is_counted_once(place: Platform) -> None:
    add_forms(place, TAN_MAI, 5)
    assert count(place) == count(place) == {TAN_MAI: {"forms": 5}}
    add(place, "form_count", {"place": LONG_KHANH, "place_from": dt.date(1900, 1, 1), "forms": 1})
    assert count(place) == {TAN_MAI: {"forms": 5}, LONG_KHANH: {"forms": 1}}
    assert ask(place, "SELECT count(DISTINCT business_date) FROM progress_count") == [(1,)]


def test_a_night_that_is_run_again_after_later_ones_keeps_its_counts(place: Platform) -> None:
    add_forms(place, TAN_MAI, 5)
    before = count(place)
    add(place, "form_count", {"place": LONG_KHANH, "place_from": dt.date(1900, 1, 1), "forms": 1})
    after = count(place, NIGHT + dt.timedelta(days=1))
    assert count(place) == before != after


# -- targets that land -------------------------------------------------------------------------------------


def test_a_landed_file_of_targets_is_taken_and_a_later_one_goes_before_it(place: Platform) -> None:
    first = set_targets(place, "75", "731,dossiers,100,2021-01-01,2021-07-01")
    assert publish_progress(place, date=NIGHT)["refused"] == []
    set_targets(place, "731", "731,dossiers,50,2021-01-01,2021-07-01")
    publish_progress(place, date=NIGHT)
    assert ask(place, "SELECT place, target, set_by FROM target") == [("731", 50, "731")]
    assert not place.objects.exists(first)
    assert len(list(place.objects.list("archive/targets/"))) == 2


def test_a_file_with_a_wrong_line_stays_and_says_why(place: Platform) -> None:
    add_forms(place, TAN_MAI, 5)
    key = set_targets(place, "75", "731,dossiers,100,2021-01-01,2021-07-01", "001,forms,5,,2021-07-01")
    nobody = set_targets(place, "Nguyễn Văn Thử", "731,forms,1,,2021-07-01")
    refused = publish_progress(place, date=NIGHT)["refused"]
    why = "place does not lie in the place that sets the target; the sender mends them"
    assert sorted(refused) == [
        f"a file of targets of 75 stays in landing: line 3: {why}",
        f"a file of targets of an unknown sender stays in landing: line 2: {why}",
    ]
    assert place.objects.exists(key)
    assert place.objects.exists(nobody)
    assert ask(place, "SELECT count(*) FROM target") == [(0,)]


# -- pages -------------------------------------------------------------------------------------------------


def test_pages_are_whole_and_lead_to_each_other(place: Platform) -> None:
    the_seed(place)
    set_targets(
        place, "731", "26026,dossiers,2000000,2021-01-01,2021-07-01", "731,dossiers,9,,2021-07-01", name="b.csv"
    )
    publish_progress(place, date=NIGHT)
    keys = [info.key for info in place.objects.list(f"reports/{NIGHT}/progress/")]
    names = {key.rpartition("/")[2] for key in keys}
    assert names == {"index.html", "75.html", "01.html", "731.html", "732.html", "001.html"}
    for key in keys:
        tags = _Tags()
        tags.feed(page(place, key))
        assert tags.open == []
        anchors = {link for link in tags.links if link.startswith("#")}
        assert set(tags.links) - anchors <= names | {"../index.html"}
        assert all(f'id="{link[1:]}"' in page(place, key) for link in anchors)
        assert "<script" not in page(place, key)
        assert "url(" not in page(place, key)
    district = words(page(place, f"reports/{NIGHT}/progress/731.html"))
    assert "Communes by share of the target of dossiers" in district
    assert "64.7 %" in district


def test_publishing_again_changes_nothing(place: Platform) -> None:
    the_seed(place)
    publish_progress(place, date=NIGHT)
    before = {info.key: place.objects.read_bytes(info.key) for info in place.objects.list("reports/")}
    assert before
    publish_progress(place, date=NIGHT)
    assert {info.key: place.objects.read_bytes(info.key) for info in place.objects.list("reports/")} == before


def test_what_is_counted_of_no_commune_is_shown_apart(place: Platform) -> None:
    add_forms(place, TAN_MAI, 5)
    add_forms(place, "", 2)
    publish_progress(place, date=NIGHT)
    nation = answer(place)
    assert nation["units"][0]["counts"]["forms"] == 7
    assert nation["not_told_apart"]["forms"] == 2
    assert "not told apart 2" in words(page(place, f"reports/{NIGHT}/progress/index.html"))


def test_an_empty_store_has_no_page(place: Platform) -> None:
    assert publish_progress(place, date=NIGHT)["page"] is None
    assert list(progress_lines(answer(place))) == ["Nothing is counted yet: a night counts."]
