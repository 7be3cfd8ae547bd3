"""Every rule of the movement suite: movements that fail it, and movements near by that do not."""

import csv
import io
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import config
from expectations.rules import load_rules
from registry.kinds import MOVEMENTS
from registry.reference import Reference
from tasks.standardise import FileStamp, standardise_load
from tasks.validate import FileFacts, validate_load

NIGHT = date(2021, 12, 1)
STAMPS = [FileStamp(0, "75", date(2021, 11, 30))]
REFERENCE = Reference.load(Path(config.__file__).parent)

Cells = dict[str, str | None]

#: Made-up persons' movements that no rule finds fault with, one of each kind and residence.
PERSON: Cells = {
    "occurred_on": "17/8/2021", "declared_on": "20/8/2021", "full_name": "Lý Thị Mẫu", "birth_date": "2/3/1990",
    "sex": "Nữ", "pid": "075190000001", "cmnd_no": "271000001", "father_name": "Lý Văn Cha",
    "mother_name": "Lê Thị Mẹ",
}  # fmt: skip
CHILD: Cells = {
    **PERSON, "birth_date": None, "pid": None, "cmnd_no": None, "birth_registration_place": "25993",
    "origin_place": "25993",
}  # fmt: skip
PROOF: Cells = {"document_kind": "Giấy khai sinh", "document_no": "12/2021"}
GOOD: dict[str, Cells] = {
    "birth": {**CHILD, "movement": "birth"},
    "death": {**PERSON, "movement": "death"},
    "in": {**PERSON, "movement": "move_in", "residence_kind": "permanent", "from_place": "25993", "to_place": "26068"},
    "out": {**PERSON, "movement": "move_out", "residence_kind": "permanent", "to_place": "26068"},
    "absence": {**PERSON, "movement": "move_out", "residence_kind": "absence"},
    "marriage": {**PERSON, "movement": "marriage", "spouse_name": "Đỗ Văn Chồng", "spouse_id": "075088000001"},
    "name": {**PERSON, **PROOF, "movement": "correction", "field": "full_name", "old_value": "Lý Thị Mẫu",
             "new_value": "Lý Thị Mậu"},
    "born": {**PERSON, **PROOF, "movement": "correction", "field": "birth_date", "old_value": "2/3/1990",
             "new_value": "3/2/1990"},
    "sex": {**PERSON, **PROOF, "movement": "correction", "field": "sex", "old_value": "Nữ", "new_value": "Nam"},
    "card": {**PERSON, **PROOF, "movement": "correction", "field": "cmnd_no", "old_value": "271000001",
             "new_value": "271000002"},
    "address": {**PERSON, **PROOF, "movement": "correction", "field": "permanent_address", "old_value": "Số 1",
                "new_value": "Số 2", "to_place": "26068"},
    "house": {**PERSON, **PROOF, "movement": "correction", "field": "household_no", "old_value": "H1",
              "new_value": "H2", "head_name": "Lý Văn Cha", "relation_to_head": "Con"},
    "father": {**PERSON, **PROOF, "movement": "correction", "field": "father_name", "old_value": "Lý Văn Cha",
               "new_value": "Lý Văn Bố", "father_id": "075060000001"},
    "father_id": {**PERSON, **PROOF, "movement": "correction", "field": "father_id", "old_value": "075060000001",
                  "new_value": "075060000002"},
    "change": {**PERSON, "movement": "number_change", "new_pid": "075190000002"},
    "cancel": {**PERSON, "movement": "number_cancellation"},
}  # fmt: skip

UNREAD = "@@"


def on(kind: str, *changes: Cells) -> list[tuple[str, Cells]]:
    """The good movement `kind` with each of the changes in turn."""
    return [(kind, change) for change in changes]


def number(column: str) -> tuple[list[tuple[str, Cells]], list[tuple[str, Cells]]]:
    return on("death", {column: "12345678"}, {column: UNREAD}), on("death", {column: "123456789"}, {column: None})


