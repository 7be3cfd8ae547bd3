"""Tables of others become forms as a map says."""

from pathlib import Path

import pandas as pd
import pytest

import config
from benchmarks.labelled import Source, as_forms, read_map, read_table
from benchmarks.linkage import Counted, pairs_within, resolve
from registry.codes import CodeList
from registry.errors import UsageError
from registry.forms import STANDARD_SCHEMA

SEXES = CodeList.load(Path(config.__file__).parent / "reference" / "sex.csv")


def forms(table: dict[str, list[str | None]], **sources: Source) -> list[dict[str, object]]:
    made = as_forms([pd.DataFrame(table, dtype="string")], sources, sexes=SEXES)
    assert made.schema.equals(STANDARD_SCHEMA)
    return made.to_pylist()


def written(folder: Path, text: str) -> Path:
    path = folder / "map.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_map_names_a_column_a_list_or_a_column_with_its_pattern(tmp_path: Path) -> None:
    text = 'full_name: [surname, given]\nbirth_date: {column: dob, format: "%Y%m%d"}\npid: ssn\n'
    assert read_map(written(tmp_path, text)) == {
        "full_name": Source(("surname", "given")),
        "birth_date": Source(("dob",), "%Y%m%d"),
        "pid": Source(("ssn",)),
    }


@pytest.mark.parametrize("text", ["", "colour: red\n", "pid: 7\n", "pid: []\n", "pid: {format: x}\n", "- pid\n"])
def test_anything_else_is_no_map(tmp_path: Path, text: str) -> None:
    with pytest.raises(UsageError):
        read_map(written(tmp_path, text))


def test_names_are_joined_and_get_a_key() -> None:
    table = {"given": ["Văn  An", None, None], "surname": ["Nguyễn", "o’hara", None]}
    found = forms(table, full_name=Source(("surname", "given")))
    assert [row["full_name"] for row in found] == ["NGUYỄN VĂN AN", "O’HARA", None]
    assert [row["full_name_key"] for row in found] == ["NGUYEN VAN AN", "O'HARA", None]


@pytest.mark.parametrize(
    ("text", "pattern", "date"),
    [
        ("19560409", "%Y%m%d", "1956-04-09"),
        ("9/4/1956", "%d/%m/%Y", "1956-04-09"),
        ("19560931", "%Y%m%d", "1956-09-31"),  # a slip of a day says something still
        ("1956", "%Y", "1956"),
        ("09-Apr-1956", "%d-%b-%Y", "1956-04-09"),
        ("unknown", "%Y%m%d", None),
        ("unknown", "%d-%b-%Y", None),
        ("9/4/1956", None, "1956-04-09"),
    ],
)
def test_dates_are_read_by_their_pattern(text: str, pattern: str | None, date: str | None) -> None:
    assert forms({"dob": [text]}, birth_date=Source(("dob",), pattern))[0]["birth_date"] == date


def test_sexes_are_codes_and_places_stand_for_themselves() -> None:
    found = forms({"sex": ["male", "F", "?"], "town": ["Kew", None, None]}, sex=Source(("sex",)),
                  permanent_place=Source(("town",)))  # fmt: skip
    assert [row["sex"] for row in found] == ["M", "F", None]
    assert (found[0]["permanent_place"], found[0]["permanent_place_raw"]) == (None, "Kew")


def test_a_column_that_is_not_there_is_told() -> None:
    with pytest.raises(UsageError, match="no column ssn"):
        forms({"name": ["A"]}, pid=Source(("ssn",)))


def test_csv_is_read_in_any_usual_separator_and_parquet_without_point_zero(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id; name\n007; An\n; \n", encoding="utf-8")
    assert read_table(tmp_path / "a.csv").fillna("-").to_numpy().tolist() == [["007", "An"], ["-", "-"]]
    pd.DataFrame({"id": [7.0, None]}).to_parquet(tmp_path / "a.parquet")
    assert read_table(tmp_path / "a.parquet")["id"].fillna("-").tolist() == ["7", "-"]


def test_pairs_are_counted_within_groups_and_between_data_sets() -> None:
    groups, sets = ["a", "a", "a", "b", None, None], [0, 0, 1, 1, 0, 1]
    assert pairs_within(groups, sets, linked=False) == 3
    assert pairs_within(groups, sets, linked=True) == 2
    assert Counted.of(true=4, said=2, right=2) == Counted(4, 1.0, 0.5, 2 / 3)


@pytest.mark.parametrize("linked", [False, True])
def test_two_rows_of_one_data_set_are_compared_unless_two_sets_are_linked(linked: bool) -> None:
    table = pd.DataFrame({"name": ["XYLOPH QWERTZ"] * 2, "dob": ["1956-04-09"] * 2, "no": ["7654321"] * 2})
    sources = {"full_name": Source(("name",)), "birth_date": Source(("dob",)), "pid": Source(("no",))}
    one = as_forms([table], sources, sexes=SEXES)
    assert len(set(resolve(one, linked=linked).tolist())) == (2 if linked else 1)


@pytest.mark.parametrize("ours", ["full_name", "birth_date", "phone", "religion"])
def test_one_column_alone_is_enough_to_run(ours: str) -> None:
    table = pd.DataFrame({"theirs": ["1956-04-09", "An", None]}, dtype="string")
    assert len(resolve(as_forms([table], {ours: Source(("theirs",))}, sexes=SEXES), linked=False)) == 3
