"""The lines of a hand-off file: one JSON object a card, as `docs/reference/card-protocol.md` has it."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pandas.api.extensions import ExtensionDtype

from registry.cards.printed import CODES, PRINTED, full_days, printed
from registry.cards.validity import expires_on
from registry.json_lines import Unless, json_lines
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
    for asked in batches:
        yield asked["dossier_id"], _lines(asked, issue)


def _lines(asked: pa.RecordBatch, issue: Issue) -> bytes:
    cards = asked.to_pandas(types_mapper=_as_strings)
    ends = expires_on(full_days(asked["birth_date"]), pa.array([issue.day] * len(asked), pa.date32()))
    for place in _PLACES:
        cards[place] = _place_texts(asked, place, issue.gazetteer)
    cards = cards.assign(
        layout=issue.layout, issued_on=issue.day, expires_on=ends.to_pandas(date_as_object=True), cancelled_pid=None
    )
    shown = pa.RecordBatch.from_pandas(printed(cards, issue.texts), preserve_index=False)
    return json_lines(
        {
            "dossier": asked["dossier_id"],
            **{name: asked[name] for name in ("attempt", "station", "number", "reason")},
            "layout": issue.layout,
            "pid": asked["pid"],
            "issued_on": issue.day.isoformat(),
            "expires_on": ends,
            "printed": {name: shown[name] for name in PRINTED},
            "mrz": tuple(shown[name] for name in CODES[:3]),
            "qr": shown["qr"],
            **{
                name: Unless(asked[name], {"key": asked[name], "sha256": asked[f"{name}_sha256"]})
                for name in _REFERENCES
            },
        }
    )


def _as_strings(kind: pa.DataType) -> ExtensionDtype | None:
    return pd.StringDtype("pyarrow") if pa.types.is_string(kind) else None


def _place_texts(asked: pa.RecordBatch, place: str, gazetteer: Gazetteer) -> pd.Series:
    """Places as they are written on a card: each one once."""
    days = asked[f"{place}_from"].cast(pa.string())
    facts = pc.binary_join_element_wise(asked[place], days, "|").dictionary_encode()
    units = (fact.split("|") for fact in facts.dictionary.to_pylist())
    texts = [gazetteer.path_of(code, dt.date.fromisoformat(day)) for code, day in units]
    return pd.Series(pa.array(texts, pa.string()).take(facts.indices), dtype=pd.StringDtype("pyarrow"))
