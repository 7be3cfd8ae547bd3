"""Every rule of the dossier suite: dossiers that fail it, and dossiers near by that do not."""

from collections import defaultdict
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import config
from expectations.rules import load_rules
from registry.cards.biometrics import OBJECT_SCHEMA, create_objects
from registry.cards.dossiers import dossier_ids
from registry.cards.lookup import CARD_SCHEMA, FOUND_SCHEMA, KNOWN_SCHEMA
from registry.cards.measures import measure_dossiers
from registry.codes import DOSSIER_CODED
from registry.kinds import DOSSIERS
from registry.reference import Reference
from tasks.read import FileToRead, read_load
from tasks.standardise import FileStamp, standardise_load
from tasks.validate import judge_dossiers

STATION = "25993"
STAMPS = [FileStamp(0, STATION, date(2026, 3, 31))]
REFERENCE = Reference.load(Path(config.__file__).parent)
#: First day of the commune codes of the days before the reform of 2025, and of one that stands after it.
OLD, NEW = date(1900, 1, 1), date(2025, 7, 1)

#: A made-up woman's dossier that no rule finds fault with.
GOOD: dict[str, Any] = {
    "pid": "075190000001", "captured_at": "2026-03-01T08:15:00+07:00", "mode": "station", "applicant": "permanent",
    "reason": "first", "full_name": "Lý Thị Mẫu", "birth_date": "2/3/1990", "sex": "Nữ", "nationality": "Việt Nam",
    "photo": "biometrics/25993/1.jpg", "photo_sha256": "a" * 64, "fingerprints": "biometrics/25993/1.fp",
    "fingerprints_sha256": "b" * 64, "iris": "biometrics/25993/1.iris", "iris_sha256": "c" * 64,
    "permanent_place": "26068", "permanent_address": "Số 1", "origin_place": "26068",
    "birth_registration_place": "26068",
}  # fmt: skip
#: What the store knows of her.
HER: dict[str, Any] = {
    "persons": 1, "person_id": None, "store_in_review": False, "store_full_name": "LÝ THỊ MẪU",
    "store_full_name_accents": "LÝ THỊ MẪU", "store_birth_date": "1990-03-02", "store_sex": "F",
    "store_nationality": "VN", "store_pid": "075190000001", "store_death_date": None,
    "store_permanent_address": "SỐ 1", "store_temporary_address": None,
}  # fmt: skip

Case = dict[str, Any]


def case(**changes: Any) -> Case:
    """Cells of the dossier that are changed; `store_…`, `persons`: of what is known; of cards and objects."""
    return changes


def store_place(column: str, code: str, day: date = OLD) -> Case:
    return {f"store_{column}": code, f"store_{column}_from": day}


CHILD = {"birth_date": "2/3/2017", "store_birth_date": "2017-03-02", "representative_name": "Lý Văn Cha",
         "representative_id": "075060000001"}  # fmt: skip
INFANT = {**CHILD, "birth_date": "2/3/2021", "store_birth_date": "2021-03-02", "photo": None, "fingerprints": None,
          "iris": None}  # fmt: skip
LODGER = {"applicant": "temporary", "temporary_place": "26068"}
ONE_PHOTO = {"photo": "biometrics/25993/again.jpg", "fingerprints": None, "iris": None}
BEFORE = {"captured_at": "2024-06-30T23:59:59+07:00", "iris": None}
TEEN = {**CHILD, "birth_date": "1/7/2010", "store_birth_date": "2010-07-01"}


def place_rules(prefix: str, column: str, beside: Case) -> dict[str, tuple[list[Case], list[Case]]]:
    differs = {**beside, column: "26068", **store_place(column, "25993")}
    same = {**beside, column: "26068", **store_place(column, "26068")}
    return {
        f"{prefix}-UNKNOWN": ([{**beside, column: "00000"}], [same]),
        f"{prefix}-DIFFERS": ([differs], [same, {**beside, column: "26068"}]),
    }


def aged(reason: str, youngest: int, oldest: int | None) -> tuple[list[Case], list[Case]]:
    """Who is too young by a day, and too old; who is just old enough, and the last day."""

    def born(year: int, day: int) -> Case:
        child = CHILD if 2026 - year <= 14 else {}
        return {**child, "reason": reason, "birth_date": f"{day}/3/{year}", "store_birth_date": f"{year}-03-0{day}"}

    bad, good = [born(2026 - youngest, 2)], [born(2026 - youngest, 1)]
    if oldest:
        bad.append(born(2026 - oldest, 1))
        good.append(born(2026 - oldest, 2))
    return bad, good


