"""How a suite is run: what it cannot run it says, what it finds it can point at, and it quotes no cell."""

import json
import re
import threading
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expectations.docs import build_docs
from expectations.rules import Rule, load_rules
from expectations.run import run_suite, run_suite_on_table, verdicts
from expectations.store import STORE_METRICS, store_frame
from registry.errors import PlatformError
from registry.forms import FINDING_SCHEMA
from registry.households import MEASURES, measured_forms
from registry.identity_numbers import decode
from tasks import validate as validating
from tasks.validate import PLACE_UNITS, FileFacts, validate_load, validate_store
from tests.unit.made_forms import NIGHT, changed, good_form, write_standard

SECRETS = ("BÙI VĂN BÍMẬT", "064099123987", "H-SECRET-771", "SỐ 9 NGÕ GIẤU", "GIẤU TÊN")


def rule(condition: str, number: str = "1") -> Rule:
    return Rule(f"TEST-{number}", "critical", (), "", "", "expect_rows_to_satisfy", {"condition": condition})


def between(column: str, top: float, number: str = "9") -> Rule:
    kwargs = {"column": column, "max_value": top}
    return Rule(f"TEST-{number}", "warning", (), "", "", "expect_column_values_to_be_between", kwargs)


NAMES = pa.table({"name": ["BÙI VĂN BÍMẬT", None, "AN"], "size": [1, 2, 30]})


def test_a_row_fails_where_the_condition_is_false_and_passes_where_it_is_unknown() -> None:
    (run,) = run_suite_on_table("test", [rule("name = 'AN'")], NAMES)
    assert (run.evaluated, run.failing.tolist()) == (3, [0])