ALIKE = "L\u00fd V\u0103n \u0410n"
#: Rule → movements that fail it, and others that come close.
CASES: dict[str, tuple[list[tuple[str, Cells]], list[tuple[str, Cells]]]] = {
    "MOVE-NO-MISSING": (on("death", {"movement_no": None}), []),
    "MOVE-NO-TWICE": (
        on("death", {"movement_no": "twice"}, {"movement_no": "twice", "occurred_on": "18/8/2021"}),
        on("death", {"movement_no": "again"}, {"movement_no": "again"}),
    ),
    "MOVE-KIND-MISSING": (on("death", {"movement": None}), on("death", {"movement": UNREAD})),
    "MOVE-KIND-UNKNOWN": (on("death", {"movement": UNREAD}), on("death", {"movement": "Khai tử"})),
    "MOVE-DAY-MISSING": (on("death", {"occurred_on": None}), on("death", {"occurred_on": UNREAD})),
    "MOVE-DAY-UNREADABLE": (on("death", {"occurred_on": "2021"}, {"occurred_on": "31/2/2021"}), []),
    "MOVE-DAY-FUTURE": (on("death", {"occurred_on": "1/12/2021"}), on("death", {"occurred_on": "30/11/2021"})),
    "MOVE-DAY-BEFORE-1900": (on("death", {"occurred_on": "1/1/1899"}), on("death", {"occurred_on": "1/1/1900"})),
    "MOVE-DAY-BEFORE-BIRTH": (
        on("death", {"birth_date": "18/8/2021"}, {"birth_date": "9/2021"}, {"birth_date": "2022"}),
        on("death", {"birth_date": "17/8/2021"}, {"birth_date": "8/2021"}, {"birth_date": "2021"}),
    ),
    "MOVE-DECLARED-UNREADABLE": (on("death", {"declared_on": UNREAD}), on("death", {"declared_on": None})),
    "MOVE-DECLARED-FUTURE": (on("death", {"declared_on": "1/12/2021"}), on("death", {"declared_on": "30/11/2021"})),
    "MOVE-DECLARED-BEFORE-DAY": (on("in", {"declared_on": "16/8/2021"}), on("in", {"declared_on": "17/8/2021"})),
    "MOVE-DECLARED-MISSING": (on("death", {"declared_on": None}), on("death", {"declared_on": UNREAD})),
    "MOVE-NAME-MISSING": (on("death", {"full_name": None}), on("death", {"full_name": "Không rõ"})),
    "MOVE-NAME-UNREADABLE": (
        on("death", {"full_name": "\ufffd"}, {"full_name": "Không rõ"}) + on("name", {"full_name": "\ufffd"}),
        on("name", {"new_value": "\ufffd"}),
    ),
    "MOVE-NAME-DIGITS": (on("death", {"full_name": "Lý Thị 4"}), on("name", {"new_value": "Lý Thị 4"})),
    "MOVE-NAME-LOOK-ALIKE": (on("death", {"full_name": ALIKE}), on("death", {"full_name": "Đặng H'Hen"})),
    "MOVE-BIRTH-DATE-UNREADABLE": (
        on("death", {"birth_date": UNREAD}) + on("born", {"birth_date": UNREAD}) + on("birth", {"birth_date": UNREAD}),
        on("death", {"birth_date": None}) + on("born", {"new_value": UNREAD}),
    ),
    "MOVE-BIRTH-DATE-BEFORE-1900": (on("death", {"birth_date": "1899"}), on("death", {"birth_date": "1900"})),
    "MOVE-SEX-UNREADABLE": (
        on("death", {"sex": UNREAD}) + on("sex", {"sex": UNREAD}),
        on("death", {"sex": None}) + on("sex", {"new_value": UNREAD}),
    ),
    "MOVE-PID-FORMAT": (
        on("death", {"pid": "75190000001"}, {"pid": UNREAD}) + on("change", {"pid": "1"}) + on("cancel", {"pid": "1"}),
        on("death", {"pid": None}) + on("change", {"new_pid": "1"}),
    ),
    "MOVE-PID-PLACEHOLDER": (
        on("death", {"pid": "0" * 12}, {"pid": "9" * 12}) + on("change", {"pid": "123456789012"}),
        on("change", {"new_pid": "9" * 12}),
    ),
    "MOVE-CMND-FORMAT": number("cmnd_no"),
    "MOVE-IDENTITY": (
        on(
            "death",
            {"pid": None, "birth_date": None},
            {"pid": None, "cmnd_no": None, "father_name": None},
            {"pid": None, "cmnd_no": "1", "mother_name": "không rõ"},
        )
        + on("card", {"pid": None, "father_name": None}),
        on(
            "death",
            {"pid": None, "father_name": None},
            {"pid": None, "cmnd_no": None},
            {"birth_date": None, "cmnd_no": None, "father_name": None},
        )
        + on("card", {"pid": None})
        + on("father", {"pid": None, "cmnd_no": None, "father_name": None}),
    ),
    "MOVE-BIRTH-DATE-DIFFERS": (
        on("birth", {"birth_date": "16/8/2021"}, {"birth_date": "2021"}),
        on("birth", {"birth_date": "17/08/2021"}),
    ),
    "MOVE-BIRTH-SEX-MISSING": (on("birth", {"sex": None}), on("death", {"sex": None})),
    "MOVE-BIRTH-PARENTS-MISSING": (
        on("birth", {"father_name": None, "mother_name": "Không rõ"}),
        on("birth", {"father_name": None}) + on("death", {"father_name": None, "mother_name": None}),
    ),
    "MOVE-BIRTH-PLACE-MISSING": (
        on("birth", {"birth_registration_place": None}),
        on("death", {"birth_registration_place": None}),
    ),
    "MOVE-BIRTH-PLACE-UNKNOWN": (
        on("birth", {"birth_registration_place": UNREAD}),
        on("birth", {"birth_registration_place": "26068"}),
    ),
    "MOVE-ORIGIN-PLACE-UNKNOWN": (on("birth", {"origin_place": UNREAD}), on("birth", {"origin_place": None})),
    "MOVE-RESIDENCE-KIND-MISSING": (
        on("in", {"residence_kind": None}) + on("out", {"residence_kind": None}),
        on("birth", {"residence_kind": None}),
    ),
    "MOVE-RESIDENCE-KIND-UNKNOWN": (on("in", {"residence_kind": UNREAD}), on("in", {"residence_kind": "tạm trú"})),
    "MOVE-IN-PLACE-MISSING": (on("in", {"to_place": None}), on("absence", {"to_place": None})),
    "MOVE-TO-PLACE-UNKNOWN": (
        on("in", {"to_place": UNREAD})
        + on("absence", {"to_place": UNREAD})
        + on("birth", {"to_place": UNREAD})
        + on("address", {"to_place": UNREAD}),
        on("out", {"to_place": UNREAD}) + on("death", {"to_place": UNREAD}) + on("in", {"to_place": None}),
    ),
    "MOVE-OUT-PLACE-UNKNOWN": (
        on("out", {"to_place": "Hoa Kỳ"}),
        on("out", {"to_place": None}, {"to_place": UNREAD, "residence_kind": "temporary"}),
    ),
    "MOVE-FROM-PLACE-UNKNOWN": (on("in", {"from_place": UNREAD}), on("in", {"from_place": None})),
    "MOVE-RELATION-UNKNOWN": (
        on("in", {"relation_to_head": UNREAD}),
        on("in", {"relation_to_head": "Con", "household_no": "H1"}),
    ),
    "MOVE-SPOUSE-MISSING": (
        on("marriage", {"spouse_name": None, "spouse_id": None}),
        on("marriage", {"spouse_name": None}, {"spouse_id": None}),
    ),
    "MOVE-SPOUSE-SELF": (
        on("marriage", {"spouse_id": "075190000001"}, {"spouse_id": "271000001"}),
        on("marriage", {"spouse_id": None}),
    ),
    "MOVE-MARRIED-UNDER-AGE": (
        on("marriage", {"birth_date": "18/8/2003"}, {"birth_date": "18/8/2001", "sex": "Nam"}),
        on("marriage", {"birth_date": "17/8/2003"}, {"birth_date": "2003"}, {"birth_date": "17/8/2001", "sex": "Nam"}),
    ),
    "MOVE-FATHER-ID-FORMAT": number("father_id"),
    "MOVE-MOTHER-ID-FORMAT": number("mother_id"),
    "MOVE-SPOUSE-ID-FORMAT": number("spouse_id"),
    "MOVE-HEAD-ID-FORMAT": number("head_id"),
    "MOVE-NUMBER-OLD-MISSING": (on("change", {"pid": None}) + on("cancel", {"pid": None}), on("death", {"pid": None})),
    "MOVE-NUMBER-NEW-MISSING": (on("change", {"new_pid": None}), on("cancel", {"new_pid": None})),
    "MOVE-NUMBER-NEW-FORMAT": (on("change", {"new_pid": "75190000002"}, {"new_pid": UNREAD}), []),
    "MOVE-NUMBER-NEW-PLACEHOLDER": (on("change", {"new_pid": "1" * 12}), on("change", {"pid": "1" * 12})),
    "MOVE-NUMBER-SAME": (on("change", {"new_pid": "075190000001"}), on("change", {"new_pid": "075190000009"})),
    "MOVE-NUMBER-NEW-SEX": (on("change", {"new_pid": "075090000002"}), on("change", {"sex": None})),
    "MOVE-NUMBER-NEW-BIRTH-YEAR": (on("change", {"new_pid": "075191000002"}), on("change", {"birth_date": "1990"})),
    "MOVE-FIELD-MISSING": (on("name", {"field": None}), on("death", {"field": None})),
    "MOVE-FIELD-UNKNOWN": (
        on("name", {"field": UNREAD}, {"field": "pid"}, {"field": "form_no"}),
        on("name", {"field": "Họ tên"}) + on("death", {"field": UNREAD}),
    ),
    "MOVE-NEW-VALUE-MISSING": (on("name", {"new_value": None}), on("death", {"new_value": None})),
    "MOVE-NEW-VALUE-UNREADABLE": (
        on("name", {"new_value": "\ufffd"}) + on("born", {"new_value": "31/2/1990"}) + on("sex", {"new_value": UNREAD}),
        on("name", {"new_value": "Lý Mậu"}),
    ),
    "MOVE-NEW-VALUE-DIGITS": (on("name", {"new_value": "Lý 4"}), on("house", {"new_value": "4"})),
    "MOVE-NEW-VALUE-NUMBER": (on("card", {"new_value": "27100000"}), on("house", {"new_value": "27"})),
    "MOVE-NEW-VALUE-DATE": (
        on("born", {"new_value": "1/12/2021"}, {"new_value": "1899"}),
        on("born", {"new_value": "1900"}, {"new_value": "30/11/2021"}),
    ),
    "MOVE-NEW-VALUE-SAME": (on("name", {"new_value": "lý thị mẫu"}), on("name", {"old_value": None})),
    "MOVE-OLD-VALUE-UNREADABLE": (on("born", {"old_value": UNREAD}), on("born", {"old_value": None})),
    "MOVE-OLD-VALUE-MISSING": (on("name", {"old_value": None}), on("death", {"old_value": None})),
    "MOVE-OLD-VALUE-DIFFERS": (
        on("name", {"full_name": "Lý Thị Mậu"}) + on("born", {"birth_date": "1990"}) + on("sex", {"sex": "Nam"}),
        on("sex", {"old_value": None}) + on("house", {"old_value": "H9"}),
    ),
    "MOVE-DOCUMENT-MISSING": (
        on("name", {"document_kind": None, "document_no": None}),
        on("name", {"document_kind": None}, {"document_no": None}),
    ),
    "MOVE-RESIDENCE-PARTLY": (on("address", {"to_place": None}), on("address", {"field": "permanent_place"})),
    "MOVE-HOUSEHOLD-PARTLY": (
        on("house", {"head_name": None}, {"relation_to_head": None}, {"field": "head_name"}),
        on("house", {"head_id": None}),
    ),
    "MOVE-RELATIVE-NAME-MISSING": (on("father_id", {"father_name": None}), on("father", {"father_name": None})),
    "MOVE-RELATIVE-ID-MISSING": (on("father", {"father_id": None}), on("father_id", {"father_id": None})),
}


