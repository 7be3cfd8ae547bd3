"""A person looked at: as it is, as it was after past nights, what tied its forms, and the picture of that."""

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from sqlalchemy import Engine, text

from dancu.cli import main
from dancu.show_person import person_lines
from registry.errors import UsageError
from registry.extracts import GOLDEN_SCHEMA, write_persons
from registry.objects import put_folder
from registry.past import PRESENT, fetch_past
from samples.generate import generate
from tasks.allocate import allocate_numbers
from tasks.draw import draw_ties
from tasks.judge import part_person, tie_persons
from tasks.look import look_at
from tasks.platform import Platform
from tasks.verify import examine
from tests.integration import doubtful
from tests.integration.real_store import installation, work_night
from tests.integration.registers import MAN, as_csv, ask, land, land_movements, man, movement

NIGHTS = [dt.date(2021, 6, 30) + dt.timedelta(days=day) for day in range(6)]
SAID = {"reviewer": "Trần Thị Duyệt", "reason": "looked at the papers"}
#: So little is said of each half of a man that he is two persons until his whole form comes.
_LITTLE = {"birth_date": "1962", "permanent_address": "", "father_name": "", "mother_name": ""}
HALVES = (
    man("H-1", **_LITTLE, pid="", cmnd_no="276187399"),
    man("H-2", **_LITTLE, permanent_place="26050", origin_place="26050"),
)
WHOLE = man("H-3", cmnd_no="276187399", mother_name="")


def form_named(place: Platform, form_no: str) -> tuple[str, str]:
    """form_id and person_id of a form."""
    [found] = ask(
        place,
        "SELECT replace(m.form_id::text, '-', ''), m.person_id::text FROM membership AS m"
        " JOIN received_row AS r USING (file_id, row_no) WHERE r.form_no = :form_no",
        form_no=form_no,
    )
    return found[0], found[1]


def _nights(place: Platform, folder: Path) -> Iterator[dt.date]:
    """Ties by forms and by a word, a split, a merge, a number, movements and rivals, a night each."""
    generate(folder / "first", forms=12, seed=4, clean_share=0.7, date=NIGHTS[0])
    put_folder(folder / "first", place.objects)
    land(place, "halves.csv", as_csv(HALVES))
    work_night(NIGHTS[0])
    allocate_numbers(place, date=NIGHTS[0])
    yield NIGHTS[0]
    land(place, "whole.csv", as_csv([WHOLE, doubtful.first_form("D-1", doubtful.CHILD)]))
    work_night(NIGHTS[1])
    allocate_numbers(place, date=NIGHTS[1])
    yield NIGHTS[1]
    first, person = form_named(place, "H-2")
    part_person(place, person, [first], date=NIGHTS[2], **SAID)
    land(place, "rival.csv", as_csv([doubtful.second_form("D-2", doubtful.CHILD)]))
    work_night(NIGHTS[2])
    yield NIGHTS[2]
    moved = [
        movement("M-1", "Khai tử", occurred_on="20/06/2021"),
        movement("M-2", "Cải chính", field="ethnicity", old_value="Tày", new_value="Nùng", document_no="12/2021"),
    ]
    land_movements(place, "moved.csv", moved)
    work_night(NIGHTS[3])
    yield NIGHTS[3]
    one, other = form_named(place, "H-1")[1], form_named(place, "H-2")[1]
    tie_persons(place, one, other, date=NIGHTS[4], **SAID)
    work_night(NIGHTS[4])
    yield NIGHTS[4]
    tie_persons(place, form_named(place, "D-1")[1], form_named(place, "D-2")[1], date=NIGHTS[5], **SAID)
    work_night(NIGHTS[5])
    yield NIGHTS[5]