_AGES = [aged("age_14", 12, 23), aged("age_25", 23, 38), aged("age_40", 38, 58), aged("age_60", 58, None)]


def taken_rules(prefix: str, column: str) -> dict[str, tuple[list[Case], list[Case]]]:
    return {
        f"{prefix}-KEY": ([{column: "elsewhere/1"}, {column: "biometrics/../1"}], [{"there": {column: False}}]),
        f"{prefix}-NOT-THERE": ([{"there": {column: False}}], [{column: "elsewhere/1"}]),
        f"{prefix}-HASH-MISSING": (
            [{f"{column}_sha256": None}, {f"{column}_sha256": "abc"}],
            [{f"{column}_sha256": GOOD[f"{column}_sha256"].upper()}],
        ),
        f"{prefix}-HASH-DIFFERS": ([{f"{column}_sha256": "d" * 64}], [{f"{column}_sha256": None}]),
    }


#: Rule → dossiers that fail it, and others that come close.
CASES: dict[str, tuple[list[Case], list[Case]]] = {
    "DOSS-NO-MISSING": ([case(dossier_no=None)], []),
    "DOSS-NO-TWICE": (
        [case(dossier_no="twice"), case(dossier_no="twice", mode="home")],
        [case(dossier_no="again", **ONE_PHOTO), case(dossier_no="again", **ONE_PHOTO)],
    ),
    "DOSS-CHANGED": (
        [case(own=state) for state in ("captured", "handed_off", "produced", "delivered", "cancelled", "purged")],
        [case(own=state) for state in ("returned", "rejected", "undeliverable")],
    ),
    "DOSS-CAPTURED-UNREADABLE": (
        [case(captured_at=text) for text in (None, "2026-03-01", "2026-03-01T08:15:00", "2026-02-30T08:15:00Z")],
        [case(captured_at=text) for text in ("2026-03-01 08:15+07:00", "2026-03-01T01:15:00.5Z")],
    ),
    "DOSS-CAPTURED-FUTURE": (
        [case(captured_at="2026-03-31T17:00:00Z")],
        [case(captured_at="2026-03-31T16:59:59Z")],
    ),
    "DOSS-CAPTURED-BEFORE-BIRTH": (
        [case(captured_at="1990-03-01T08:00:00+07:00")],
        [case(captured_at="1990-03-02T08:00:00+07:00")],
    ),
    "DOSS-MODE-UNKNOWN": ([case(mode=None), case(mode="@@")], [case(mode="Tại nhà")]),
    "DOSS-COMPANY-MISSING": ([case(mode="company_visit")], [case(mode="company_visit", company="Công ty Thử")]),
    "DOSS-APPLICANT-UNKNOWN": ([case(applicant=None), case(applicant="@@")], [case(applicant="Thường trú")]),
    "DOSS-REASON-UNKNOWN": ([case(reason=None), case(reason="@@")], [case(reason="Cấp lần đầu")]),
    "DOSS-IDENTITY": (
        [
            case(pid=None),
            case(pid=None, form_no="1"),
            case(pid=None, form_sender="1"),
            case(pid=None, cmnd_no="270000001", birth_date=None),
            case(pid=None, cmnd_no="270000001", full_name=None),
        ],
        [case(pid=None, form_no="1", form_sender="1"), case(pid=None, cmnd_no="270000001")],
    ),
    "DOSS-PID-FORMAT": ([case(pid="75190000001"), case(pid="@@")], [case(pid="075 190 000 001")]),
    "DOSS-PERSON-UNKNOWN": ([case(persons=0)], [case(persons=2)]),
    "DOSS-PERSON-SEVERAL": ([case(persons=2)], [case(persons=0)]),
    "DOSS-PERSON-DEAD": ([case(store_death_date="2026")], [case(persons=0)]),
    "DOSS-PERSON-IN-REVIEW": ([case(store_in_review=True)], [case(persons=0)]),
    "DOSS-PERSON-NO-PID": ([case(store_pid=None)], [case(persons=0)]),
    "DOSS-PERSON-NOT-CITIZEN": ([case(store_nationality="LA")], [case(store_nationality=None)]),
    "DOSS-NAME-MISSING": ([case(full_name=None), case(full_name="không rõ")], []),
    "DOSS-NAME-DIFFERS": (
        [case(full_name="Lý Thị Mậu"), case(full_name="LY THI MAU")],
        [case(full_name="lý  thị mẫu"), case(full_name="Lý Thị Hoà", store_full_name_accents="LÝ THỊ HÒA")],
    ),
    "DOSS-NAME-NOT-PRINTABLE": ([case(full_name="Лю Мэй")], [case(full_name="H'Hen Niê")]),
    "DOSS-BIRTH-DATE-UNREADABLE": ([case(birth_date=None), case(birth_date="31/2/1990")], [case(birth_date="1990")]),
    "DOSS-BIRTH-DATE-PARTLY": ([case(birth_date="1990"), case(birth_date="3/1990")], [case(birth_date=None)]),
    "DOSS-BIRTH-DATE-DIFFERS": ([case(birth_date="3/2/1990")], [case(birth_date="02/03/1990")]),
    "DOSS-SEX-UNREADABLE": ([case(sex=None), case(sex="@@")], [case(sex="Nam")]),
    "DOSS-SEX-DIFFERS": ([case(sex="Nam")], [case(sex=None)]),
    "DOSS-NATIONALITY-UNREADABLE": ([case(nationality="@@")], [case(nationality=None)]),
    "DOSS-NATIONALITY-DIFFERS": ([case(nationality="Lào")], [case(nationality="VN")]),
    **place_rules("DOSS-BIRTH-PLACE", "birth_registration_place", {}),
    **place_rules("DOSS-ORIGIN", "origin_place", {}),
    **place_rules("DOSS-PERMANENT-PLACE", "permanent_place", {}),
    **place_rules("DOSS-TEMPORARY-PLACE", "temporary_place", {}),
    "DOSS-PERMANENT-PLACE-MISSING": ([case(permanent_place=None)], [case(**LODGER, permanent_place=None)]),
    "DOSS-TEMPORARY-PLACE-MISSING": ([case(applicant="temporary")], [case(**LODGER)]),
    "DOSS-PERMANENT-ADDRESS-DIFFERS": ([case(permanent_address="Số 2")], [case(permanent_address="số 1")]),
    "DOSS-TEMPORARY-ADDRESS-DIFFERS": (
        [case(**LODGER, temporary_address="Số 2", store_temporary_address="Số 1")],
        [case(**LODGER, temporary_address="Số 2")],
    ),
    "DOSS-AGE-UNDER-14": (
        [case(**{**TEEN, **BEFORE})],
        [
            case(**{**TEEN, **BEFORE, "birth_date": "30/6/2010", "store_birth_date": "2010-06-30"}),
            case(**TEEN, captured_at="2024-06-30T17:00:00Z"),
        ],
    ),
    "DOSS-REPRESENTATIVE-MISSING": (
        [case(**{**CHILD, "representative_name": None}), case(**{**CHILD, "representative_id": None})],
        [case(**CHILD), case(birth_date="1/3/2012", store_birth_date="2012-03-01")],
    ),
    "DOSS-REPRESENTATIVE-ID-FORMAT": ([case(representative_id="1234")], [case(representative_id=None)]),
    "DOSS-BIOMETRICS-UNDER-6": (
        [case(**{**INFANT, column: GOOD[column]}) for column in ("photo", "fingerprints", "iris")],
        [case(**INFANT), case(**CHILD)],
    ),
    "DOSS-IRIS-BEFORE-2024": (
        [case(captured_at=BEFORE["captured_at"])],
        [case(**BEFORE), case(captured_at="2024-06-30T17:00:00Z")],
    ),
    "DOSS-REASON-AGE": ([bad for found, _ in _AGES for bad in found], [good for _, found in _AGES for good in found]),
    "DOSS-REASON-NOT-FIRST": ([case(card="delivered")], [case(card="delivered", reason="lost"), case(card="purged")]),
    "DOSS-OTHER-LIVE": (
        [case(card=state) for state in ("captured", "undeliverable", "rejected")],
        [case(card=state) for state in ("delivered", "cancelled", "purged", "returned")],
    ),
    "DOSS-CAPTURED-AGAIN": (
        [case(person_id="two", captured_at="2026-03-02T08:15:00+07:00")],
        [case(person_id="two"), case(person_id="one", dossier_no="x"), case(person_id="one", dossier_no="x")],
    ),
    "DOSS-PHOTO-MISSING": ([case(photo=None)], [case(**INFANT)]),
    **taken_rules("DOSS-PHOTO", "photo"),
    **taken_rules("DOSS-FINGERPRINTS", "fingerprints"),
    **taken_rules("DOSS-IRIS", "iris"),
    "DOSS-PHOTO-FORMAT": ([case(fault="unknown-format"), case(fault="cut")], [case(fault="too-small")]),
    "DOSS-PHOTO-SIZE": ([case(fault="too-small"), case(fault="too-many-bytes")], [case(fault="coding")]),
}