def test_built_in_expectations_run_beside_conditions_and_keep_their_order() -> None:
    runs = run_suite_on_table("test", [between("size", 5), rule("size < 2"), rule("TRUE", "2")], NAMES)
    assert [(run.rule.id, run.failing.tolist()) for run in runs] == [
        ("TEST-9", [2]),
        ("TEST-1", [1, 2]),
        ("TEST-2", []),
    ]


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (rule("nothing IS NOT NULL", "BROKEN"), "TEST-BROKEN"),
        (rule("name::INTEGER > 0", "BROKEN"), "TEST-BROKEN"),
        (rule("name IS", "BROKEN"), "TEST-BROKEN"),
        (between("name", 5, "BROKEN"), "TEST-BROKEN"),
        (Rule("TEST-BROKEN", "critical", (), "", "", "expect_rows_to_shine", {"condition": "TRUE"}), "TEST-BROKEN"),
        (Rule("TEST-BROKEN", "critical", (), "", "", "expect_rows_to_satisfy", {"conditoin": "TRUE"}), "kwargs"),
    ],
)
def test_a_rule_that_cannot_run_is_a_failure_of_the_platform_and_quotes_no_cell(
    broken: Rule, said: str, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(PlatformError, match=said) as caught:
        run_suite_on_table("test", [rule("size > 0"), broken], NAMES)
    told = str(caught.value) + repr(caught.value.__context__ if not caught.value.__suppress_context__ else "")
    written = capfd.readouterr()
    assert "BÍMẬT" not in told + caplog.text + written.out + written.err


def test_a_condition_without_a_verdict_is_no_pass() -> None:
    with pytest.raises(PlatformError, match="TEST-1 could not run"):
        run_suite("test", [rule("size > 0")], NAMES)


def test_findings_point_at_rows_and_files_are_judged_one_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(validating, "SLICE_ROWS", 7)
    forms = [good_form(n) for n in range(40)]
    bad = {3: {"sex": None}, 11: {"pid": "1"}, 12: {"sex": None, "pid": "1"}, 39: {"ethnicity": None}}
    forms = [changed(form, bad.get(n, {})) for n, form in enumerate(forms)]
    write_standard(tmp_path, forms, files=[n // 20 for n in range(40)])
    files = [FileFacts(0, 22, 2), FileFacts(1, 20, 0), FileFacts(2, 5, 5)]
    validated = validate_load(tmp_path, files=files, business_date=NIGHT, docs=tmp_path / "docs")
    found = pq.read_table(tmp_path / "findings.parquet")
    assert found.schema == FINDING_SCHEMA
    assert [tuple(row.values()) for row in found.to_pylist()] == [
        (0, 4, "ROW-SEX-MISSING", "critical"),
        (0, 12, "ROW-PID-FORMAT", "critical"),
        (0, 13, "ROW-SEX-MISSING", "critical"),
        (0, 13, "ROW-PID-FORMAT", "critical"),
        (1, 20, "ROW-ETHNICITY-MISSING", "warning"),
    ]
    assert [file.quarantined for file in validated.files] == [3, 0, 0]
    assert [file.profile["warned"] for file in validated.files] == [0, 1, 0]
    assert validated.failed == {"ROW-SEX-MISSING": 2, "ROW-PID-FORMAT": 2, "ROW-ETHNICITY-MISSING": 1}
    written = (tmp_path / "validation.json").read_text(encoding="utf-8")
    assert written == (tmp_path / "docs" / f"{tmp_path.name}.json").read_text(encoding="utf-8")
    counts = {row["id"]: row for suite in json.loads(written)["suites"].values() for row in suite}
    assert counts["ROW-PID-FORMAT"] == {"id": "ROW-PID-FORMAT", "severity": "critical", "evaluated": 40, "failed": 2}
    assert {len(load_rules(name)) for name in ("row", "household", "load")} == {
        len(suite) for suite in json.loads(written)["suites"].values()
    }


@pytest.mark.parametrize(
    ("rows", "unreadable", "bad", "held"),
    [(30, 0, 9, False), (30, 1, 9, True), (100, 0, 30, False), (100, 0, 31, True), (12, 10, 0, True), (9, 9, 0, False)],
)
def test_a_file_is_held_from_ten_failing_rows_and_above_30_percent(
    rows: int, unreadable: int, bad: int, held: bool, tmp_path: Path
) -> None:
    readable = rows - unreadable
    forms = [changed(good_form(n), {"sex": None} if n < bad else {}) for n in range(readable)]
    write_standard(tmp_path, forms)
    (verdict,) = validate_load(tmp_path, files=[FileFacts(0, rows, unreadable)], business_date=NIGHT, docs=None).files
    assert verdict.quarantined == bad
    assert (verdict.held is not None) == held
    if verdict.held:
        assert verdict.held.rules == ("LOAD-FAILING-SHARE",)
        assert f"({rows} rows: {unreadable} unreadable, {bad} quarantined.)" in verdict.held.reason_en
        assert f"{bad} bị loại" in verdict.held.reason_vi


def test_rows_that_were_announced_but_are_not_there_are_a_failure_of_the_platform(tmp_path: Path) -> None:
    write_standard(tmp_path, [good_form(1)])
    with pytest.raises(PlatformError, match="file 0 of the load: 2 readable rows were announced, 1 stand"):
        validate_load(tmp_path, files=[FileFacts(0, 2, 0)], business_date=NIGHT, docs=None)


def test_no_value_of_a_person_reaches_a_report_or_the_site(tmp_path: Path) -> None:
    name, pid, household, address, given = SECRETS
    secret = {"full_name": name, "pid": pid, "household_no": household, "permanent_address": address, "sex": "?"}
    broken = {
        "birth_date": None,
        "birth_date_raw": given,
        "ethnicity": None,
        "ethnicity_raw": given,
        "phone": pid + "0",
    }
    forms = [changed(good_form(n), {**secret, **broken}) for n in range(60)]
    write_standard(tmp_path, forms)
    docs = tmp_path / "docs"
    validate_load(tmp_path, files=[FileFacts(0, 60, 0)], business_date=NIGHT, docs=docs)
    validate_store(dict.fromkeys(STORE_METRICS, 1), business_date=NIGHT, docs=docs)
    site = tmp_path / "site"
    index = build_docs(sorted(docs.iterdir()), site)
    pages = [path for path in site.rglob("*") if path.suffix in {".html", ".json", ".js", ".txt"}]
    assert index in pages
    assert sum("validations" in path.parts for path in pages) == 4
    for path in [*pages, *docs.iterdir(), tmp_path / "validation.json"]:
        text = path.read_text(encoding="utf-8")
        assert not [secret for secret in SECRETS if secret in text or json.dumps(secret)[1:-1] in text], path
    row_page = next(path for path in pages if "row" in path.parts).read_text(encoding="utf-8")
    assert "ROW-BIRTH-UNREADABLE" in row_page
    assert "The birth date does not exist" in row_page


def test_the_site_keeps_a_window_of_the_newest_nights(tmp_path: Path) -> None:
    reports = []
    for day in ("2021-06-01", "2021-06-03", "2021-06-02"):
        validate_store(dict.fromkeys(STORE_METRICS, 0), business_date=NIGHT.fromisoformat(day), docs=tmp_path)
        reports.append(tmp_path / f"store-{day}.json")
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "old.html").write_text("old")
    build_docs(reports, tmp_path / "site", newest=2)
    shown = {path.stem for path in (tmp_path / "site" / "validations").rglob("*.html")}
    assert shown == {"store-2021-06-03", "store-2021-06-02"}
    assert not (tmp_path / "site" / "old.html").exists()


def test_the_site_fetches_nothing_from_elsewhere(tmp_path: Path) -> None:
    validate_store(dict.fromkeys(STORE_METRICS, 0), business_date=NIGHT, docs=tmp_path)
    build_docs([tmp_path / "store-2021-06-30.json"], tmp_path / "site")
    for path in (tmp_path / "site").rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert not re.findall(r"""(?:src|href)=["']?(?:https?:)?//""", text), path
        assert "<script" not in text
        assert text.count("</style></head>") == 1
        links = re.findall(r'href="([^"#]+)"', text)
        assert links
        assert all((path.parent / link).exists() for link in links), (path, links)


def test_a_count_of_the_store_that_was_not_taken_is_no_pass() -> None:
    clean: dict[str, Any] = dict.fromkeys(STORE_METRICS, 0)
    for counts in ({**clean, "persons_without_form": None}, {**clean, "new": 1}, {}):
        with pytest.raises(PlatformError, match="missing, unknown or not whole"):
            store_frame(counts)


def test_suites_can_be_run_from_threads() -> None:
    found: list[list[int]] = []

    def work(top: int) -> None:
        found.append([top, *run_suite_on_table("test", [rule(f"size <= {top}")], NAMES)[0].failing.tolist()])

    threads = [threading.Thread(target=work, args=(top,)) for top in (1, 2, 30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [[1, 1, 2], [2, 2], [30]]


def test_measures_stand_beside_the_forms_and_leave_no_file_behind(tmp_path: Path) -> None:
    standard = write_standard(tmp_path, [good_form(1), changed(good_form(2), {"birth_date": "1990-02"})])
    with measured_forms(standard, business_date=NIGHT, units=PLACE_UNITS) as connection:
        (first, second) = connection.execute(f"SELECT {', '.join(MEASURES)} FROM forms ORDER BY row_no").fetchall()
    assert dict(zip(MEASURES, first, strict=True)) == {
        "business_day": "2021-06-30", "birth_year": 1990, "age_at_most": 31, "age_at_least": 31,
        "pid_number": 75090000001, "pid_sex": "M", "pid_birth_year": 1990, "pid_province": 75,
        "pid_province_known": True, "birth_registration_province": 75, "form_no_repeated": False,
        "pid_shared": False, "household_member_repeated": False, "household_size": 1, "household_heads": 1,
        "household_spouses": 0, "household_head_name_agrees": True, "household_place_agrees": True,
        "head_sex": "M", "head_birth_year": 1990,
    }  # fmt: skip
    assert second[1:4] == (1990, 31, 31)
    assert list(tmp_path.iterdir()) == [standard]


@settings(max_examples=5, deadline=None)
@given(st.lists(st.from_regex(r"[0-9]{11,13}", fullmatch=True) | st.none(), min_size=20, max_size=60))
def test_the_measures_read_a_personal_number_as_the_registry_does(
    tmp_path_factory: pytest.TempPathFactory, pids: list[str | None]
) -> None:
    folder = tmp_path_factory.mktemp("pids")
    standard = write_standard(folder, [changed(good_form(n), {"pid": pid}) for n, pid in enumerate(pids)])
    with measured_forms(standard, business_date=NIGHT, units=PLACE_UNITS) as connection:
        found = connection.execute(
            "SELECT pid_sex, pid_birth_year, CASE WHEN pid_province_known AND pid_birth_year <= 2025"
            " THEN lpad(pid_province::VARCHAR, 2, '0') END"
            " FROM forms ORDER BY row_no"
        ).fetchall()
    decoded = decode(pa.array(pids, pa.large_string())).to_pylist()
    assert found == [(row["sex"], row["birth_year"], row["province"]) for row in decoded]


def test_verdicts_are_bits_and_columns_of_built_in_expectations() -> None:
    with duckdb.connect() as connection:
        connection.register("given", NAMES)
        made = verdicts(connection, "given", rules=[rule("name = 'AN'"), between("size", 3)], keep=["size"])
    assert made.schema.names == ["size", "name = 'AN'"]
    assert made["name = 'AN'"].to_pylist() == [False, True, True]
