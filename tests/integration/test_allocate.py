"""Allocation on a real store: whoever has complete data is given a number, once, whatever happens meanwhile."""

import datetime as dt
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pyarrow as pa
import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, event, text
from sqlalchemy.exc import OperationalError

from dancu.cli import main
from registry.allocation import RANGE, draw, read_key
from registry.database import close_database
from registry.errors import PlatformError
from registry.identity_numbers import decode
from registry.writing import TEXT
from tasks.allocate import allocate_numbers
from tasks.judge import tie_persons
from tasks.platform import Platform, platform
from tasks.verify import examine
from tests.integration.real_store import installation, work_night
from tests.integration.registers import as_csv, ask, land, man, persons, verdicts

FIRST, SECOND, THIRD = (dt.date(2021, 6, 30) + dt.timedelta(days=day) for day in range(3))
#: Persons of one form of whom nobody need decide.
SETTLED = """
    SELECT count(*) FROM person AS p
     WHERE NOT in_review AND (SELECT count(*) FROM membership AS m WHERE m.person_id = p.person_id) = 1
"""
KEY = "a made-up key that is long enough for a test"


@pytest.fixture
def place(postgres_server: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Platform]:
    monkeypatch.setenv("DANCU_ALLOCATION_KEY", KEY)
    with installation(postgres_server, tmp_path, name="allocate") as place:
        yield place
        assert examine(place).breaches == []


def newborn(form_no: str, **cells: str) -> dict[str, str]:
    """A man without a number; every form number is another man of another family."""
    surname, _, given = named(form_no).split()
    family = {"father_name": f"{surname} ĐỨC {given}", "mother_name": f"{surname} THỊ {given}"}
    home = {"permanent_address": f"Số {form_no} tổ {form_no}"}
    birth = {"birth_date": f"{int(form_no) % 28 + 1:02}/{int(form_no) % 12 + 1:02}/1962"}
    return man(form_no, **{"full_name": named(form_no), "pid": "", **birth, **family, **home, **cells})


def named(form_no: str) -> str:
    """A made-up name without digits for each form number below 225."""
    surnames = (
        "NGUYỄN", "TRỊNH", "PHẠM", "HOÀNG", "QUÁCH", "HUỲNH", "KIỀU", "CHÂU", "THÁI", "DƯƠNG", "LƯU", "BẾ",
        "SƠN", "TỐNG",
    )  # fmt: skip
    given = (
        "ANH", "BÌNH", "CƯỜNG", "DŨNG", "ĐOÀN", "GIANG", "HẢI", "KHUÊ", "LONG", "MINH", "NGHĨA", "OÁNH", "PHƯỚC", "QUÝ",
        "THẮNG",
    )  # fmt: skip
    first, second = divmod(int(form_no), len(given))
    return f"{surnames[first]} VĂN {given[second]}"


def night(place: Platform, date: dt.date, *forms: dict[str, str]) -> dict[str, int]:
    land(place, f"{date}-{forms[0]['form_no']}.csv", as_csv(forms))
    return work_night(date)


def numbers(place: Platform) -> dict[str, str]:
    """Name → number."""
    return dict(ask(place, "SELECT full_name, pid FROM person WHERE pid IS NOT NULL"))


@contextmanager
def with_key(place: Platform, key: str) -> Iterator[Platform]:
    """The same installation, had it been started with another key."""
    other = Platform(place.settings.model_copy(update={"allocation_key": SecretStr(key)}))
    yield other
    close_database(other.engine)


def test_who_has_complete_data_is_given_a_number_that_says_so(place: Platform) -> None:
    woman = newborn("2", sex="Nữ", birth_date="01/02/2003", birth_registration_place="26734")
    left_out = [
        newborn("3", birth_date="1962"),
        newborn("4", birth_registration_place=""),
        newborn("5", death_date="01/01/2020"),
        newborn("6", nationality="Lào"),
    ]
    night(place, FIRST, newborn("1"), woman, man("7"), *left_out)
    assert allocate_numbers(place, date=FIRST) == {"given": 2, "left_out": 0}
    found = numbers(place)
    assert set(found) == {named("1"), named("2"), "LÝ VĂN THỬ"}
    given = decode(pa.array([found[named("1")], found[named("2")]], TEXT)).to_pylist()
    assert given == [
        {"sex": "M", "birth_year": 1962, "province": "75"},
        {"sex": "F", "birth_year": 2003, "province": "79"},
    ]
    assert allocate_numbers(place, date=SECOND) == {"given": 0, "left_out": 0}


