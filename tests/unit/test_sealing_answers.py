"""Answers of a centre: proved, then read as a set; whatever is not as agreed refuses the file, with its reason."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.sealing.answers import LINES, Answer, read_answer
from registry.sealing.reasons import Reason, Refused
from registry.sealing.signatures import sign
from tests.unit.sealing_parts import (
    CENTRE,
    DAY,
    DOSSIERS,
    Parties,
    answer_bytes,
    header_of,
    write_answer,
)
from tests.unit.test_sealing_batches import damaged, damaging

#: Kind → the fields of a line beside the dossier's.
OTHERS: dict[str, dict[str, Any]] = {
    "content": {"result": "accepted", "reason": None},
    "production": {"card_number": "C-1", "chip_serial": "0A1B", "qc": "passed", "made_at": "2021-07-02T08:00:00+07:00"},
    "shipment": {
        "card_number": "C-1", "shipment": "S-1/26734", "office": "26734", "shipped_at": "2021-07-03T08:00:00.25Z",
    },
}  # fmt: skip


def lines_of(kind: str) -> list[dict[str, Any]]:
    if kind == "syntax":
        return [{"line": 1, "error": "no_photo"}, {"line": 3, "error": "bad_mrz"}]
    if kind == "receipt":
        return []
    return [{"dossier": dossier, "attempt": 1, **OTHERS[kind]} for dossier in DOSSIERS]


@pytest.fixture(scope="module")
def parties(tmp_path_factory: pytest.TempPathFactory) -> Parties:
    return Parties.at(tmp_path_factory.mktemp("parties"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "answer.jsonl"


def read(parties: Parties, path: Path, signature: bytes | None) -> Answer:
    return read_answer(path, signature, parties.known, centre=CENTRE, day=DAY)


def refusal(parties: Parties, path: Path, content: bytes) -> Refused:
    """Why content that the centre did sign is refused."""
    signature = write_answer(path, content, parties.signer)
    with pytest.raises(Refused) as refused:
        read(parties, path, signature)
    return refused.value


@pytest.mark.parametrize("kind", LINES)
def test_an_answer_is_read_as_it_was_written(parties: Parties, path: Path, kind: str) -> None:
    lines = lines_of(kind)
    header = header_of(kind, lines, parties.signer)
    answer = read(parties, path, write_answer(path, answer_bytes(header, lines), parties.signer))
    assert answer.header == header
    assert answer.lines.column_names == list(LINES[kind])
    assert answer.lines.num_rows == len(lines)
    for name in LINES[kind]:
        if not name.endswith("_at"):
            assert answer.lines[name].to_pylist() == [line[name] for line in lines]


def test_times_are_told_in_utc_and_other_fields_passed_over(parties: Parties, path: Path) -> None:
    lines = [{**line, "machine": [1, {"of": "theirs"}]} for line in lines_of("production")]
    content = answer_bytes(header_of("production", lines, parties.signer), lines)
    answer = read(parties, path, write_answer(path, content, parties.signer))
    assert {moment.isoformat() for moment in answer.lines["made_at"].to_pylist()} == {"2021-07-02T01:00:00+00:00"}
    assert "machine" not in answer.lines.column_names


def test_a_damaged_batch_has_a_receipt_with_the_reason(parties: Parties, path: Path) -> None:
    header = header_of("receipt", [], parties.signer, result="damaged", reason="sealed_differs")
    answer = read(parties, path, write_answer(path, answer_bytes(header, []), parties.signer))
    assert (answer.header.result, answer.header.reason) == ("damaged", "sealed_differs")


@pytest.mark.parametrize(
    ("kind", "changes", "reason"),
    [
        ("content", {"schema": "dancu.answer/9"}, "unknown_schema"), ("content", {"kind": "opinion"}, "bad_field"),
        ("content", {"centre": "southern"}, "wrong_centre"), ("content", {"sequence": 0}, "bad_field"),
        ("content", {"sequence": "1"}, "bad_field"), ("content", {"batch": None}, "bad_header"),
        ("content", {"manifest_sha256": None}, "bad_header"), ("shipment", {"batch": 1}, "bad_header"),
        ("content", {"count": 2}, "bad_count"), ("content", {"count": 4}, "bad_count"),
        ("content", {"hash_total": "1"}, "bad_hash_total"), ("syntax", {"hash_total": "1"}, "bad_hash_total"),
        ("content", {"made_at": "2021-07-01"}, "bad_field"), ("content", {"signed_by": "0" * 16}, "bad_header"),
        ("receipt", {"result": "fine"}, "bad_field"), ("receipt", {"result": "damaged"}, "bad_header"),
        ("receipt", {"reason": "late"}, "bad_header"), ("receipt", {"count": 1}, "bad_header"),
    ],
)  # fmt: skip
def test_a_header_that_is_not_as_agreed_is_refused(
    parties: Parties, path: Path, kind: str, changes: dict[str, Any], reason: str
) -> None:
    lines = lines_of(kind)
    first, _, body = answer_bytes(header_of(kind, lines, parties.signer), lines).partition(b"\n")
    content = json.dumps({**json.loads(first), **changes}).encode() + b"\n" + body
    assert refusal(parties, path, content).reason == reason


@pytest.mark.parametrize("kind", LINES)
def test_a_header_that_lacks_a_field_is_refused(parties: Parties, path: Path, kind: str) -> None:
    stated = json.loads(header_of(kind, [], parties.signer).to_bytes())
    for name in stated:
        content = json.dumps({field: value for field, value in stated.items() if field != name}).encode() + b"\n"
        expected = Reason.UNKNOWN_SCHEMA if name == "schema" else Reason.MISSING_FIELD
        assert refusal(parties, path, content).reason is expected


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"", "bad_header"), (b"{}", "bad_header"), (b"\n", "not_json"), (b"[]\n", "not_json"), (b"\xff\n", "not_utf8"),
     (b" " * 70_000, "too_large")],
)  # fmt: skip
def test_what_is_no_answer_is_refused(parties: Parties, path: Path, content: bytes, reason: str) -> None:
    assert refusal(parties, path, content).reason == reason


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        ("content", {"attempt": "1"}), ("content", {"attempt": 0}), ("content", {"attempt": 1.5}),
        ("content", {"attempt": 70_000}), ("content", {"attempt": None}), ("content", {"result": "perhaps"}),
        ("content", {"result": "rejected"}), ("content", {"reason": "blurred"}), ("content", {"reason": 7}),
        ("content", {"result": "rejected", "reason": "No reason"}), ("production", {"qc": "no"}),
        ("production", {"card_number": ""}), ("production", {"card_number": "a\0"}), ("production", {"qc": None}),
        ("production", {"made_at": "2021-02-30T08:00:00Z"}), ("production", {"made_at": "2021-07-02"}),
        ("production", {"made_at": "now"}), ("shipment", {"office": "../26734"}), ("shipment", {"shipment": ["S"]}),
        ("syntax", {"line": 0}), ("syntax", {"line": 2**40}), ("syntax", {"error": "Không"}),
    ],
)  # fmt: skip
def test_a_line_that_is_not_as_agreed_refuses_the_file_and_is_named(
    parties: Parties, path: Path, kind: str, changes: dict[str, Any]
) -> None:
    lines = lines_of(kind)
    header = header_of(kind, lines, parties.signer)
    lines[1] |= changes
    refused = refusal(parties, path, answer_bytes(header, lines))
    assert refused.reason is Reason.BAD_LINE
    assert "line 2 after" in str(refused)
    assert not any(dossier in str(refused) for dossier in DOSSIERS)


@pytest.mark.parametrize(
    "line",
    [b"", b"{}", b"[]", b"{", b'{"dossier": "\xff"}', b'{"dossier": "a"} {"dossier": "b"}', b" {}", b'{"x": NaN}'],
)
def test_a_line_that_is_no_object_of_its_kind_refuses_the_file(parties: Parties, path: Path, line: bytes) -> None:
    lines = lines_of("content")
    content = answer_bytes(header_of("content", lines, parties.signer), lines).splitlines(keepends=True)
    content[2] = line + b"\n"
    assert refusal(parties, path, b"".join(content)).reason is Reason.BAD_LINE


def test_a_last_line_that_is_cut_off_refuses_the_file(parties: Parties, path: Path) -> None:
    lines = lines_of("content")
    content = answer_bytes(header_of("content", lines, parties.signer), lines)
    assert refusal(parties, path, content[:-1]).reason is Reason.BAD_COUNT


def test_a_dossier_is_answered_once_in_a_file_but_may_have_two_cards(parties: Parties, path: Path) -> None:
    twice = [*lines_of("content"), lines_of("content")[0]]
    content = answer_bytes(header_of("content", twice, parties.signer), twice)
    assert refusal(parties, path, content).reason is Reason.DOUBLE_LINE
    made_again = [*lines_of("production"), {**lines_of("production")[0], "card_number": "C-2"}]
    content = answer_bytes(header_of("production", made_again, parties.signer), made_again)
    assert read(parties, path, write_answer(path, content, parties.signer)).lines.num_rows == len(made_again)


def test_an_unsigned_or_forged_answer_is_refused_before_it_is_read(
    parties: Parties, path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    stranger = Parties.at(tmp_path_factory.mktemp("stranger")).signer
    path.write_bytes(b"no answer at all\n")
    for signature, reason in ((None, "unsigned"), (sign(path.read_bytes(), stranger), "unknown_key")):
        with pytest.raises(Refused) as refused:
            read(parties, path, signature)
        assert refused.value.reason == reason


WHOLE = "content"


@damaging
@given(st.data())
def test_a_damaged_answer_is_refused(parties: Parties, tmp_path: Path, data: st.DataObject) -> None:
    lines = lines_of(WHOLE)
    content = answer_bytes(header_of(WHOLE, lines, parties.signer), lines)
    signature = write_answer(tmp_path / "answer", content, parties.signer)
    (tmp_path / "answer").write_bytes(damaged(content, data))
    with pytest.raises(Refused) as refused:
        read(parties, tmp_path / "answer", signature)
    assert refused.value.reason is Reason.BAD_SIGNATURE


@damaging
@given(st.data())
def test_one_that_was_damaged_before_it_was_signed_is_refused_or_an_answer(
    parties: Parties, tmp_path: Path, data: st.DataObject
) -> None:
    lines = lines_of(WHOLE)
    content = damaged(answer_bytes(header_of(WHOLE, lines, parties.signer), lines), data)
    signature = write_answer(tmp_path / "answer", content, parties.signer)
    try:
        answer = read(parties, tmp_path / "answer", signature)
    except Refused:
        return
    assert answer.lines.num_rows == answer.header.count
    assert answer.header.made_at.tzinfo is not None