def run(cases: list[Case], folder: Path) -> list[set[str]]:
    """The rules that each dossier fails."""
    rows = [{**GOOD, "dossier_no": f"D-{n}", **given} for n, given in enumerate(cases)]
    for row in rows:
        for taken in ("photo", "fingerprints", "iris"):
            if row[taken] is None:
                row[f"{taken}_sha256"] = None
    read = [{"file_no": 0, "row_no": n, **{name: row.get(name) for name in DOSSIERS.columns}}
            for n, row in enumerate(rows)]  # fmt: skip
    # An object of its own for each row.
    for row in read:
        for taken in ("photo", "fingerprints", "iris"):
            if str(row[taken]) == GOOD[taken]:
                row[taken] = f"{row[taken]}-{row['row_no']}"
    pq.write_table(pa.Table.from_pylist(read, schema=DOSSIERS.read), folder / "read.parquet")
    standardise_load(folder, files=STAMPS, reference=REFERENCE, kind=DOSSIERS)
    with duckdb.connect() as local:
        _facts(local, rows, read)
        local.execute(f"CREATE VIEW standard_dossier AS FROM read_parquet('{folder / 'standard.parquet'}')")
        measure_dossiers(local, standard="standard_dossier", gazetteer=REFERENCE.gazetteer)
        found = judge_dossiers(local).findings().to_pylist()
    failed = defaultdict(set)
    for finding in found:
        failed[finding["row_no"]].add(finding["rule"])
    return [failed[n] for n in range(len(rows))]