def test_nobody_is_given_a_number_unless_it_is_switched_on(place: Platform) -> None:
    night(place, FIRST, newborn("1"))
    with with_key(place, "") as off:
        assert allocate_numbers(off, date=FIRST) == {"given": 0, "left_out": 0}
    assert numbers(place) == {}
    assert ask(place, "SELECT * FROM allocation") == []


def test_places_and_births_since_july_2025_have_no_prefix(place: Platform) -> None:
    night(place, dt.date(2025, 8, 1), newborn("1", birth_date="02/07/2025", declared_on="01/08/2025"),
          newborn("2", declared_on="01/08/2025", birth_registration_place="26041"))  # fmt: skip
    assert set(verdicts(place).values()) == {"new"}
    assert allocate_numbers(place, date=dt.date(2025, 8, 1)) == {"given": 0, "left_out": 2}


def test_a_given_number_finds_its_person_again(place: Platform) -> None:
    """A form with the number ties to its person by name or birth date; with neither it contests the number."""
    night(place, FIRST, newborn("1", father_name="", mother_name=""))
    allocate_numbers(place, date=FIRST)
    number = numbers(place)[named("1")]
    night(place, SECOND, newborn("1", pid=number, birth_date="06/12/1962", phone="0912000111"))
    assert verdicts(place)["1"] == "matched"
    assert len(persons(place)) == 1
    assert examine(place).breaches == []
    night(place, THIRD, man("3", full_name="TRỊNH VĂN LẠ", pid=number, birth_date="07/08/1992"))
    assert verdicts(place)["3"] == "review"
    assert persons(place) == [(named("1"), True), ("TRỊNH VĂN LẠ", True)]


def test_a_number_that_is_stated_comes_before_the_given_one(
    place: Platform, capsys: pytest.CaptureFixture[str]
) -> None:
    night(place, FIRST, newborn("1"))
    allocate_numbers(place, date=FIRST)
    given = numbers(place)[named("1")]
    night(place, SECOND, newborn("1", pid="075062000077"))
    assert numbers(place)[named("1")] == "075062000077"
    assert ask(place, "SELECT number FROM allocated_number") == [(given,)]
    ((person_id,),) = ask(place, "SELECT person_id::text FROM person")
    shown = {entry["number"]: entry for entry in _history(capsys, person_id)}
    assert shown[given]["given_on"] == f"{FIRST}"
    assert (shown[given]["in_force"], shown["075062000077"]["in_force"]) == (False, True)


def test_two_who_turn_out_to_be_one_keep_one_number(place: Platform) -> None:
    night(place, FIRST, newborn("1"), newborn("20"))
    allocate_numbers(place, date=FIRST)
    both = {number for (number,) in ask(place, "SELECT number FROM allocated_number")}
    one, other = (person_id for (person_id,) in ask(place, "SELECT person_id::text FROM person"))
    tie_persons(place, one, other, reviewer="a reviewer", reason="told so by both", date=SECOND)
    assert len(persons(place)) == 1
    assert len(both) == 2
    assert set(numbers(place).values()) == {max(both)}


def test_numbers_that_a_form_states_are_left_out(place: Platform) -> None:
    first, second = (f"{number:012}" for number in draw(read_key(KEY), "075062", first=0, count=2))
    night(place, FIRST, man("1", pid=first), newborn("2"))
    allocate_numbers(place, date=FIRST)
    assert numbers(place)[named("2")] == second
    assert ask(place, "SELECT prefix, next FROM number_range") == [("075062", 2)]


