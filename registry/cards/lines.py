"""The lines of a hand-off file: one JSON object a card, as `docs/reference/card-protocol.md` has it."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pandas.api.extensions import ExtensionDtype

from registry.cards.printed import CODES, PRINTED, full_days, printed
from registry.cards.validity import expires_on
from registry.places import Gazetteer

#: Cards that are asked for, as the store has them: dossier and person.
ASKED = pa.schema(
    [
        ("dossier_id", pa.string()),
        ("attempt", pa.int16()),
        *(
            pa.field(name, pa.string())
            for name in (
                "station", "number", "reason", "photo", "photo_sha256", "fingerprints", "fingerprints_sha256", "iris",
                "iris_sha256", "pid", "cmnd_no", "full_name", "birth_date", "sex", "nationality",
            )
        ),
        ("origin_place", pa.string()),
        ("origin_place_from", pa.date32()),
        ("birth_registration_place", pa.string()),
        ("birth_registration_place_from", pa.date32()),
        ("permanent_place", pa.string()),
        ("permanent_place_from", pa.date32()),
        ("permanent_address", pa.string()),
        ("temporary_place", pa.string()),
        ("temporary_place_from", pa.date32()),
        ("temporary_address", pa.string()),
        ("father_name", pa.string()),
        ("mother_name", pa.string()),
    ]
)  # fmt: skip

_PLACES = ("origin_place", "birth_registration_place", "permanent_place", "temporary_place")
_REFERENCES = ("photo", "fingerprints", "iris")


@dataclass(frozen=True)
class Issue:
    """What a night's cards have in common.

    Attributes:
        day: on which they are issued.
        layout: on which they are printed.
        texts: layout → its texts (`config.card_fields.printed_texts`).
        gazetteer: of the places on them.
    """

    day: dt.date
    layout: str
    texts: Mapping[str, Sequence[str]]
    gazetteer: Gazetteer


def card_lines(batches: Iterable[pa.RecordBatch], issue: Issue) -> Iterator[tuple[pa.Array, bytes]]:
    """The ids of dossiers and the lines of their cards, some thousands at once; columns of `ASKED`.

    Raises:
        PlatformError: something that the store holds of a person cannot be printed.
    """
    with duckdb.connect() as local:
        for batch in batches:
            yield batch["dossier_id"], _lines(local, pa.Table.from_batches([batch]), issue)


def _lines(local: duckdb.DuckDBPyConnection, asked: pa.Table, issue: Issue) -> bytes:
    cards = asked.to_pandas(types_mapper=_as_strings)
    ends = expires_on(full_days(asked["birth_date"].combine_chunks()), pa.array([issue.day] * len(asked), pa.date32()))
    for place in _PLACES:
        cards[place] = _place_texts(asked, place, issue.gazetteer)
    cards = cards.assign(
        layout=issue.layout, issued_on=issue.day, expires_on=ends.to_pandas(date_as_object=True), cancelled_pid=None
    )
    shown = pa.Table.from_pandas(printed(cards, issue.texts), preserve_index=False)
    relations = {"asked": asked, "shown": shown, "ends": pa.table({"expires_on": ends})}
    for name, rows in relations.items():
        local.register(name, rows)
    lines = local.execute(_QUERY, [issue.layout, issue.day.isoformat()]).to_arrow_table()["line"]
    for name in relations:
        local.unregister(name)
    return b"".join(_text(chunk) for chunk in lines.cast(pa.large_string()).chunks)


def _packed(fields: Iterable[str], source: str) -> str:
    return f"struct_pack({', '.join(f'{name} := {source}.{name}' for name in fields)})"


_REFERENCE = "CASE WHEN {0} IS NOT NULL THEN struct_pack(key := {0}, sha256 := {0}_sha256) END"
_QUERY = f"""
    SELECT to_json(struct_pack(
               dossier := dossier_id, attempt := attempt, station := station, number := asked.number, reason := reason,
               layout := ?, pid := pid, issued_on := ?, expires_on := expires_on,
               printed := {_packed(PRINTED, "shown")}, mrz := [{", ".join(CODES[:3])}], qr := qr,
               {", ".join(f"{name} := {_REFERENCE.format(name)}" for name in _REFERENCES)}
           ))::VARCHAR || chr(10) AS line
      FROM asked POSITIONAL JOIN shown POSITIONAL JOIN ends
"""


def _text(lines: pa.LargeStringArray) -> bytes:
    """The texts one after the other, as they lie in memory."""
    _, offsets, data = lines.buffers()
    ends = memoryview(offsets).cast("q")
    return bytes(memoryview(data)[ends[lines.offset] : ends[lines.offset + len(lines)]])


def _as_strings(kind: pa.DataType) -> ExtensionDtype | None:
    return pd.StringDtype("pyarrow") if pa.types.is_string(kind) else None


def _place_texts(asked: pa.Table, place: str, gazetteer: Gazetteer) -> pd.Series:
    """Places as they are written on a card: each one once."""
    days = asked[f"{place}_from"].cast(pa.string())
    facts = pc.binary_join_element_wise(asked[place], days, "|").combine_chunks().dictionary_encode()
    units = (fact.split("|") for fact in facts.dictionary.to_pylist())
    texts = [gazetteer.path_of(code, dt.date.fromisoformat(day)) for code, day in units]
    return pd.Series(pa.array(texts, pa.string()).take(facts.indices), dtype=pd.StringDtype("pyarrow"))
