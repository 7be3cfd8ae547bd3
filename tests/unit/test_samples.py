"""Sample registers as a whole: what a run writes, against its own truth."""

import csv
import datetime as dt
import hashlib
import json
import re
from collections import Counter, defaultdict
from pathlib import Path

import pytest

import config
from registry.errors import UsageError
from registry.forms import COLUMNS
from samples import generate as module
from samples import places, slips
from samples.generate import GenerateReport, generate

FORMS = 12_000
Row = dict[str, str]


class Run:
    """A generated folder, read back with nothing but the standard library."""

    def __init__(self, out: Path, report: GenerateReport) -> None:
        self.out, self.report = out, report
        with (out / "truth.csv").open(encoding="utf-8", newline="") as handle:
            self.truth = list(csv.DictReader(handle))
        self.files = {path: self._read(path) for path in sorted(out.glob("registers/*/*.csv"))}
        self.rows = [
            (path.parent.name, dict(zip(COLUMNS, row, strict=True)))
            for path, rows in self.files.items()
            for row in rows
            if len(row) == len(COLUMNS)
        ]
        self.key = {(t["sender"], t["form_no"]): t["person_key"] for t in self.truth}
        self.errors = {(t["sender"], t["form_no"]): t["errors"].split(";") for t in self.truth}

    @staticmethod
    def _read(path: Path) -> list[list[str]]:
        with path.open(encoding="utf-8", newline="") as handle:
            header, *rows = list(csv.reader(handle))
        assert tuple(header) == COLUMNS
        return rows

    def clean(self) -> list[tuple[str, Row]]:
        return [(sender, row) for sender, row in self.rows if self.errors[sender, row["form_no"]] == [""]]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    out = tmp_path_factory.mktemp("samples")
    return Run(out, generate(out, forms=FORMS, seed=3))


