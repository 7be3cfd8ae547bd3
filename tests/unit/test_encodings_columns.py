"""Old text in columns of Unicode files: found by column, decoded where it is sure, left alone everywhere else."""

import json
from dataclasses import asdict
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

import config
from registry.encodings import TCVN3, VNI
from registry.encodings.columns import OldText, mended
from registry.encodings.syllables import marked_syllables
from registry.forms import READ_SCHEMA
from registry.reference import Reference
from tasks.read import FileToRead, read_load, read_told
from tasks.standardise import FileStamp, standardise_load
from tests.unit.made_texts import made_names, made_register, unit_names

NAMES, UNITS = [name for name in made_names(600) if "ŭ" not in name], unit_names()[:600]
FOREIGN = ["Zoë Müller", "François Hélène", "Jürgen Groß", "Ñuñez Muñoz", "Søren Åberg", "Loïc", "Anaïs", "José"] * 75


def typed(text: str, codec: str) -> str:
    """What a font of the code shows as Vietnamese and a program takes for Western letters."""
    return text.encode(codec, "replace").decode("cp1252", "replace")


def table(file_no: int = 0, **columns: list) -> pa.Table:
    size = len(next(iter(columns.values())))
    columns |= {"file_no": [file_no] * size, "row_no": list(range(1, size + 1))}
    return pa.table(
        {name: pa.array(columns.get(name, [None] * size), READ_SCHEMA.field(name).type) for name in READ_SCHEMA.names}
    )


def found(*tables: pa.Table) -> dict:
    old = OldText()
    for rows in tables:
        old.see(rows)
    return old.found()


def decoded(rows: pa.Table, column: str, old: dict) -> list:
    return mended(rows.combine_chunks().to_batches()[0], {0: old})[column].to_pylist()


@pytest.mark.parametrize("codec", [TCVN3, VNI])
@pytest.mark.parametrize("case", [str, str.upper])
def test_a_column_of_old_text_among_new_ones(codec, case) -> None:
    names = [case(name) for name in NAMES]
    rows = table(full_name=[typed(name, codec) for name in names], current_place=UNITS, sex=["Nữ"] * 600)
    old = found(rows)
    assert old == {"full_name": (codec, True)}
    assert decoded(rows, "full_name", old) == [typed(name, codec).encode("cp1252").decode(codec) for name in names]
    assert [name.upper() for name in decoded(rows, "full_name", old)] == [name.upper() for name in names]
    assert decoded(rows, "current_place", old) == UNITS


@pytest.mark.parametrize("codec", [TCVN3, VNI])
def test_mixed_cells_are_told_apart_one_by_one(codec) -> None:
    sent = [typed(name, codec) if at % 2 else name for at, name in enumerate(NAMES)]
    rows = table(full_name=sent)
    old = found(rows)
    assert old == {"full_name": (codec, False)}
    done = decoded(rows, "full_name", old)
    assert done[::2] == NAMES[::2]
    assert sum(a == b for a, b in zip(done[1::2], NAMES[1::2], strict=True)) > 0.9 * 300
    assert all(a in (b, c) for a, b, c in zip(done, NAMES, sent, strict=True))


def test_small_columns_follow_a_sure_one() -> None:
    sexes = [typed(["Nam", "Nữ"][at % 2], TCVN3) for at in range(600)]
    rows = table(full_name=[typed(name, TCVN3) for name in NAMES], sex=sexes, ethnicity=["Kinh", None] * 300)
    old = found(rows)
    assert old == {"full_name": (TCVN3, True), "sex": (TCVN3, False)}
    assert decoded(rows, "sex", old) == ["Nam", "Nữ"] * 300


@pytest.mark.parametrize(
    "names", [NAMES, FOREIGN, ["Nguyen Van An"] * 600, [typed("Nguyễn", TCVN3)] * 600, [None] * 600]
)
def test_nothing_is_found_where_nothing_is_sure(names) -> None:
    assert found(table(full_name=names, current_place=UNITS)) == {}
    assert found(table(full_name=["Ðà Nẵng", *names[1:]], current_address=["12\u00a0m²"] * 600)) == {}


