"""Sample registers in other encodings and with places as texts: the same forms, and a truth that says what was done."""

import csv
import hashlib
import io
import json
import unicodedata
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

import registry.encodings  # noqa: F401  registers the codecs
from registry.errors import UsageError
from registry.forms import COLUMNS, PLACES
from samples import places, slips
from samples.generate import generate
from samples.writing import ENCODINGS, UNICODE, Writing

FORMS, SEED = 1_500, 3
Rows = dict[str, list[dict[str, str]]]


def registers_digest(out: Path) -> str:
    """Of all that would be landed: names and bytes."""
    digest = hashlib.sha256()
    for path in sorted((out / "registers").rglob("*")):
        if path.is_file():
            digest.update(str(path.relative_to(out)).encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


@pytest.mark.parametrize(
    ("arguments", "digest"),
    [
        ({"forms": 900, "seed": 1}, "1a705e52c2089ba48a1e54b98c6513aabfd551efbfc2687776abaeb4e6bfa54a"),
        (
            {"forms": 6_000, "seed": 2, "clean_share": 0.0},
            "1900539228f1a5f8b3521a7a8dd30a4c4671e6b496b9c518c27bed37e1eb36e9",
        ),
    ],
)
def test_registers_without_a_style_are_byte_for_byte_what_they_were(
    tmp_path: Path, arguments: dict[str, float], digest: str
) -> None:
    generate(tmp_path, **arguments)
    assert registers_digest(tmp_path) == digest


def lines(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def read(out: Path, encoding: str) -> Rows:
    """Readable and unreadable rows of each file, cells by column as far as they go."""
    found = {}
    for path in sorted(out.glob("registers/*/*.csv")):
        text = unicodedata.normalize("NFC", path.read_bytes().decode(ENCODINGS[encoding]))
        header, *rows = csv.reader(io.StringIO(text, newline=""))
        assert tuple(header) == COLUMNS
        found[path.name] = [dict(zip(COLUMNS, row, strict=False)) for row in rows]
    return found


def make(out: Path, *styles: str, **more: float) -> Path:
    generate(out, **({"forms": FORMS, "seed": SEED, "clean_share": 0.5} | more), styles=styles)
    return out


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("plain"))


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_the_same_forms_in_any_encoding(tmp_path: Path, plain: Path, encoding: str) -> None:
    make(tmp_path, encoding)
    expected = read(plain, "utf-8")
    if encoding not in UNICODE:
        expected = {
            name: [{column: cell.replace("ŭ", "u").replace("Ŭ", "U") for column, cell in row.items()} for row in rows]
            for name, rows in expected.items()
        }
    assert read(tmp_path, encoding) == expected
    truths = lines(plain / "truth.csv"), lines(tmp_path / "truth.csv")
    for one, other in zip(*truths, strict=True):
        assert other["style"] == f"{encoding}+codes"
        if "letter_lost" not in other["errors"]:
            assert other | {"style": one["style"]} == one


def test_only_nfd_and_tone_marks_of_their_own_are_decomposed(tmp_path: Path) -> None:
    make(tmp_path / "nfd", "utf-8-nfd")
    path = next((tmp_path / "nfd").glob("registers/*/*.csv"))
    text = path.read_text(encoding="utf-8")
    assert text == unicodedata.normalize("NFD", text) != unicodedata.normalize("NFC", text)


def test_a_letter_that_the_encoding_has_not_is_lost_and_the_truth_says_so(tmp_path: Path) -> None:
    arguments = {"forms": 12_000, "seed": 1, "clean_share": 1.0}
    make(tmp_path / "new", "utf-8", **arguments)
    make(tmp_path / "old", "tcvn3", **arguments)
    new, old = (lines(tmp_path / name / "truth.csv") for name in ("new", "old"))
    lost = {(line["sender"], line["form_no"]) for line in old if line["errors"] == "letter_lost"}
    text = "".join(path.read_text(encoding="utf-8") for path in (tmp_path / "new").glob("registers/*/*.csv"))
    assert len(lost) == sum("ŭ" in line.lower() for line in text.splitlines()) > 0
    for one, other in zip(new, old, strict=True):
        unwritable = "Ŭ" in one["full_name"]
        assert other["full_name"] == ("" if unwritable else one["full_name"])
        assert not unwritable or (other["sender"], other["form_no"]) in lost


@pytest.mark.parametrize(
    ("style", "code", "text"),
    [
        ("full", "26068", "Phường Hóa An, Thành phố Biên Hòa, Tỉnh Đồng Nai"),
        ("abbreviated", "26068", "P.Hóa An, TP.Biên Hòa, Đồng Nai"),
        ("plain", "26068", "Phuong Hoa An, Thanh pho Bien Hoa, Tinh Dong Nai"),
        ("upper", "26068", "PHƯỜNG HÓA AN, THÀNH PHỐ BIÊN HÒA, TỈNH ĐỒNG NAI"),
        ("reversed", "26068", "Tỉnh Đồng Nai, Thành phố Biên Hòa, Phường Hóa An"),
        ("vni+upper+abbreviated+plain", "27160", "P.01, Q.3, TP.HCM"),
        ("reversed+abbreviated", "26068", "Đồng Nai, TP.Biên Hòa, P.Hóa An"),
        ("utf-16", "26068", "26068"),
    ],
)
def test_a_place_in_each_style(style: str, code: str, text: str) -> None:
    known = places.load().codes.to_pylist()
    written = Writing.parse(style).place_texts()[known.index(code)].as_py().strip('"')
    assert written.replace(". ", ".") == text


@pytest.mark.parametrize("style", ["full", "abbreviated+upper", "reversed", "plain"])
def test_the_same_forms_with_places_as_texts(tmp_path: Path, plain: Path, style: str) -> None:
    make(tmp_path, style)
    known = places.load()
    texts = {code: text.strip('"') for code, text in zip(known.codes.to_pylist(), _texts(style), strict=True)}
    truth = {line["form_no"]: line for line in lines(tmp_path / "truth.csv")}
    before, after = read(plain, "utf-8"), read(tmp_path, "utf-8")
    pairs = [pair for name, rows in before.items() for pair in zip(rows, after[name], strict=True)]
    for one, other in pairs:
        errors = truth[one["form_no"]]["errors"]
        if "field_" in errors:
            continue
        assert {column: cell for column, cell in other.items() if column not in PLACES} == {
            column: cell for column, cell in one.items() if column not in PLACES
        }
        for column in PLACES:
            if column == "permanent_place" and "place_unknown" in errors:
                assert other[column] not in texts.values()
                assert other[column] == "99999" or "không tên" in other[column].lower() or "Khong Ten" in other[column]
            else:
                assert other[column] == texts.get(one[column], "")
    assert {truth[one["form_no"]]["errors"] for one, _ in pairs} >= {"place_unknown"}


def _texts(style: str) -> Iterator[str]:
    return iter(Writing.parse(style).place_texts().to_pylist())


def test_no_two_communes_are_written_alike_but_without_accents() -> None:
    for style in ("codes", "full", "abbreviated", "upper", "reversed"):
        assert not Writing.parse(style).ambiguous_places().any()
    without = Writing.parse("plain").ambiguous_places()
    texts = Counter(Writing.parse("plain").place_texts().to_pylist())
    assert without.sum() == sum(count for count in texts.values() if count > 1) > 0


def test_files_take_the_styles_in_turn_and_the_seed_says_who_begins(tmp_path: Path) -> None:
    styles = ("tcvn3", "vni+abbreviated", "utf-16+plain")
    named = [Writing.parse(style) for style in styles]
    for seed in (0, 1):
        make(tmp_path / str(seed), *styles, seed=seed, forms=900)
        of_sender = {line["sender"]: line["style"] for line in lines(tmp_path / str(seed) / "truth.csv")}
        assert list(of_sender.values()) == [str(named[(at + seed) % 3]) for at in range(3)]
    make(tmp_path / "again", *styles, seed=1, forms=900)
    assert registers_digest(tmp_path / "again") == registers_digest(tmp_path / "1")


@pytest.mark.parametrize("style", ["utf-16+full", "tcvn3+stated", "utf-8-nfd+stated"])
def test_sidecars_are_true_and_state_the_encoding_only_when_asked(tmp_path: Path, style: str) -> None:
    make(tmp_path, style)
    encoding = style.split("+", maxsplit=1)[0]
    for name, rows in read(tmp_path, encoding).items():
        path = next(tmp_path.glob(f"registers/*/{name}"))
        sidecar = json.loads(path.with_name(f"{name}.manifest.json").read_text(encoding="utf-8"))
        assert sidecar["rows"] == len(rows)
        assert sidecar["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
        assert sidecar.get("encoding") == (encoding.removesuffix("-nfd") if "stated" in style else None)


def test_the_truth_names_outcomes_and_legal_names(plain: Path) -> None:
    rows = {row["form_no"]: row for rows in read(plain, "utf-8").values() for row in rows}
    outcomes = Counter()
    for line in lines(plain / "truth.csv"):
        errors, row = set(line["errors"].split(";")), rows[line["form_no"]]
        outcomes[line["outcome"]] += 1
        if errors & set(slips.UNREADABLE):
            assert line["outcome"] == "unreadable"
        elif errors & set(slips.CRITICAL):
            assert line["outcome"] == "quarantined"
        elif "sent_twice" in errors:
            assert line["outcome"] == "accepted;duplicate"
        elif not errors & {"day_month_swapped", "birth_year_wrong"}:
            assert line["outcome"] == "accepted"
        named_wrong = errors & {"name_typed_wrong", "name_accents_lost", "name_missing"}
        assert line["full_name"] == ("" if named_wrong else " ".join(row["full_name"].split()).upper())
    assert {"accepted", "quarantined", "unreadable", "accepted;duplicate"} <= set(outcomes)


@pytest.mark.parametrize(
    ("style", "said"),
    [
        ("latin1", "'latin1' is none of"),
        ("", "'' is none of"),
        ("tcvn3+vni", "one encoding"),
        ("codes+upper", "codes and upper exclude"),
        ("full+abbreviated", "full and abbreviated exclude"),
    ],
)
def test_a_wrong_style_is_told(tmp_path: Path, style: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        generate(tmp_path, forms=10, styles=["utf-8", style])
    assert not (tmp_path / "registers").exists()
