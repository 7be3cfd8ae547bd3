"""JSON lines read back are the columns that they were made of."""

import datetime as dt
import json

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from registry.json_lines import Unless, json_lines

TEXTS = st.none() | st.text() | st.sampled_from(['"', "\\", "\n", "\x00", "Nguyễn", ""])
ROWS = st.lists(
    st.tuples(TEXTS, TEXTS, st.none() | st.integers(-(2**15), 2**15 - 1), st.none() | st.dates()), min_size=1
)


@given(rows=ROWS, constant=st.text(), start=st.integers(0, 3))
def test_read_back_they_are_what_they_were_made_of(
    rows: list[tuple[str | None, str | None, int | None, dt.date | None]], constant: str, start: int
) -> None:
    kinds = (pa.string(), pa.large_string(), pa.int16(), pa.date32())
    text, other, number, day = (
        pa.array(values, kind).slice(start) for values, kind in zip(zip(*rows, strict=True), kinds, strict=True)
    )
    rows = rows[start:]
    lines = json_lines(
        {
            "row": pa.array(range(len(rows))),
            "text": text,
            "same": constant,
            "object": {"number": number, "day": day},
            "list": (other, text),
            "perhaps": Unless(text, {"number": number, "same": constant}),
        }
    )
    assert [json.loads(line) for line in lines.decode().split("\n")[:-1]] == [
        {
            "row": place,
            "text": text,
            "same": constant,
            "object": {"number": number, "day": day and day.isoformat()},
            "list": [other, text],
            "perhaps": None if text is None else {"number": number, "same": constant},
        }
        for place, (text, other, number, day) in enumerate(rows)
    ]
    assert lines.count(b"\n") == len(rows)
