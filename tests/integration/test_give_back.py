"""Give back, against a real store and both kinds of object store."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from sqlalchemy import Engine

from registry.database import close_database
from registry.errors import PlatformError
from registry.kinds import REGISTERS
from registry.returns import header_of
from tasks.give_back import return_rows
from tasks.platform import Platform
from tests.integration.a_night import NIGHT, PERSONAL, Night, platform_of, usual_night


def book(place: Platform, sender: str) -> Workbook:
    return load_workbook(BytesIO(place.objects.read_bytes(f"returns/{sender}/{NIGHT}.xlsx")))


def lines(workbook: Workbook, sheet: int = 0) -> list[dict[str, object]]:
    header, *rows = workbook.worksheets[sheet].iter_rows(values_only=True)
    return [dict(zip(header, row, strict=True)) for row in rows]


@pytest.fixture(params=["folder", "s3"])
def place(request: pytest.FixtureRequest, store: Engine, tmp_path: Path) -> Iterator[Platform]:
    where = {}
    if request.param == "s3":
        server = request.getfixturevalue("s3_moto")
        where = {
            "objects_url": f"{server.url}/{tmp_path.name}",
            "s3_endpoint_url": server.endpoint_url,
        }
    place = platform_of(store, tmp_path, **where)
    yield place
    close_database(place.engine)


def test_open_rows_go_back_as_they_were_sent(place: Platform) -> None:
    files = usual_night(place)
    assert return_rows(place, date=NIGHT) == {"senders": 3, "rows": 3}
    found = lines(book(place, "26734"))
    assert [row["dancu_row"] for row in found] == ["2", "3", "5"]
    assert {row["dancu_file"] for row in found} == {str(files["mixed"])}
    name, pid, phone, form = PERSONAL
    for row in (found[0], found[2]):
        assert (row["full_name"], row["pid"], row["phone"], row["form_no"]) == (name, pid, phone, form)
    assert [row["birth_date"] for row in found] == ["2099", None, "=1+1"]
    assert found[1]["dancu_raw"] == f'"{name} ,1'
    assert "unclosed_quote" in str(found[1]["dancu_reason_vi"])
    assert "ROW-PID-FORMAT" in str(found[2]["dancu_reason_en"])
    cell = book(place, "26734").worksheets[0].cell(2, header_of(REGISTERS).index("birth_date") + 1)
    assert cell.comment is not None
    assert cell.fill.fgColor.rgb == "FFFFC7CE"


def test_files_and_rules_stand_on_further_sheets(place: Platform) -> None:
    usual_night(place)
    return_rows(place, date=NIGHT)
    _, files, rules = book(place, "26734").worksheets
    [line] = list(files.iter_rows(min_row=3, values_only=True))
    assert line[0] == "register-1.csv"
    assert line[3:12] == (6, 1, 2, 0, 1, 0, 1, 1, 0)
    counts = {line[0]: line[1] for line in rules.iter_rows(min_row=3, values_only=True)}
    assert counts == {"ROW-PHONE-FORMAT": 2, "ROW-BIRTH-FUTURE": 1, "ROW-PID-FORMAT": 1, "unclosed_quote": 1}
    [held] = list(book(place, "26737").worksheets[1].iter_rows(min_row=3, values_only=True))
    assert "30 %" in str(held[12])
    assert held[13] == "More than 30 % fail."
    [repeat] = list(book(place, "26743").worksheets[1].iter_rows(min_row=3, values_only=True))
    assert "đã được nhận" in str(repeat[12])


def test_nobody_else_gets_a_workbook(place: Platform) -> None:
    usual_night(place)
    return_rows(place, date=NIGHT)
    keys = [info.key for info in place.objects.list("returns/")]
    assert keys == [f"returns/{sender}/{NIGHT}.xlsx" for sender in ("26734", "26737", "26743")]
    assert list(place.settings.scratch.iterdir()) == []


def test_writing_again_changes_nothing(place: Platform) -> None:
    usual_night(place)
    return_rows(place, date=NIGHT)
    before = place.objects.read_bytes(f"returns/26734/{NIGHT}.xlsx")
    return_rows(place, date=NIGHT)
    assert place.objects.read_bytes(f"returns/26734/{NIGHT}.xlsx") == before


def test_corrected_rows_are_no_longer_given_back(place: Platform) -> None:
    files = usual_night(place)
    night = Night(place)
    night.corrected(files["mixed"], 2, by=files["well"])
    assert return_rows(place, date=NIGHT) == {"senders": 3, "rows": 2}
    assert [row["dancu_row"] for row in lines(book(place, "26734"))] == ["3", "5"]
    night.corrected(files["mixed"], 3, by=files["well"])
    night.corrected(files["mixed"], 5, by=files["well"])
    assert return_rows(place, date=NIGHT) == {"senders": 2, "rows": 0}
    assert not place.objects.exists(f"returns/26734/{NIGHT}.xlsx")


def test_a_row_that_the_archive_lost_is_a_failure_of_the_platform(place: Platform) -> None:
    files = usual_night(place)
    Night(place).row(files["mixed"], 99, "quarantined", "ROW-PID-FORMAT")
    with pytest.raises(PlatformError, match="4 rows are open, 3 of them lie in the archive"):
        return_rows(place, date=NIGHT)


def test_rows_of_all_loads_of_the_night_come_together(place: Platform) -> None:
    usual_night(place)
    night = Night(place)
    load = night.load("b2")
    file_id = night.file("26734", "register-3.csv", load_no=load, file_no=0, rows=1)
    night.row(file_id, 1, "quarantined", "ROW-RULE-OF-THE-PAST")
    night.archive("b2", forms=[{"file_no": 0, "row_no": 1, "form_no": "9"}], unreadable=[])
    assert return_rows(place, date=NIGHT) == {"senders": 3, "rows": 4}
    found = lines(book(place, "26734"))
    assert [row["form_no"] for row in found] == ["PH-7731", None, "PH-7731", "9"]
    assert "ROW-RULE-OF-THE-PAST" in str(found[3]["dancu_reason_vi"])


def test_a_night_without_files(place: Platform) -> None:
    assert return_rows(place, date=NIGHT) == {"senders": 0, "rows": 0}