def failing(folder: Path, movements: list[Cells]) -> list[set[str]]:
    """The rules that each movement fails, in a load of them all."""
    nothing = dict.fromkeys(MOVEMENTS.read.names)
    rows = [
        nothing | {"file_no": 0, "row_no": n, "movement_no": f"BD-{n}"} | cells
        for n, cells in enumerate(movements, start=1)
    ]
    pq.write_table(pa.Table.from_pylist(rows, schema=MOVEMENTS.read), folder / "read.parquet")
    standardise_load(folder, files=STAMPS, reference=REFERENCE, kind=MOVEMENTS)
    validate_load(folder, files=[FileFacts(0, len(rows), 0)], business_date=NIGHT, docs=None, kind=MOVEMENTS)
    found: list[set[str]] = [set() for _ in movements]
    for finding in pq.read_table(folder / "findings.parquet").to_pylist():
        found[finding["row_no"] - 1].add(finding["rule"])
    return found


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[list[set[str]], list[set[str]]]]:
    """Of each rule's cases what they fail: those that should fail it, and those that should not."""
    flat = [(rule, side, case) for rule, sides in CASES.items() for side in (0, 1) for case in sides[side]]
    found = failing(tmp_path_factory.mktemp("load"), [GOOD[kind] | cells for _, _, (kind, cells) in flat])
    sorted_out: dict[str, tuple[list[set[str]], list[set[str]]]] = {rule: ([], []) for rule in CASES}
    for (rule, side, _), rules in zip(flat, found, strict=True):
        sorted_out[rule][side].append(rules)
    return sorted_out