@pytest.fixture(scope="module")
def place(postgres_server: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DANCU_ALLOCATION_KEY", "a made-up key that is long enough for a test")
        with installation(postgres_server, tmp_path_factory.mktemp("home"), name="look") as place:
            yield place


Told = dict[dt.date, dict[str, dict[str, Any]]]


@pytest.fixture(scope="module")
def told(place: Platform, tmp_path_factory: pytest.TempPathFactory) -> Told:
    """Night → person → what `dancu person` said of it after that night."""
    kept = {}
    for night in _nights(place, tmp_path_factory.mktemp("registers")):
        ids = ask(place, "SELECT person_id::text FROM person")
        kept[night] = {person_id: look_at(place, person_id) for (person_id,) in ids}
    assert examine(place).breaches == []
    return kept


def golden(portrait: dict[str, Any]) -> dict[str, Any]:
    """The golden record that a portrait shows."""
    values = {field["column"]: field["value"] for field in portrait["fields"]}
    return {name: values.get(name) for name in GOLDEN_SCHEMA.names} | {
        name: portrait[name] for name in ("person_id", "in_review")
    }


def as_text(record: dict[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, dt.date) else value for name, value in record.items()}


def test_every_person_is_what_it_was_said_to_be_after_each_night(place: Platform, told: Told) -> None:
    for night, persons in told.items():
        for person_id, then in persons.items():
            assert look_at(place, person_id, night=night) == {**then, "as_of": night.isoformat()}


def test_the_nights_differ(told: Told) -> None:
    """A man of two halves is tied by a form, parted, gains two movements, and is tied again."""
    whole, moved = ["H-1", "H-2", "H-3"], ["H-1", "H-3", "M-1", "M-2"]
    assert [forms_by_person(told[night], MAN["full_name"]) for night in NIGHTS[:5]] == [
        [["H-1"], ["H-2"]], [whole], [["H-1", "H-3"], ["H-2"]], [moved, ["H-2"]], [[*whole, "M-1", "M-2"]],
    ]  # fmt: skip


def forms_by_person(persons: dict[str, dict[str, Any]], name: str) -> list[list[str]]:
    """The numbers of the forms of each person of a name."""
    return sorted(
        sorted(form["form_no"] for form in portrait["forms"])
        for portrait in persons.values()
        if golden(portrait)["full_name"] == name
    )


def test_the_fields_are_those_of_the_extract(place: Platform, told: Told, tmp_path: Path) -> None:
    write_persons(place.engine, tmp_path / "persons.parquet")
    extract = pq.read_table(tmp_path / "persons.parquet").to_pylist()
    last = told[max(told)]
    assert [golden(last[record["person_id"]]) for record in extract] == [as_text(record) for record in extract]


def test_ids_of_the_past_are_those_of_then(place: Platform, told: Told) -> None:
    nights = list(told)
    once = set().union(*told.values()) - set(told[NIGHTS[0]]).intersection(*told.values())
    assert len(once) >= 3
    for person_id in once:
        since = min(night for night in nights if person_id in told[night])
        for night in nights:
            if night < since:
                with pytest.raises(UsageError, match="yet"):
                    look_at(place, person_id, night=night)
            else:
                assert look_at(place, person_id, night=night)["person_id"] in told[night]
    with pytest.raises(UsageError, match="no person has the id"):
        look_at(place, "20210630-0000-0000-0000-000000000000", night=nights[0])


def test_old_ids_played_again_are_those_of_the_store(place: Platform, told: Told) -> None:
    for person_id in told[max(told)]:
        with place.engine.begin() as store:
            past = fetch_past(store, person_id, PRESENT)
            rows = store.execute(
                text("SELECT old_id::text, load_no FROM person_alias WHERE person_id = CAST(:id AS uuid)"),
                {"id": person_id},
            )
            assert {(old, by.load_no) for old, by in past.old_ids(person_id).items()} == {tuple(row) for row in rows}


def test_a_tie_adds_up_and_says_who_spoke(place: Platform, told: Told) -> None:
    assert told
    portrait = look_at(place, form_named(place, "H-1")[1])
    assert len(portrait["ties"]) >= 3
    for tie in portrait["ties"]:
        if tie["weight"] is not None:
            assert tie["weight"] == pytest.approx(portrait["linkage"]["prior"] + sum(tie["parts"].values()), abs=0.1)
    said = {tie["said"]["verdict"] for tie in portrait["ties"] if tie["said"]}
    assert said == {"same"}
    after_split = look_at(place, form_named(place, "H-1")[1], night=NIGHTS[2])
    assert {tie["said"] and tie["said"]["verdict"] for tie in after_split["ties"]} == {None}


def test_the_history_tells_what_happened_in_order(place: Platform, told: Told) -> None:
    assert told
    person_id = form_named(place, "H-1")[1]
    history = look_at(place, person_id)["history"]
    assert [event["day"] for event in history] == sorted(event["day"] for event in history)
    told = [(event["what"], event["form"]["form_no"]) for event in history if event["form"]]
    assert {("came", "H-1"), ("came", "H-2"), ("death", "M-1"), ("correction", "M-2")} <= set(told)
    assert any(event.get("reviewer") == SAID["reviewer"] for event in history)
    [correction] = look_at(place, person_id)["corrections"]
    assert (correction["field"], correction["in_conflict"]) == ("ethnicity", True)
    lines = "\n".join(person_lines(look_at(place, person_id)))
    assert "a correction of ethnicity is of a value that is not there" in lines
    assert "What ties the forms" in lines
    assert f"{SAID['reviewer']}: {SAID['reason']}" in lines


def test_pairs_that_wait_are_shown_beside_the_rival(place: Platform, told: Told) -> None:
    assert told
    [rival] = look_at(place, form_named(place, "D-1")[1], night=NIGHTS[4])["rivals"]
    assert [form["form_no"] for form in rival["pairs"][0]["forms"]] in (["D-1", "D-2"], ["D-2", "D-1"])
    assert look_at(place, form_named(place, "D-1")[1])["rivals"] == []


def test_the_picture_shows_the_store_s_weights_and_loads_nothing(place: Platform, told: Told, tmp_path: Path) -> None:
    assert told
    out = tmp_path / "ties.html"
    portrait = look_at(place, form_named(place, "H-1")[1])
    drawn = draw_ties(place, portrait, out)
    assert drawn["ties"] == sum(tie["weight"] is not None for tie in portrait["ties"])
    assert oct(out.stat().st_mode)[-3:] == "600"
    page = out.read_text(encoding="utf-8")
    assert "<script src" not in page
    assert "default-src 'none'" in page
    assert "<title>Ties of a person</title>" in page
    assert "<p>What each comparison adds" in page
    for tie in portrait["ties"]:
        if tie["weight"] is not None:
            assert f"weight {tie['weight']:+.2f}" in page


def test_a_person_of_one_form_has_no_picture(place: Platform, told: Told, tmp_path: Path) -> None:
    persons = (look_at(place, person_id) for person_id in told[max(told)])
    alone = next(portrait for portrait in persons if not portrait["ties"] and not portrait["rivals"])
    with pytest.raises(UsageError, match="nothing to draw"):
        draw_ties(place, alone, tmp_path / "none.html")


@pytest.mark.parametrize("night", NIGHTS)
def test_the_command_says_what_it_said_after_that_night(
    told: Told, capsys: pytest.CaptureFixture[str], night: dt.date
) -> None:
    for person_id in (
        one for one, portrait in told[night].items() if golden(portrait)["full_name"] == MAN["full_name"]
    ):
        with pytest.raises(SystemExit) as end:
            main(["person", person_id, "--as-of", night.isoformat(), "--json"])
        assert end.value.code == 0
        said = json.loads(capsys.readouterr().out.splitlines()[-1])
        then = told[night][person_id]
        assert [said["fields"], said["forms"]] == json.loads(json.dumps([then["fields"], then["forms"]], default=str))


def test_the_command_says_when_nobody_had_the_id(told: Told, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["person", next(iter(told[NIGHTS[0]])), "--as-of", "2021-06-29"])
    assert end.value.code == 2
    assert "after the night of 2021-06-29 yet" in capsys.readouterr().err