def _facts(local: duckdb.DuckDBPyConnection, rows: list[Case], read: list[dict[str, Any]]) -> None:
    """What the store and the object store would have answered."""
    persons, cards, known, objects = [], [], [], {}
    for n, row in enumerate(rows):
        facts = {name: row.get(name, HER.get(name)) for name in FOUND_SCHEMA.names}
        facts |= {"file_no": 0, "row_no": n, "person_id": row.get("person_id", f"person {n}")}
        if facts["persons"] != 1:
            facts = {**dict.fromkeys(FOUND_SCHEMA.names), "file_no": 0, "row_no": n, "persons": facts["persons"]}
        if facts["persons"]:
            persons.append(facts)
        if state := row.get("card"):
            ended = state in ("delivered", "cancelled", "purged", "returned")
            cards.append({"person_id": facts["person_id"], "dossier_id": "another", "ended": ended,
                          "delivered": state == "delivered"})  # fmt: skip
        if state := row.get("own"):
            [own] = dossier_ids(pa.array([STATION]), pa.array([row["dossier_no"]])).to_pylist()
            known.append({"dossier_id": own, "attempt": 1, "state": state, "content": "other"})
        for taken in ("photo", "fingerprints", "iris"):
            key = str(read[n][taken])
            if key.startswith("biometrics/2"):
                there = row.get("there", {}).get(taken, True)
                found = {"size": 500, "sha256": GOOD[f"{taken}_sha256"], "fault": row.get("fault", "")}
                objects[key] = {"key": key, **(found if there else {})}
    for name, facts_of, schema in (("found", persons, FOUND_SCHEMA), ("cards", cards, CARD_SCHEMA),
                                   ("known", known, KNOWN_SCHEMA)):  # fmt: skip
        local.register("given", pa.Table.from_pylist(facts_of, schema=schema))
        local.execute(f"CREATE TABLE {name} AS FROM given")
        local.unregister("given")
    create_objects(local, pa.Table.from_pylist(list(objects.values()), schema=OBJECT_SCHEMA))


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[list[set[str]], list[set[str]]]]:
    """Rule → what its bad and its good dossiers failed, all of them judged together."""
    every = [(rule, bad, given) for rule, (fails, near) in CASES.items() for bad, some in ((True, fails), (False, near))
             for given in some]  # fmt: skip
    results = run([given for _, _, given in every], tmp_path_factory.mktemp("dossiers"))
    found: dict[str, tuple[list[set[str]], list[set[str]]]] = {rule: ([], []) for rule in CASES}
    for (rule, bad, _), failed in zip(every, results, strict=True):
        found[rule][0 if bad else 1].append(failed)
    return found