@pytest.mark.parametrize("rule", CASES)
def test_a_rule_fails_what_it_is_for_and_nothing_else(
    judged: dict[str, tuple[list[set[str]], list[set[str]]]], rule: str
) -> None:
    bad, good = judged[rule]
    assert [rule in found for found in bad] == [True] * len(bad)
    assert [rule in found for found in good] == [False] * len(good)


def test_every_rule_has_a_case() -> None:
    assert list(CASES) == [rule.id for rule in load_rules("movement")]


def test_good_movements_of_every_kind_fail_nothing(tmp_path: Path) -> None:
    assert failing(tmp_path, list(GOOD.values())) == [set()] * len(GOOD)


def test_a_file_of_movements_is_not_judged_by_what_registers_look_like(tmp_path: Path) -> None:
    failing(tmp_path, [GOOD["death"] | {"birth_date": "1990", "sex": "Nam"}] * 100)
    facts = [FileFacts(0, 100, 0)]
    (verdict,) = validate_load(tmp_path, files=facts, business_date=NIGHT, docs=None, kind=MOVEMENTS).files
    assert (verdict.held, verdict.warnings, verdict.quarantined) == (None, (), 0)


def test_a_file_of_movements_with_too_many_failing_rows_is_held(tmp_path: Path) -> None:
    bad = [GOOD["death"] | {"movement": UNREAD}] * 10
    failing(tmp_path, [*bad, GOOD["death"]])
    facts = [FileFacts(0, 11, 0)]
    (verdict,) = validate_load(tmp_path, files=facts, business_date=NIGHT, docs=None, kind=MOVEMENTS).files
    assert verdict.held is not None
    assert verdict.held.rules == ("LOAD-FAILING-SHARE",)


def test_the_example_of_the_contract_fails_nothing(tmp_path: Path) -> None:
    page = (Path(config.__file__).parents[1] / "docs" / "reference" / "movements.md").read_text(encoding="utf-8")
    example = page.split("```csv\n")[1].split("```")[0]
    rows = [{name: cell or None for name, cell in row.items()} for row in csv.DictReader(io.StringIO(example))]
    found = failing(tmp_path, rows)
    assert found == [set()] * len(rows)
    kinds = pq.read_table(tmp_path / "standard.parquet")["movement"].to_pylist()
    assert set(kinds) == set(REFERENCE.code_lists["movement"].known)


def test_the_contract_names_every_column_and_kind() -> None:
    page = (Path(config.__file__).parents[1] / "docs" / "reference" / "movements.md").read_text(encoding="utf-8")
    named = {word for line in page.splitlines() if line.startswith("| ") for word in line.split("|")[1].split(", ")}
    assert {*MOVEMENTS.columns, *REFERENCE.code_lists["movement"].known} <= {word.strip() for word in named}
