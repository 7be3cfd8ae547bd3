"""The one door to Great Expectations: what we use of it, imported without telemetry, messages or warnings.

Its log messages quote cells, so they are silenced; its imports warn of modules that are none of ours.
"""

import logging
import os
import warnings

os.environ["GX_ANALYTICS_ENABLED"] = "false"
logging.getLogger("great_expectations").setLevel(logging.CRITICAL)

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from great_expectations import ExpectationSuite
    from great_expectations.compatibility.pydantic import ValidationError
    from great_expectations.core import (
        ExpectationSuiteValidationResult,
        ExpectationValidationResult,
        RunIdentifier,
    )
    from great_expectations.core.metric_domain_types import MetricDomainTypes
    from great_expectations.data_context import EphemeralDataContext
    from great_expectations.data_context.types.base import (
        DataContextConfig,
        InMemoryStoreBackendDefaults,
        ProgressBarsConfig,
    )
    from great_expectations.data_context.types.resource_identifiers import (
        ExpectationSuiteIdentifier,
        ValidationResultIdentifier,
    )
    from great_expectations.execution_engine import PandasExecutionEngine
    from great_expectations.expectations.expectation import BatchExpectation, render_suite_parameter_string
    from great_expectations.expectations.metrics.metric_provider import metric_value
    from great_expectations.expectations.metrics.table_metric_provider import TableMetricProvider
    from great_expectations.render import LegacyRendererType, RenderedStringTemplateContent
    from great_expectations.render.renderer.renderer import renderer
    from great_expectations.validator.validator import Validator

__all__ = [
    "BatchExpectation",
    "DataContextConfig",
    "EphemeralDataContext",
    "ExpectationSuite",
    "ExpectationSuiteIdentifier",
    "ExpectationSuiteValidationResult",
    "ExpectationValidationResult",
    "InMemoryStoreBackendDefaults",
    "LegacyRendererType",
    "MetricDomainTypes",
    "PandasExecutionEngine",
    "ProgressBarsConfig",
    "RenderedStringTemplateContent",
    "RunIdentifier",
    "TableMetricProvider",
    "ValidationError",
    "ValidationResultIdentifier",
    "Validator",
    "metric_value",
    "render_suite_parameter_string",
    "renderer",
]