def _digest(out: Path) -> dict[str, str]:
    files = (path for path in out.rglob("*") if path.is_file())
    return {str(path.relative_to(out)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_same_seed_same_bytes_and_another_seed_other_bytes(tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        generate(tmp_path / name, forms=900, seed=seed)
    one, again, other = (_digest(tmp_path / name) for name in "abc")
    assert one == again
    assert one["truth.csv"] != other["truth.csv"]


def test_a_helper_process_makes_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = generate(tmp_path / "alone", forms=2_000, seed=4)
    monkeypatch.setattr(module, "_FORMS_FOR_A_HELPER", 0)
    helped = generate(tmp_path / "helped", forms=2_000, seed=4)
    assert _digest(tmp_path / "alone") == _digest(tmp_path / "helped")
    assert (alone.persons, alone.files) == (helped.persons, helped.files)


def test_report_counts_rows_persons_and_files(run: Run) -> None:
    assert run.report.forms == FORMS == sum(len(rows) for rows in run.files.values())
    assert run.report.persons == len({t["person_key"] for t in run.truth})
    assert run.report.files == len(run.files)
    assert len({sender for sender, _ in run.rows}) >= 3


def test_truth_has_one_line_a_form_and_a_line_for_every_row(run: Run) -> None:
    assert len(run.key) == len(run.truth)
    sent = Counter((path.parent.name, row[0]) for path, rows in run.files.items() for row in rows)
    assert set(sent) == set(run.key)
    twice = {form for form, count in sent.items() if count > 1}
    assert twice == {form for form, errors in run.errors.items() if "sent_twice" in errors}
    assert twice


def test_rows_sent_twice_are_equal_and_some_come_in_another_file(run: Run) -> None:
    seen = defaultdict(list)
    for path, rows in run.files.items():
        for row in rows:
            seen[path.parent.name, row[0]].append((path, row))
    pairs = [places for places in seen.values() if len(places) > 1]
    assert all(one[1] == other[1] for one, other in pairs)
    assert {one[0] == other[0] for one, other in pairs} == {True, False}


def test_sidecars_state_what_the_files_hold(run: Run) -> None:
    for path, rows in run.files.items():
        sidecar = json.loads(path.with_name(f"{path.name}.manifest.json").read_text(encoding="utf-8"))
        assert sidecar["rows"] == len(rows)
        assert sidecar["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
        assert sidecar["encoding"] == "utf-8"
        assert path.name == f"dc01-{path.parent.name}-{sidecar['sequence']:03d}.csv"
        assert dt.datetime.fromisoformat(sidecar["sent_at"]).date() == module.DEFAULT_DATE


def test_share_of_clean_forms_is_kept(run: Run, tmp_path: Path) -> None:
    clean = sum(errors == [""] for errors in run.errors.values()) / len(run.errors)
    assert clean == pytest.approx(0.9, abs=0.012)
    generate(tmp_path, forms=1_000, seed=3, clean_share=1.0)
    spotless = Run(tmp_path, GenerateReport(0, 0, 0, 0))
    assert len(spotless.rows) == 1_000 == len(spotless.truth)
    assert all(errors == [""] for errors in spotless.errors.values())


def test_faults_that_stop_a_row_stay_rare_in_every_file(run: Run) -> None:
    stops = {"birth_date_impossible", "name_missing", "sex_missing", "place_unknown"}
    stops |= {"field_missing", "field_too_many"}
    for path, rows in run.files.items():
        stopped = sum(bool(stops & set(run.errors[path.parent.name, row[0]])) for row in rows)
        assert stopped / len(rows) < 0.04


def test_broken_rows_have_a_field_too_few_or_too_many(tmp_path: Path) -> None:
    generate(tmp_path, forms=12_000, seed=8, clean_share=0.0)
    run = Run(tmp_path, GenerateReport(0, 0, 0, 0))
    lengths = {
        name: {
            len(row) for path, rows in run.files.items() for row in rows if name in run.errors[path.parent.name, row[0]]
        }
        for name in ("field_missing", "field_too_many")
    }
    assert all(length < len(COLUMNS) for length in lengths["field_missing"])
    assert all(length > len(COLUMNS) for length in lengths["field_too_many"])
    assert all(lengths.values())
    assert set(slips.WEIGHTS) == {error for errors in run.errors.values() for error in errors}


def test_second_forms_belong_to_the_same_person_in_another_commune(run: Run) -> None:
    forms = defaultdict(list)
    for sender, row in run.clean():
        forms[run.key[sender, row["form_no"]]].append((sender, row))
    seconds = [pair for pair in forms.values() if len({sender for sender, _ in pair}) == 2]
    assert 0.03 < 2 * len(seconds) / len(run.truth) < 0.07
    for (one_sender, one), (other_sender, other) in seconds:
        assert one["full_name"].upper() == other["full_name"].upper()
        assert one["sex"] == other["sex"]
        assert one["pid"] == other["pid"]
        assert one["origin_place"] == other["origin_place"]
        home, away = (one, other) if _day(one) < _day(other) else (other, one)
        assert _day(home) < _day(away)
        away_sender = other_sender if away is other else one_sender
        assert away_sender in {away["permanent_place"], away["temporary_place"]}
        assert home["temporary_place"] == ""
    assert {bool(pair[0][1]["temporary_place"] or pair[1][1]["temporary_place"]) for pair in seconds} == {
        True,
        False,
    }


def _day(row: Row) -> dt.date:
    return dt.datetime.strptime(row["declared_on"], "%d/%m/%Y").date()  # noqa: DTZ007


def test_personal_numbers_fit_the_person_and_are_nobody_elses(run: Run) -> None:
    known = places.load()
    province = dict(zip(known.codes.to_pylist(), known.provinces.tolist(), strict=True))
    owner: dict[str, str] = {}
    for sender, row in run.clean():
        if not row["pid"]:
            continue
        year = int(row["birth_date"][-4:])
        century_and_sex = 2 * (year // 100 - 19) + (row["sex"] == "Nữ")
        start = f"{province[row['birth_registration_place']]:03d}{century_and_sex}{year % 100:02d}"
        assert row["pid"].startswith(start)
        assert len(row["pid"]) == 12
        key = run.key[sender, row["form_no"]]
        assert owner.setdefault(row["pid"], key) == key
    missing = sum(not row["pid"] for _, row in run.clean()) / len(run.clean())
    assert 0.06 < missing < 0.15


def test_every_household_has_one_head_whom_all_name(run: Run) -> None:
    households = defaultdict(dict)
    for sender, row in run.rows:
        households[sender, row["household_no"]][row["form_no"]] = row
    whole = [
        list(members.values())
        for (sender, _), members in households.items()
        if all(run.errors[sender, form_no] in ([""], ["sent_twice"]) for form_no in members)
    ]
    odd = 0
    for members in whole:
        heads = [row for row in members if row["relation_to_head"] == "Chủ hộ"]
        odd += len(heads) != 1
        assert len({row["head_name"] for row in members}) == 1
        assert all(head["full_name"] == head["head_name"] for head in heads)
    assert odd / len(whole) < 0.005  # the head's own row was broken
    assert max(len(members) for members in whole) <= 16


def test_children_bear_the_name_and_the_years_of_a_child(run: Run) -> None:
    by_household = defaultdict(list)
    for sender, row in run.clean():
        by_household[sender, row["household_no"]].append(row)
    seen = 0
    for members in by_household.values():
        by_name = {row["full_name"]: row for row in members if row["relation_to_head"] in {"Chủ hộ", "Vợ"}}
        for row in members:
            mother = by_name.get(row["mother_name"])
            if row["relation_to_head"] != "Con" or mother is None or mother is row:
                continue
            seen += 1
            assert int(row["birth_date"][-4:]) - int(mother["birth_date"][-4:]) >= 17
            assert row["father_name"] == "" or row["full_name"].startswith(row["father_name"].split()[0])
    assert seen > 1_000


def test_words_and_places_are_known_ones(run: Run) -> None:
    reference = Path(config.__file__).parent / "reference"
    for column in (
        "marital_status",
        "relation_to_head",
        "ethnicity",
        "religion",
        "nationality",
        "blood_group",
    ):
        with (reference / f"{column}.csv").open(encoding="utf-8", newline="") as handle:
            known = {word for line in csv.DictReader(handle) for word in (line["vi"], *line["aliases"].split("|"))}
        assert {row[column] for _, row in run.clean()} - {""} <= known
    communes = set(places.load().codes.to_pylist())
    for column in ("permanent_place", "temporary_place", "current_place", "origin_place"):
        assert {row[column] for _, row in run.clean()} - {""} <= communes
    outside = sum(not row["origin_place"].startswith(("25", "26")) for _, row in run.clean())
    assert 0.2 < outside / len(run.clean()) < 0.8


def test_dates_and_names_have_the_shapes_of_real_ones(run: Run) -> None:
    shape = re.compile(r"(\d\d/(0[1-9]|[3-9]|1[0-2])/|(0[1-9]|1[0-2])/)?(19|20)\d\d")
    assert all(shape.fullmatch(row["birth_date"]) for _, row in run.clean())
    years = sum(len(row["birth_date"]) == 4 for _, row in run.clean()) / len(run.clean())
    assert 0.01 < years < 0.08
    days = {_day(row) for _, row in run.clean()}
    assert min(days) >= dt.date(2020, 8, 1)
    assert max(days) <= dt.date(2021, 6, 30)
    surnames = Counter(row["full_name"].split()[0].upper() for _, row in run.clean())
    assert surnames.most_common(1)[0][0] == "NGUYỄN"
    assert 0.28 < surnames["NGUYỄN"] / len(run.clean()) < 0.42


@pytest.mark.parametrize("forms", [1, 2, 7, 150])
def test_a_handful_of_forms_is_exact_too(tmp_path: Path, forms: int) -> None:
    report = generate(tmp_path, forms=forms, seed=forms)
    assert sum(len(rows) for rows in Run(tmp_path, report).files.values()) == forms


def test_the_same_run_may_be_repeated_but_not_mixed(tmp_path: Path) -> None:
    generate(tmp_path, forms=500, seed=1)
    before = _digest(tmp_path)
    generate(tmp_path, forms=500, seed=1)
    assert _digest(tmp_path) == before
    with pytest.raises(UsageError, match="another run"):
        generate(tmp_path, forms=500, seed=2, province="79")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"forms": 0}, "--forms"),
        ({"forms": 10, "province": "03"}, "03"),
        ({"forms": 10, "province": "x"}, "'x'"),
        ({"forms": 10, "clean_share": 1.5}, "--clean-share"),
        ({"forms": 10, "seed": -1}, "--seed"),
        ({"forms": 10, "date": dt.date(1999, 1, 1)}, "date"),
        ({"forms": 10**12}, "more than"),
    ],
)
def test_wrong_use_is_told(tmp_path: Path, arguments: dict, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        generate(tmp_path, **arguments)
    assert not (tmp_path / "registers").exists()


def test_dossiers_leave_the_registers_as_they_are_and_name_their_photos(tmp_path: Path) -> None:
    generate(tmp_path / "without", forms=900, seed=1)
    made = generate(tmp_path / "with", forms=900, seed=1, dossier_share=0.5)
    without, with_dossiers = _digest(tmp_path / "without"), _digest(tmp_path / "with")
    assert with_dossiers.items() >= without.items()
    rows = [
        json.loads(line)
        for path in sorted((tmp_path / "with" / "dossiers").glob("*/*.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    with (tmp_path / "with" / "dossier_truth.csv").open(encoding="utf-8", newline="") as handle:
        truth = {row["dossier_no"]: row for row in csv.DictReader(handle)}
    assert len(rows) == made.dossiers == len(truth) > 100
    assert {row["dossier_no"] for row in rows} == truth.keys()
    for row in rows:
        slip, digest = truth[row["dossier_no"]]["slip"], with_dossiers.get(row["photo"])
        assert (digest == row["photo_sha256"]) == (slip not in ("wrong_hash", "photo_missing"))
        assert (digest is None) == (slip == "photo_missing")
    generate(tmp_path / "again", forms=900, seed=1, dossier_share=0.5)
    assert _digest(tmp_path / "again") == with_dossiers
    with pytest.raises(UsageError, match="between 0 and 1"):
        generate(tmp_path / "more", forms=10, dossier_share=1.5)
