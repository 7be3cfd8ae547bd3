"""Strict reading of the small JSON objects of the protocol: nothing of them is used before its type is checked."""

import datetime as dt
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from registry.sealing.reasons import Reason, Refused

#: Whether a value is of a kind.
Check = Callable[[Any], bool]

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)")


def read_object(content: bytes, *, what: str, schema: str, fields: Mapping[str, Check], at_most: int) -> dict[str, Any]:
    """Reads one JSON object of a known schema.

    Args:
        content: its bytes, UTF-8.
        what: how errors name it.
        schema: what its field `schema` must be.
        fields: those that it must have, and what each must be.
        at_most: bytes that it may have.

    Returns:
        The values of `fields`; others are passed over, so that the protocol may grow.

    Raises:
        Refused: with the reason; the text holds no value.
    """
    if len(content) > at_most:
        raise Refused(Reason.TOO_LARGE, f"{what} has more than the {at_most} bytes that it may have")
    stated = _parse(content, what)
    if stated.get("schema") != schema:
        raise Refused(Reason.UNKNOWN_SCHEMA, f"{what} is not of the schema {schema}")
    for name, check in fields.items():
        if name not in stated:
            raise Refused(Reason.MISSING_FIELD, f"{what} lacks the field {name}")
        if not check(stated[name]):
            raise Refused(Reason.BAD_FIELD, f"the field {name} of {what} is not what was agreed")
    return {name: stated[name] for name in fields}


def _parse(content: bytes, what: str) -> dict[str, Any]:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused(Reason.NOT_UTF8, f"{what} is not UTF-8") from None
    try:
        stated = json.loads(text, object_pairs_hook=_without_doubles, parse_constant=_refuse)
    except (ValueError, RecursionError):
        stated = None
    if not isinstance(stated, dict):
        raise Refused(Reason.NOT_JSON, f"{what} is no JSON object, or names a field twice")
    return stated


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a field twice")
    return found


def _refuse(_: str) -> None:
    raise ValueError("no JSON number")


def is_text(pattern: str) -> Check:
    """A text that a regular expression matches as a whole."""
    whole = re.compile(pattern)
    return lambda value: isinstance(value, str) and whole.fullmatch(value) is not None


def is_count(value: Any, *, least: int = 0) -> bool:
    """A whole number from `least` to what PostgreSQL's bigint holds."""
    return isinstance(value, int) and not isinstance(value, bool) and least <= value < 2**63


def is_sequence(value: Any) -> bool:
    """A number of a gapless sequence: 1, 2, 3 …, as far as PostgreSQL's integer goes."""
    return is_count(value, least=1) and value < 2**31


def is_moment(value: Any) -> bool:
    """A time in ISO 8601 with its zone: `2021-07-01T01:00:00+07:00`."""
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        return False
    try:
        return bool(dt.datetime.fromisoformat(value))
    except ValueError:
        return False


def is_day(value: Any) -> bool:
    """A day in ISO 8601: `2021-07-01`."""
    try:
        return isinstance(value, str) and dt.date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def is_or_null(check: Check) -> Check:
    """The same, or null."""
    return lambda value: value is None or check(value)


def is_hash_total(value: Any) -> bool:
    """A hash total: a whole number below 2^64 in decimal digits, as text."""
    return is_text(r"0|[1-9][0-9]{0,19}")(value) and int(value) < 2**64


is_sha256: Check = is_text(r"[0-9a-f]{64}")
is_key_id: Check = is_text(r"[0-9a-f]{16}")
is_centre: Check = is_text(r"[a-z][a-z0-9-]{0,39}")
