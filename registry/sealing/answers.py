"""Answers of a production centre, `dancu.answer/1`: a header line, then one JSON object a line.

An answer is proved before it is read: its signature over the file's bytes, then its header, then its lines as a whole.
One line that is not as agreed refuses the file.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import json as arrow_json

from registry.sealing.fields import (
    Check,
    is_centre,
    is_count,
    is_hash_total,
    is_key_id,
    is_moment,
    is_or_null,
    is_sequence,
    is_sha256,
    is_text,
    read_object,
)
from registry.sealing.hash_totals import DOSSIER, hash_total
from registry.sealing.keys import Keys
from registry.sealing.reasons import Reason, Refused
from registry.sealing.signatures import Content, open_bytes, verify

SCHEMA = "dancu.answer/1"

#: The kinds of answers.
RECEIPT, SYNTAX, CONTENT, PRODUCTION, SHIPMENT = KINDS = ("receipt", "syntax", "content", "production", "shipment")

#: What a receipt says.
OK, DAMAGED = "ok", "damaged"

_LARGEST_HEADER = 64 * 1024
_BLOCK = 8 * 1024 * 1024
_NEWLINE = ord("\n")
_TIME = pa.timestamp("us", tz="UTC")
_LEAST, _MOST_ATTEMPTS = 1, 2**15 - 1


@dataclass(frozen=True)
class Column:
    """A field of a kind of lines: its type, and what a text must look like.

    Attributes:
        type: of Arrow; times are written as text with their zone.
        pattern: that a text matches as a whole.
        needed: that it must be there.
    """

    type: pa.DataType
    pattern: str | None = None
    needed: bool = True


_ID = Column(pa.string(), DOSSIER)
_ATTEMPT = Column(pa.int16())
_CODE = r"[a-z][a-z0-9_]{0,39}"
_NUMBER = Column(pa.string(), r"[0-9A-Za-z][0-9A-Za-z/-]{0,39}")
_MOMENT = Column(_TIME, r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)")

#: Kind → the fields of its lines. A receipt has none.
LINES: Mapping[str, Mapping[str, Column]] = {
    RECEIPT: {},
    SYNTAX: {"line": Column(pa.int32()), "error": Column(pa.string(), _CODE)},
    CONTENT: {
        "dossier": _ID,
        "attempt": _ATTEMPT,
        "result": Column(pa.string(), "accepted|rejected"),
        "reason": Column(pa.string(), _CODE, needed=False),
    },
    PRODUCTION: {
        "dossier": _ID,
        "attempt": _ATTEMPT,
        "card_number": _NUMBER,
        "chip_serial": _NUMBER,
        "qc": Column(pa.string(), "passed|failed"),
        "made_at": _MOMENT,
    },
    SHIPMENT: {
        "dossier": _ID,
        "attempt": _ATTEMPT,
        "card_number": _NUMBER,
        "shipment": _NUMBER,
        "office": Column(pa.string(), r"[0-9a-z][0-9a-z-]{0,39}"),
        "shipped_at": _MOMENT,
    },
}

#: No two lines of an answer agree in all of these that its kind has.
_IDENTITY = ("line", "dossier", "attempt", "card_number")


@dataclass(frozen=True)
class Header:
    """What an answer says of itself.

    Attributes:
        centre: who answers.
        kind: of `KINDS`.
        sequence: the centre's own, 1, 2, 3 … over all its answers, without a gap.
        batch: sequence of the batch that is answered; None in shipments.
        manifest_sha256: of the batch's manifest as it was read; None in shipments.
        count: lines after the header.
        hash_total: of their dossiers; "0" where they name none.
        made_at: when, with its zone.
        signed_by: id of the key that the file is signed with.
        result: `ok` or `damaged`, of receipts alone.
        reason: why it is damaged.
    """

    centre: str
    kind: str
    sequence: int
    batch: int | None
    manifest_sha256: str | None
    count: int
    hash_total: str
    made_at: dt.datetime
    signed_by: str
    result: str | None = None
    reason: str | None = None

    def to_bytes(self) -> bytes:
        """The header as the first line of the file."""
        stated = {"schema": SCHEMA, **vars(self), "made_at": self.made_at.isoformat()}
        if self.kind != RECEIPT:
            del stated["result"], stated["reason"]
        return json.dumps(stated).encode() + b"\n"


@dataclass(frozen=True)
class Answer:
    """An answer that was proved: its header, and its lines (columns of `LINES`, times in UTC)."""

    header: Header
    lines: pa.Table
    sha256: str


def read_answer(path: Path, signature: bytes | None, keys: Keys, *, centre: str, day: dt.date) -> Answer:
    """Proves an answer and reads it; memory grows with the file.

    Args:
        path: the file.
        signature: its signature file's bytes; None where there is none.
        keys: that are known.
        centre: whose folder the file lay in.
        day: on which it was received.

    Raises:
        Refused: with the reason; nothing of the file is used. No text holds a value of a dossier.
    """
    content = open_bytes(path)
    key = verify(content, signature, keys, owner=centre, day=day)
    first, body = _split(content)
    header = _read_header(first, centre=centre, key_id=key.key_id)
    lines = _read_lines(body, header)
    return Answer(header, lines, hashlib.sha256(content).hexdigest())


def _split(content: Content) -> tuple[bytes, Content]:
    """The header line and what follows it."""
    start = bytes(content[: _LARGEST_HEADER + 1])
    end = start.find(b"\n")
    if end < 0:
        reason = Reason.TOO_LARGE if len(start) > _LARGEST_HEADER else Reason.BAD_HEADER
        raise Refused(reason, "the answer has no header line: the centre sends it whole")
    return start[:end], content[end + 1 :]


def _read_header(first: bytes, *, centre: str, key_id: str) -> Header:
    stated = _read_fields(first, _FIELDS)
    if stated["kind"] == RECEIPT:
        stated |= _read_fields(first, _RECEIPT_FIELDS)
    if stated["centre"] != centre:
        raise Refused(Reason.WRONG_CENTRE, f"the answer is another centre's than {centre}'s, whose folder it lies in")
    header = Header(**{**stated, "made_at": dt.datetime.fromisoformat(stated["made_at"])})
    contradiction = _contradiction(header, key_id)
    if contradiction:
        raise Refused(Reason.BAD_HEADER, f"the answer's header contradicts itself: {contradiction}; {centre} mends it")
    return header


def _read_fields(first: bytes, fields: Mapping[str, Check]) -> dict[str, Any]:
    return read_object(first, what="the answer's header", schema=SCHEMA, fields=fields, at_most=_LARGEST_HEADER)


def _contradiction(header: Header, key_id: str) -> str | None:
    """What in a header cannot be together."""
    if header.signed_by != key_id:
        return "it names another key than the signature does"
    of_none = header.kind == SHIPMENT
    if (header.batch is None) != of_none or (header.manifest_sha256 is None) != of_none:
        return "batch and manifest_sha256 are null in shipments, and there only"
    if header.kind == RECEIPT and (header.result == DAMAGED) != (header.reason is not None):
        return "a receipt gives a reason if the batch is damaged, and only then"
    if header.kind == RECEIPT and header.count:
        return "a receipt has no lines"
    return None


def _read_lines(body: Content, header: Header) -> pa.Table:
    columns = LINES[header.kind]
    letters = np.frombuffer(body, dtype=np.uint8)
    ends = np.flatnonzero(letters == _NEWLINE)
    if len(letters) and letters[-1] != _NEWLINE:
        raise Refused(Reason.BAD_COUNT, "the answer's last line is cut off: the centre sends it whole")
    if len(ends) != header.count:
        raise Refused(
            Reason.BAD_COUNT, f"the answer's header says {header.count} lines, and there are {len(ends)};"
            " the centre sends it whole",
        )  # fmt: skip
    if not header.count:
        table = _schema(columns).empty_table()
    else:
        table = _table(body, columns)
        if table is None:
            raise Refused(
                Reason.BAD_LINE,
                f"line {_first_bad(body, ends, columns) + 1} after the answer's header is not what was agreed;"
                " the centre mends it",
            )
    return _proved(table, header)


def _proved(table: pa.Table, header: Header) -> pa.Table:
    """The lines, if the hash total is theirs and none is there twice."""
    found = hash_total(table["dossier"]) if "dossier" in table.column_names else "0"
    if found != header.hash_total:
        raise Refused(
            Reason.BAD_HASH_TOTAL, f"the answer's header says the hash total {header.hash_total}, and it is {found};"
            " the centre sends it again",
        )  # fmt: skip
    identity = [name for name in _IDENTITY if name in table.column_names]
    if identity and table.group_by(identity).aggregate([]).num_rows != table.num_rows:
        raise Refused(Reason.DOUBLE_LINE, "the answer says the same of a dossier twice; the centre mends it")
    return table


def _schema(columns: Mapping[str, Column]) -> pa.Schema:
    return pa.schema([(name, column.type) for name, column in columns.items()])


def _table(body: Content, columns: Mapping[str, Column]) -> pa.Table | None:
    """The lines as a table; None where one of them is not as agreed."""
    raw = _parse(body, columns)
    if raw is None or not all(_fits(raw[name], column) for name, column in columns.items()):
        return None
    if (
        "result" in columns
        and not pc.all(pc.equal(pc.equal(raw["result"], "rejected"), pc.is_valid(raw["reason"]))).as_py()
    ):
        return None
    try:
        return raw.cast(_schema(columns))
    except pa.ArrowInvalid:  # a day or an hour that there is not
        return None


def _parse(body: Content, columns: Mapping[str, Column]) -> pa.Table | None:
    """One object a line into columns, times still as text."""
    if not _one_object_a_line(body):
        return None
    schema = pa.schema([(name, _written(column)) for name, column in columns.items()])
    options = arrow_json.ParseOptions(
        explicit_schema=schema, newlines_in_values=False, unexpected_field_behavior="ignore"
    )
    try:
        return arrow_json.read_json(
            pa.BufferReader(body), read_options=arrow_json.ReadOptions(block_size=_BLOCK), parse_options=options
        )
    except (pa.ArrowInvalid, UnicodeDecodeError):
        return None


def _written(column: Column) -> pa.DataType:
    return pa.string() if column.pattern else column.type


def _one_object_a_line(body: Content) -> bool:
    """Whether each line begins and ends as an object does; what is between is the parser's to tell."""
    letters = np.frombuffer(body, dtype=np.uint8)
    ends = np.flatnonzero(letters == _NEWLINE)
    starts = np.concatenate([[0], ends[:-1] + 1])
    return bool(np.all(letters[starts] == ord("{")) and np.all(letters[ends - 1] == ord("}")))


