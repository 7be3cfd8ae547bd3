"""Evidence of the store: what is asked for comes back from wherever it lies."""

from collections.abc import Sequence
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from registry.linkage.evidence import EVIDENCE_SCHEMA, read_evidence, write_evidence
from registry.linkage.stored import FORM_SCHEMA, StoredEvidence
from registry.proofs.linkage import differing_evidence
from tests.unit.compared_forms import candidates_of, evidence_of, person

NAMES = ("TRẦN THỊ MẬN", "LÊ VĂN MƠ", "ĐỖ ĐÌNH CHUỐI", "VŨ HỮU QUÝT", "HỒ NGỌC XOÀI")


def stored(folder: Path, loads: Sequence[Sequence[str]]) -> StoredEvidence:
    """Loads of made-up people, each by its name."""
    files = []
    for place, names in enumerate(loads):
        files.append(folder / f"{place}.arrow")
        write_evidence(evidence_of([person(full_name=name) for name in names]), files[-1])
    return StoredEvidence(files)


def names_of(table: pa.Table) -> list[str]:
    return sorted(table["name"].to_pylist())


def test_forms_are_found_by_a_key_in_whatever_load_they_lie(tmp_path: Path) -> None:
    known = stored(tmp_path, [NAMES[:3], [], NAMES[2:]])
    key = "birthday_name_key"
    for name in NAMES:
        sought = evidence_of([person(full_name=name)]).execute(f"SELECT {key} FROM evidence").to_arrow_table()[key]
        nodes, keys = known.sharing({key: sought.to_numpy()})[key]
        assert set(sought.to_pylist()) <= set(keys.tolist())
        assert name in names_of(known.forms(nodes))


def test_a_form_without_a_key_shares_none(tmp_path: Path) -> None:
    file = tmp_path / "0.arrow"
    write_evidence(evidence_of([person(), person(pid=None)]), file)
    keys = read_evidence(file)["number_key"]
    assert keys.null_count == 1
    _, found = StoredEvidence([file]).sharing({"number_key": keys.drop_null().to_numpy()})["number_key"]
    assert found.tolist() == keys.drop_null().to_pylist()


def test_forms_that_came_before_are_known_again(tmp_path: Path) -> None:
    known = stored(tmp_path, [NAMES[:3], [], NAMES])
    known_ids = read_evidence(tmp_path / "2.arrow")["form_id"].to_pylist()
    asked = [known_ids[4], "f" * 32, known_ids[0][:8] + "f" * 24, known_ids[0]]
    assert set(known.having(pa.chunked_array([asked[:2], asked[2:]], pa.string())).to_pylist()) == {asked[0], asked[3]}
    assert len(known.having(pa.chunked_array([], pa.string()))) == 0


def test_forms_come_as_they_were_written_each_in_its_place(tmp_path: Path) -> None:
    known = stored(tmp_path, [NAMES, NAMES])
    every = known.founders(
        pa.chunked_array([[form[:24] for form in read_evidence(tmp_path / "0.arrow")["form_id"].to_pylist()]])
    )
    assert every.schema == FORM_SCHEMA
    assert names_of(every) == sorted(NAMES * 2)
    assert set(every["file"].to_pylist()) == {0, 1}
    again = known.forms(every["node"].to_numpy()[[9, 0, 4]])
    assert again.to_pylist() == every.take(pa.array([0, 4, 9])).to_pylist()


def test_a_store_without_loads_has_nothing() -> None:
    known = StoredEvidence([])
    sought = {"number_key": np.array([1], np.uint32), "card_key": np.array([], np.uint32)}
    assert {key: (len(nodes), len(keys)) for key, (nodes, keys) in known.sharing(sought).items()} == {
        "number_key": (0, 0),
        "card_key": (0, 0),
    }
    assert len(known.having(pa.chunked_array([["f" * 32]], pa.string()))) == 0
    assert known.forms(np.array([], np.int64)).schema == FORM_SCHEMA
    assert candidates_of([person()]).execute("SELECT count(*) FROM compared").fetchone() == (1,)


@pytest.mark.parametrize("content", [b"", b"ARROW1", b"\0" * 100])
def test_what_is_no_evidence_is_told(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "0.arrow"
    file.write_bytes(content)
    with pytest.raises(pa.ArrowInvalid):
        read_evidence(file)


def test_a_damaged_file_is_told_or_differs(tmp_path: Path) -> None:
    fresh, archived = tmp_path / "fresh.arrow", tmp_path / "archived.arrow"
    write_evidence(evidence_of([person(), person(pid=None)]), fresh)
    sound = fresh.read_bytes()
    told = 0
    with duckdb.connect() as local:
        for place in range(0, len(sound), 29):
            for damaged in (sound[:place], sound[:place] + bytes([sound[place] ^ 1]) + sound[place + 1 :]):
                archived.write_bytes(damaged)
                try:
                    differ = differing_evidence(local, fresh=fresh, archived=archived)
                except (pa.ArrowException, duckdb.Error):
                    told += 1
                else:
                    assert differ or read_evidence(archived).equals(read_evidence(fresh))
    assert told >= len(sound) // 29


def test_no_key_is_zero(tmp_path: Path) -> None:
    file = tmp_path / "0.arrow"
    write_evidence(evidence_of([person(full_name=name) for name in NAMES]), file)
    table = read_evidence(file)
    assert table.schema == EVIDENCE_SCHEMA
    assert not any(0 in column.to_pylist() for column in table.columns[3:17])