def test_a_range_that_is_used_up_is_named_and_the_others_go_on(place: Platform) -> None:
    night(place, FIRST, *(newborn(str(n)) for n in range(1, 4)), newborn("4", birth_date="05/12/1963"))
    with place.engine.begin() as store:
        store.execute(text("INSERT INTO number_range VALUES ('075062', :next)"), {"next": RANGE - 2})
    with pytest.raises(PlatformError, match=r"no number is left that begins with 075062; 3 numbers.*The operator"):
        allocate_numbers(place, date=FIRST)
    assert len(numbers(place)) == 3
    assert ask(place, "SELECT * FROM number_range ORDER BY 1") == [("075062", RANGE), ("075063", 1)]


def test_another_key_is_refused(place: Platform) -> None:
    night(place, FIRST, newborn("1"))
    allocate_numbers(place, date=FIRST)
    night(place, SECOND, newborn("2"))
    for key, said in (("another key that is long enough for tests", "is not the key"), ("short", "fewer than 32")):
        with with_key(place, key) as other, pytest.raises(PlatformError, match=said) as refused:
            allocate_numbers(other, date=SECOND)
        assert key not in str(refused.value)
        assert KEY not in str(refused.value)
    assert len(numbers(place)) == 1
    assert allocate_numbers(place, date=SECOND)["given"] == 1


def test_two_allocators_at_once_give_nobody_two_numbers_and_no_number_twice(place: Platform) -> None:
    night(place, FIRST, *(newborn(str(n)) for n in range(1, 200)))
    others = [platform(), Platform(place.settings), Platform(place.settings)]
    with ThreadPoolExecutor(3) as pool:
        counts = list(pool.map(lambda other: allocate_numbers(other, date=FIRST)["given"], others))
    # Some made-up men are so alike that people must decide whether they are one, or are taken for one: they wait.
    ((settled,),) = ask(place, SETTLED)
    assert settled > 150
    assert sorted(counts) == [0, 0, settled]
    assert len(set(numbers(place).values())) == settled
    for other in others[1:]:
        close_database(other.engine)


def test_an_allocator_that_is_killed_gives_nothing_and_the_next_one_gives_all(place: Platform) -> None:
    night(place, FIRST, *(newborn(str(n)) for n in range(1, 50)))

    def kill_before_commit(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("UPDATE allocation SET"):
            with psycopg.connect(place.engine.url.set(drivername="postgresql").render_as_string(False)) as killer:
                killer.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND state = 'idle in transaction'"
                )

    event.listen(place.engine, "before_cursor_execute", kill_before_commit)
    with pytest.raises(OperationalError):
        allocate_numbers(place, date=FIRST)
    event.remove(place.engine, "before_cursor_execute", kill_before_commit)
    assert numbers(place) == {}
    assert ask(place, "SELECT count(*) FROM number_range") == [(0,)]
    ((settled,),) = ask(place, SETTLED)
    assert settled > 40
    assert allocate_numbers(place, date=FIRST)["given"] == settled
    assert len(set(numbers(place).values())) == settled


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ("UPDATE allocated_number SET number = '079' || substr(number, 4)", "begin as no form of their person says"),
        ("UPDATE number_range SET next = 0", "more than number_range has counted"),
        ("DELETE FROM allocated_number", "person, column pid"),
        ("UPDATE allocated_number SET member = 1", "a name and birth date of no form of their person"),
    ],
)
def test_verify_finds_numbers_that_are_not_as_given(place: Platform, change: str, found: str) -> None:
    night(place, FIRST, newborn("1"))
    allocate_numbers(place, date=FIRST)
    before = {table: ask(place, f"SELECT * FROM {table}") for table in ("allocated_number", "number_range")}
    with place.engine.begin() as store:
        store.exec_driver_sql(change)
    breaches = " ".join(map(str, examine(place).breaches))
    assert found in breaches
    assert before["allocated_number"][0][0] not in breaches
    with place.engine.begin() as store:
        for table, rows in before.items():
            store.exec_driver_sql(f"DELETE FROM {table}")
            store.exec_driver_sql(f"INSERT INTO {table} VALUES ({', '.join(['%s'] * len(rows[0]))})", rows)


def _history(capsys: pytest.CaptureFixture[str], person_id: str) -> list[dict[str, object]]:
    with pytest.raises(SystemExit):
        main(["person", person_id, "--json"])
    found: list[dict[str, object]] = json.loads(capsys.readouterr().out.splitlines()[-1])["numbers"]
    return found