def test_every_rule_has_cases() -> None:
    assert CASES.keys() == {rule.id for rule in load_rules("dossier")}


def test_a_good_dossier_fails_nothing(tmp_path: Path) -> None:
    assert run([{}], tmp_path) == [set()]


@pytest.mark.parametrize("rule", CASES)
def test_a_rule_fails_what_it_must_and_nothing_near_by(
    judged: dict[str, tuple[list[set[str]], list[set[str]]]], rule: str
) -> None:
    bad, good = judged[rule]
    assert [rule in failed for failed in bad] == [True] * len(bad)
    assert [rule in failed for failed in good] == [False] * len(good)


def test_what_was_taken_before_with_the_same_content_is_not_judged_again(tmp_path: Path) -> None:
    assert run([{"sex": "Nam", "own": "captured"}], tmp_path)[0] >= {"DOSS-SEX-DIFFERS", "DOSS-CHANGED"}
    standard = pq.read_table(tmp_path / "standard.parquet").to_pylist()[0]
    with duckdb.connect() as local:
        local.register("standard_dossier", pq.read_table(tmp_path / "standard.parquet"))
        for name, schema in (("found", FOUND_SCHEMA), ("cards", CARD_SCHEMA)):
            local.register("given", schema.empty_table())
            local.execute(f"CREATE TABLE {name} AS FROM given")
        taken = {"dossier_id": standard["dossier_id"], "attempt": 1, "state": "captured",
                 "content": standard["form_id"]}  # fmt: skip
        local.register("known", pa.Table.from_pylist([taken], schema=KNOWN_SCHEMA))
        create_objects(local, OBJECT_SCHEMA.empty_table())
        measure_dossiers(local, standard="standard_dossier", gazetteer=REFERENCE.gazetteer)
        assert judge_dossiers(local).findings().num_rows == 0


def test_a_commune_is_the_same_place_before_and_after_the_reform(tmp_path: Path) -> None:
    gazetteer = REFERENCE.gazetteer
    [[today]] = [[found.unit for found in gazetteer.successors("26068", OLD)]]
    after = {"permanent_place": today.code, "captured_at": "2026-03-01T08:15:00+07:00"}
    moved = [{**after, **store_place("permanent_place", code)} for code in ("26068", "25993")]
    same, other = run(moved, tmp_path)
    assert "DOSS-PERMANENT-PLACE-DIFFERS" not in same
    assert "DOSS-PERMANENT-PLACE-DIFFERS" in other


def test_the_contract_names_every_column_and_code() -> None:
    page = (Path(config.__file__).parents[1] / "docs" / "reference" / "dossiers.md").read_text(encoding="utf-8")
    codes = {code for column in DOSSIER_CODED for code in REFERENCE.code_lists[column].known}
    assert {word for word in (*DOSSIERS.columns, *codes) if word not in page} == set()


def test_the_example_of_the_contract_is_understood(tmp_path: Path) -> None:
    page = (Path(config.__file__).parents[1] / "docs" / "reference" / "dossiers.md").read_text(encoding="utf-8")
    example = page.split("```json\n")[1].split("```")[0]
    (tmp_path / "example.jsonl").write_text(example, encoding="utf-8")
    told = read_load([FileToRead(0, tmp_path / "example.jsonl", "example.jsonl", None)], tmp_path, kind=DOSSIERS)
    assert [(file.rows, file.unreadable, file.notes) for file in told] == [(2, 0, ())]
    standardise_load(tmp_path, files=STAMPS, reference=REFERENCE, kind=DOSSIERS)
    for row in pq.read_table(tmp_path / "standard.parquet").to_pylist():
        stated = [column for column in DOSSIERS.columns if row[f"{column}_raw"] is not None]
        names = {"dossier_no": "form_no", "form_no": "known_form_no"}
        assert [column for column in stated if row[names.get(column, column)] is None] == []
