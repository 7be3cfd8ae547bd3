"""Sidecars: what a sender states is checked for its kind; nothing that it may write stops a night."""

import datetime as dt
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.sidecars import UnreadableSidecar, parse_sidecar, sent_on

WHOLE = {
    "rows": 3,
    "sha256": "aB" * 32,
    "encoding": "windows-1258",
    "sequence": 17,
    "sent_at": "2021-06-30T17:00:00+07:00",
}


def test_what_is_stated_is_kept_and_the_rest_passed_over() -> None:
    assert parse_sidecar(json.dumps({**WHOLE, "note": "\0", "more": None}).encode()) == WHOLE
    assert parse_sidecar(b'{"rows": null}') == {}
    assert sent_on(WHOLE) == dt.date(2021, 6, 30)
    assert sent_on({}) is None


@pytest.mark.parametrize(
    "content",
    [
        b"", b"[]", b"3", b"\xff\xfe", b"{", b"[" * 60_000, b'{"rows": "3"}', b'{"rows": true}', b'{"rows": -1}',
        b'{"rows": NaN}', b'{"rows": 3.5}', b'{"sha256": "abc"}', b'{"encoding": 5}', b'{"encoding": "utf\\u00008"}',
        b'{"encoding": "\\ud800"}', b'{"sequence": "a"}', b'{"sent_at": "yesterday"}', b'{"sent_at": 20210630}',
        b'{"sent_at": ["2021-06-30"]}', b'{"rows": ' + b"9" * 5_000 + b"}",
    ],
)  # fmt: skip
def test_what_is_not_as_agreed_is_unreadable(content: bytes) -> None:
    with pytest.raises(UnreadableSidecar):
        parse_sidecar(content)


plain = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.datetimes().map(str)
stated = st.fixed_dictionaries({}, optional={name: plain | st.lists(plain, max_size=2) for name in WHOLE})


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=50) | stated.map(lambda fields: json.dumps(fields).encode()))
def test_whatever_it_holds_it_is_read_or_unreadable(content: bytes) -> None:
    try:
        fields = parse_sidecar(content)
    except UnreadableSidecar:
        return
    assert set(fields) <= set(WHOLE)
    assert "\\u" not in json.dumps(fields)
    sent_on(fields)
