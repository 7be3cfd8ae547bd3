"""What can go wrong, told apart by who can mend it. No text here ever holds a person's data."""

from collections.abc import Mapping
from typing import Any


class DancuError(Exception):
    """Root of dancu's own errors."""

    exit_code = 3


class UsageError(DancuError):
    """The caller asked for something that cannot be: exit code 2."""

    exit_code = 2


class SenderError(DancuError):
    """A file is not what was agreed: the sender can mend it. The night goes on without it."""

    exit_code = 2


class PlatformError(DancuError):
    """Something of ours does not work: the operator must act: exit code 3."""


class InvariantBreach(DancuError):
    """An invariant or a publish gate does not hold: exit code 1."""

    exit_code = 1


class LoadsHeld(InvariantBreach):
    """The publish gate held loads, and all else was done: `summary` says what."""

    def __init__(self, sentence: str, summary: Mapping[str, Any]) -> None:
        """Takes the sentence, and the object that the command's `--json` shows beside it."""
        super().__init__(sentence)
        self.summary = summary