def test_foreign_names_in_an_old_column_of_new_ones_stay() -> None:
    sent = [typed(name, VNI) if at < 300 else FOREIGN[at] for at, name in enumerate(NAMES)]
    rows = table(full_name=[*sent[:599], "Nguyễn Thị Ánh"])
    done = decoded(rows, "full_name", found(rows))
    assert {name for name in FOREIGN if name != "Loïc"} <= set(done)
    assert done[599] == "Nguyễn Thị Ánh"


def test_blocks_do_not_matter() -> None:
    rows = table(full_name=[typed(name, TCVN3) for name in NAMES], current_place=UNITS)
    assert found(*(rows.slice(at, 7) for at in range(0, 600, 7))) == found(rows)
    two = pa.concat_tables([rows, table(file_no=1, full_name=NAMES, current_place=UNITS)]).combine_chunks()
    batch = two.to_batches()[0]
    done = mended(batch, {0: found(rows)})["full_name"].to_pylist()
    assert (done[600:], done[:600]) == (NAMES, decoded(rows, "full_name", found(rows)))
    assert mended(batch, {}) is batch


def test_dictionaries_stay_dictionaries() -> None:
    rows = table(current_place=[typed(unit, TCVN3) for unit in UNITS])
    old = found(rows)
    place = rows["current_place"].combine_chunks().dictionary_encode()
    batch = pa.record_batch({"file_no": rows["file_no"].combine_chunks(), "current_place": place})
    done = mended(batch, {0: old})["current_place"]
    assert done.type == place.type
    assert done.to_pylist() == decoded(rows, "current_place", old)


@given(st.lists(st.sampled_from(sorted(marked_syllables())), min_size=2, max_size=4), st.sampled_from([TCVN3, VNI]))
def test_a_new_value_is_never_changed_in_a_mixed_column(words, codec) -> None:
    rows = table(full_name=[" ".join(words)])
    assert decoded(rows, "full_name", {"full_name": (codec, False)}) == [" ".join(words)]


def test_reading_a_file_tells_of_its_old_columns(tmp_path) -> None:
    lines = made_register(200).split("\n")
    old = [
        ",".join([typed(cell, TCVN3) if at == 1 else cell for at, cell in enumerate(line.split(","))]) for line in lines
    ]
    path = tmp_path / "copy"
    path.write_text("\n".join(old), encoding="utf-8")
    told = read_load([FileToRead(0, path, "a.csv", None)], tmp_path)
    assert told[0].old_text == {"full_name": (TCVN3, True)}
    assert told[0].notes == ("old_text: full_name",)
    (tmp_path / "told.json").write_text(json.dumps([asdict(file) for file in told]), encoding="utf-8")
    assert {name: tuple(way) for name, way in read_told(tmp_path)[0].old_text.items()} == told[0].old_text


def test_standardising_decodes_and_keeps_the_cell_as_sent(tmp_path) -> None:
    sent = table(full_name=[typed("Nguyễn Thị Đào", VNI), None, "Đỗ Hà"], sex=[typed("Nữ", VNI), "Nam", "Nữ"])
    pq.write_table(sent, tmp_path / "read.parquet")
    old = {"full_name": (VNI, False), "sex": (VNI, False)}
    stamps = [FileStamp(0, "75", date(2022, 5, 1), old)]
    standardise_load(tmp_path, files=stamps, reference=Reference.load(Path(config.__file__).parent))
    done = pq.read_table(tmp_path / "standard.parquet")
    assert done["full_name"].to_pylist() == ["NGUYỄN THỊ ĐÀO", None, "ĐỖ HÀ"]
    assert done["sex"].to_pylist() == ["F", "M", "F"]
    assert done["full_name_raw"].to_pylist() == sent["full_name"].to_pylist()
