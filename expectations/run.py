"""One run of one suite: what failed, and in which rows. No value of a cell comes out."""

import threading
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

import expectations.rows  # noqa: F401 - its class must be known before a suite is built
from expectations.gx import (
    DataContextConfig,
    EphemeralDataContext,
    ExpectationSuite,
    InMemoryStoreBackendDefaults,
    PandasExecutionEngine,
    ProgressBarsConfig,
    ValidationError,
    Validator,
)
from expectations.rules import Rule
from registry.errors import PlatformError

#: Great Expectations keeps its state in module globals: one suite runs at a time in a process.
ONE_AT_A_TIME = threading.Lock()

#: Row positions of every failing row, and nothing that is written as a query.
_RESULT_FORMAT = {"result_format": "COMPLETE", "return_unexpected_index_query": False}


@dataclass(frozen=True)
class RuleRun:
    """How one rule went: rows looked at, and positions (ascending, int32) of the rows that fail it."""

    rule: Rule
    evaluated: int
    failing: "np.ndarray[Any, np.dtype[np.int32]]"


def verdicts(
    connection: duckdb.DuckDBPyConnection, view: str, *, rules: Sequence[Rule], keep: Sequence[str]
) -> pa.Table:
    """What the rules need to know of a view, in one scan of it on all cores: a bit a row and condition.

    Returns:
        A table of the columns `keep`, the columns that built-in expectations of the rules read, and a column of
        verdicts (bool, never null) for each condition, named by the condition. The order of rows is free.

    Raises:
        PlatformError: a condition could not be evaluated; the ids of such rules are named.
    """
    conditions = dict.fromkeys(rule.condition for rule in rules if rule.condition is not None)
    columns = dict.fromkeys([*keep, *(rule.column for rule in rules if rule.column is not None)])
    wanted = [_quoted(column) for column in columns]
    wanted += [f"coalesce(({condition}), TRUE) AS {_quoted(condition)}" for condition in conditions]
    try:
        return connection.execute(f"SELECT {', '.join(wanted)} FROM {view}").to_arrow_table()
    except duckdb.Error as error:
        raise _unable(connection, view, rules, error) from None


def run_suite(name: str, rules: Sequence[Rule], batch: pa.Table) -> list[RuleRun]:
    """Runs a suite once over a batch and gives each rule's failing rows, in the order of `rules`.

    Args:
        name: the suite's name.
        rules: its rules, from `expectations.rules.load_rules`.
        batch: a table that `verdicts` made for these rules, or a slice of it; positions count its rows from 0.

    Raises:
        PlatformError: a rule could not be built or could not run. That is never a pass.
    """
    with ONE_AT_A_TIME, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        suite = as_suite(name, rules)
        results = _results(suite, batch.to_pandas(types_mapper=pd.ArrowDtype))
    by_id = {result.expectation_config.meta["id"]: result for result in results}
    _refuse_broken(name, rules, by_id)
    return [_rule_run(rule, by_id[rule.id]) for rule in rules]


def run_suite_on_table(name: str, rules: Sequence[Rule], table: pa.Table) -> list[RuleRun]:
    """Runs a suite over a small table that holds the columns its rules read; see `run_suite`."""
    with duckdb.connect(config={"threads": 1}) as connection:  # one thread keeps the order of the rows
        connection.register("given", table)
        return run_suite(name, rules, verdicts(connection, "given", rules=rules, keep=()))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _unable(connection: duckdb.DuckDBPyConnection, view: str, rules: Sequence[Rule], error: Exception) -> PlatformError:
    """Finds out which conditions fail on their own. The error's own text may quote a cell: only its kind is told."""
    broken = [rule.id for rule in rules if rule.condition and not _runs(connection, view, rule.condition)]
    return PlatformError(
        f"rules {', '.join(broken) or 'of this load'} could not run ({type(error).__name__}), so nothing of it is "
        "passed; the operator mends the suite or the frame it reads"
    )


def _runs(connection: duckdb.DuckDBPyConnection, view: str, condition: str) -> bool:
    try:
        connection.execute(f"SELECT count(*) FILTER (NOT ({condition})) FROM {view}").fetchall()
    except duckdb.Error:
        return False
    return True


def as_suite(name: str, rules: Sequence[Rule]) -> ExpectationSuite:
    """The rules as a suite of Great Expectations, which leaves out a rule that it does not know without a word.

    Raises:
        PlatformError: a rule could not be built.
    """
    try:
        suite = ExpectationSuite(name=name, expectations=[rule.configuration for rule in rules])
    except ValidationError:
        raise PlatformError(
            f"suite {name}: an expectation does not understand its kwargs; the operator mends the suite"
        ) from None
    kept = {expectation.meta["id"] for expectation in suite.expectations}
    lost = [rule.id for rule in rules if rule.id not in kept]
    if lost:
        raise PlatformError(f"suite {name}: rules {', '.join(lost)} are not known; the operator mends the suite")
    return suite


def _results(suite: ExpectationSuite, frame: pd.DataFrame) -> list[Any]:
    # The validator is built on the engine itself: a batch made through a data source would be hashed whole.
    engine = PandasExecutionEngine()
    engine.load_batch_data("batch", frame)
    validator = Validator(execution_engine=engine, data_context=_context())
    found: list[Any] = validator.graph_validate(
        configurations=suite.expectation_configurations, runtime_configuration={"result_format": _RESULT_FORMAT}
    )
    return found


def bare_context(**config: Any) -> EphemeralDataContext:
    """A context of Great Expectations without files, progress bars, or a site beyond those that `config` names."""
    return EphemeralDataContext(
        DataContextConfig(
            store_backend_defaults=InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
            progress_bars=ProgressBarsConfig(globally=False),
            analytics_enabled=False,
            **config,
        )
    )


_context = cache(bare_context)


def _refuse_broken(name: str, rules: Sequence[Rule], by_id: dict[str, Any]) -> None:
    # The exception's own text may quote a cell: it is not told.
    broken = [rule.id for rule in rules if rule.id not in by_id or _raised(by_id[rule.id].exception_info)]
    if broken:
        raise PlatformError(
            f"suite {name}: rules {', '.join(broken)} could not run, so nothing of this load is passed; "
            "the operator mends the suite or the frame it reads"
        )


def _raised(info: dict[str, Any]) -> bool:
    """Whether an expectation threw: its own exception, or one for each metric that it asked for."""
    if "raised_exception" in info:
        return bool(info["raised_exception"])
    return any(part.get("raised_exception") for part in info.values())


def _rule_run(rule: Rule, result: Any) -> RuleRun:
    found = result.result
    failing = np.asarray(found.get("unexpected_index_list", ()), dtype=np.int32)
    if len(failing) != found["unexpected_count"]:
        raise PlatformError(f"rule {rule.id}: failing rows and their count differ; the operator looks at the rule")
    return RuleRun(rule, int(found["element_count"]), failing)