def _fits(values: pa.ChunkedArray, column: Column) -> bool:
    if column.needed and values.null_count:
        return False
    if column.pattern:
        matched: bool | None = pc.all(pc.match_substring_regex(values, rf"\A(?:{column.pattern})\z")).as_py()
        return matched is not False
    least: int | None = pc.min(values).as_py()
    return least is None or least >= _LEAST


def _first_bad(body: Content, ends: npt.NDArray[np.int64], columns: Mapping[str, Column]) -> int:
    """The first line that is not as agreed, counted from 0: halving again and again, for a Python loop is slow."""
    starts = np.concatenate([[0], ends[:-1] + 1])
    low, high = 0, len(ends)
    while high - low > 1:
        middle = (low + high) // 2
        if _table(body[starts[low] : ends[middle - 1] + 1], columns) is None:
            high = middle
        else:
            low = middle
    return low


_FIELDS: Mapping[str, Check] = {
    "centre": is_centre,
    "kind": is_text("|".join(KINDS)),
    "sequence": is_sequence,
    "batch": is_or_null(is_sequence),
    "manifest_sha256": is_or_null(is_sha256),
    "count": is_count,
    "hash_total": is_hash_total,
    "made_at": is_moment,
    "signed_by": is_key_id,
}
_RECEIPT_FIELDS: Mapping[str, Check] = {"result": is_text(f"{OK}|{DAMAGED}"), "reason": is_or_null(is_text(_CODE))}
