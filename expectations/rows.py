"""The one expectation of our own: every row satisfies a condition written in SQL.

A condition reads like a CHECK of a table: a row fails where it is false; where it is unknown (NULL) there is
nothing to judge and the row passes. The conditions of a suite stand in its JSON alone. `expectations.run` lets
DuckDB evaluate all of them in one scan of the forms; the batch that Great Expectations gets has a column of
verdicts for each condition, named by the condition itself. So no cell ever enters a result, and a condition
without a verdict is a rule that could not run.

Great Expectations finds an expectation by its class: this module must be imported before a suite is built.
"""

# ruff: noqa: N805 - Great Expectations calls a metric's function with its class
from typing import Any, ClassVar

import numpy as np

from expectations.gx import (
    BatchExpectation,
    LegacyRendererType,
    MetricDomainTypes,
    PandasExecutionEngine,
    RenderedStringTemplateContent,
    TableMetricProvider,
    metric_value,
    render_suite_parameter_string,
    renderer,
)


class RowsNotSatisfying(TableMetricProvider):  # type: ignore[misc]
    """Positions, ascending, of the rows for which the condition is false."""

    metric_name = "rows.not_satisfying"
    value_keys = ("condition",)

    @metric_value(engine=PandasExecutionEngine)  # type: ignore[untyped-decorator]
    def _pandas(
        cls,
        execution_engine: Any,
        metric_domain_kwargs: dict[str, Any],
        metric_value_kwargs: dict[str, Any],
        **_: Any,
    ) -> "np.ndarray[Any, np.dtype[np.int32]]":
        batch, _domain, _accessors = execution_engine.get_compute_domain(
            metric_domain_kwargs, domain_type=MetricDomainTypes.TABLE
        )
        satisfied = batch[metric_value_kwargs["condition"]].to_numpy(dtype=bool)
        return np.flatnonzero(~satisfied).astype(np.int32)


class ExpectRowsToSatisfy(BatchExpectation):  # type: ignore[misc]
    """Expect every row to satisfy a condition in SQL; unknown (NULL) satisfies it."""

    condition: str

    success_keys: ClassVar[tuple[str, ...]] = ("condition",)
    metric_dependencies: ClassVar[tuple[str, ...]] = ("table.row_count", "rows.not_satisfying")

    def _validate(self, metrics: dict[str, Any], **_: Any) -> dict[str, Any]:
        failing = metrics["rows.not_satisfying"]
        return {
            "success": len(failing) == 0,
            "result": {
                "element_count": metrics["table.row_count"],
                "unexpected_count": len(failing),
                "unexpected_index_list": failing,
            },
        }

    @classmethod
    @renderer(renderer_type=LegacyRendererType.PRESCRIPTIVE)  # type: ignore[untyped-decorator]
    @render_suite_parameter_string  # type: ignore[untyped-decorator]
    def _prescriptive_renderer(
        cls, configuration: Any = None, runtime_configuration: dict[str, Any] | None = None, **_: Any
    ) -> list[RenderedStringTemplateContent]:
        params = {"condition": configuration.kwargs["condition"], **configuration.meta}
        return [
            RenderedStringTemplateContent(
                content_block_type="string_template",
                string_template={
                    "template": "$id ($severity): $message_en Every row must satisfy: $condition",
                    "params": {key: str(value) for key, value in params.items()},
                    "styling": (runtime_configuration or {}).get("styling"),
                },
            )
        ]
