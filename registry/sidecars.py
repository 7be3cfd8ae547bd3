"""What a sender states of a file in the sidecar beside it; nothing of it is trusted before its kind is checked."""

import datetime as dt
import json
import re
from collections.abc import Callable
from typing import Any

from registry.errors import SenderError

_SHA256 = re.compile(r"[0-9a-fA-F]{64}")
_ENCODING = re.compile(r"[0-9A-Za-z._: -]{1,40}")


class UnreadableSidecar(SenderError):
    """A sidecar that is no JSON object of the agreed fields."""


def parse_sidecar(content: bytes) -> dict[str, Any]:
    """Reads a sidecar.

    Args:
        content: its bytes.

    Returns:
        Those of `rows` (int), `sha256` (64 hex digits), `encoding` (text), `sequence` (int) and `sent_at` (ISO 8601)
        that it states. Other fields are passed over, and so are those that are null.

    Raises:
        UnreadableSidecar: it is no JSON object, or a field is not of its kind.
    """
    try:
        stated = json.loads(content)
    except (ValueError, RecursionError):
        raise UnreadableSidecar("the sidecar is no JSON object of the agreed fields") from None
    if not isinstance(stated, dict):
        raise UnreadableSidecar("the sidecar is no JSON object of the agreed fields")
    fields = {name: stated[name] for name in _KINDS if stated.get(name) is not None}
    wrong = [name for name, value in fields.items() if not _KINDS[name](value)]
    if wrong:
        raise UnreadableSidecar(f"the sidecar's {', '.join(wrong)} is not what was agreed")
    return fields


def sent_on(sidecar: dict[str, Any]) -> dt.date | None:
    """The day that a sidecar read by `parse_sidecar` says its file was sent."""
    sent_at = sidecar.get("sent_at")
    return dt.datetime.fromisoformat(sent_at).date() if sent_at is not None else None


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_text(pattern: re.Pattern[str]) -> Callable[[object], bool]:
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


def _is_moment(value: object) -> bool:
    try:
        return isinstance(value, str) and bool(dt.datetime.fromisoformat(value))
    except ValueError:
        return False


_KINDS: dict[str, Callable[[object], bool]] = {
    "rows": _is_count,
    "sha256": _is_text(_SHA256),
    "encoding": _is_text(_ENCODING),
    "sequence": _is_count,
    "sent_at": _is_moment,
}
