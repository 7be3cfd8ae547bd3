"""The rules: read from `suites/*.json`, the only place where a rule stands."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from registry.errors import PlatformError

#: The suites, in the order in which a night meets them.
SUITES = ("row", "household", "movement", "dossier", "load", "linkage", "store")

_FOLDER = Path(__file__).with_name("suites")


@dataclass(frozen=True)
class Rule:
    """One rule of a suite.

    Attributes:
        id: stable name, e.g. `ROW-PID-FORMAT`.
        severity: `critical` (row to quarantine, file held, gate closed) or `warning` (marked only).
        columns: columns of the contract that it reads: the cells to mark for the sender.
        message_vi, message_en: what the sender mends; for the store suite, what the operator looks at.
        type: the expectation, as Great Expectations names it.
        kwargs: what the expectation is told: its column and bounds, or its condition.
    """

    id: str
    severity: Literal["critical", "warning"]
    columns: tuple[str, ...]
    message_vi: str
    message_en: str
    type: str
    kwargs: dict[str, Any]

    @property
    def configuration(self) -> dict[str, Any]:
        """The rule as Great Expectations takes it."""
        meta = {name: getattr(self, name) for name in ("id", "severity", "message_vi", "message_en")}
        return {
            "type": self.type,
            "kwargs": self.kwargs,
            "severity": self.severity,
            "meta": {**meta, "columns": list(self.columns)},
        }

    @property
    def condition(self) -> str | None:
        """The rule's condition in SQL, if it has one; see `expectations.rows`."""
        return self.kwargs.get("condition")

    @property
    def column(self) -> str | None:
        """The one column that a built-in expectation reads, if it is one."""
        return self.kwargs.get("column")


@cache
def load_rules(suite: str) -> tuple[Rule, ...]:
    """The rules of one suite, in the order of its file.

    Raises:
        PlatformError: two rules carry one id, or a rule lacks a part of its meta.
    """
    content = json.loads((_FOLDER / f"{suite}.json").read_text(encoding="utf-8"))
    rules = tuple(_rule(suite, expectation) for expectation in content["expectations"])
    if len({rule.id for rule in rules}) != len(rules):
        raise PlatformError(f"expectations/suites/{suite}.json: two rules have one id; the operator mends it")
    return rules


@cache
def rules_by_id() -> dict[str, Rule]:
    """Every rule of every suite by its id."""
    return {rule.id: rule for suite in SUITES for rule in load_rules(suite)}


def _rule(suite: str, expectation: dict[str, Any]) -> Rule:
    meta = expectation["meta"]
    try:
        return Rule(
            id=meta["id"],
            severity=meta["severity"],
            columns=tuple(meta["columns"]),
            message_vi=meta["message_vi"],
            message_en=meta["message_en"],
            type=expectation["type"],
            kwargs=expectation["kwargs"],
        )
    except KeyError as error:
        raise PlatformError(
            f"expectations/suites/{suite}.json: rule {meta.get('id')} lacks {error}; the operator mends it"
        ) from None
