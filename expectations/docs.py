"""Great Expectations Data Docs of the newest loads, made of counts alone: no person's value can be in them."""

import json
import re
import shutil
import warnings
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from expectations.gx import (
    ExpectationSuiteIdentifier,
    ExpectationSuiteValidationResult,
    ExpectationValidationResult,
    RunIdentifier,
    ValidationResultIdentifier,
)
from expectations.rules import load_rules
from expectations.run import ONE_AT_A_TIME, as_suite, bare_context
from registry.errors import PlatformError

#: What would be fetched from strangers' servers, or needs what was: scripts, their styles, logos, advertisements.
_FOREIGN = re.compile(
    r"<script\b.*?</script>|<link\b[^>]*>|<footer>.*?</footer>"
    r"|<a\b[^>]*https?://[^>]*>.*?</a>|<img\b[^>]*>",
    re.DOTALL,
)

#: A suite has no page on the site: its rules stand in `docs/reference/rules.md`.
_SUITE_LINK = re.compile(r'<a\b[^>]*href="[^"]*expectations/[^"]*"[^>]*>(.*?)</a>', re.DOTALL)

#: The little that the pages need instead.
_STYLE = """<style>
body { font-family: sans-serif; margin: 1.5em; } table { border-collapse: collapse; margin: 1em 0; }
td, th { border: 1px solid #ccc; padding: .3em .6em; text-align: left; vertical-align: top; }
.sticky .card { display: none; }
i.fa-check-circle::before { content: "✔"; color: #1a7f37; font-style: normal; }
i.fa-times::before, i.fa-times-circle::before { content: "✘"; color: #c62828; font-style: normal; }
i.fa-exclamation-triangle::before { content: "!"; color: #b26a00; font-style: normal; }
</style></head>"""

#: Reports that the site shows. Thousands of validations take it minutes to build, and browsers hang on its index.
NEWEST = 50


def build_docs(reports: Sequence[Mapping[str, Any] | Path], out: Path, *, newest: int = NEWEST) -> Path:
    """Builds the site of the newest reports, one validation a load and suite, in place of what is in `out`.

    Args:
        reports: contents or paths of the `validation.json` files of loads and stores (see `tasks.validate`).
        out: folder of the site; it is replaced whole.
        newest: reports to show, the latest nights first.

    Returns:
        The site's index page.

    Raises:
        PlatformError: a report speaks of rules that the suites do not have.
    """
    read = [report if isinstance(report, Mapping) else json.loads(report.read_text("utf-8")) for report in reports]
    shown = sorted(read, key=lambda report: (report["business_date"], report["load"]), reverse=True)[:newest]
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    with ONE_AT_A_TIME, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _build(shown, out)
    _keep_to_itself(out)
    index = out / "index.html"
    index.write_text(_index(shown, out), encoding="utf-8")
    return index


def _build(reports: Iterable[Mapping[str, Any]], out: Path) -> None:
    site = {
        "class_name": "SiteBuilder",
        "show_how_to_buttons": False,
        "store_backend": {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(out)},
        "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
    }
    context = bare_context(data_docs_sites={"dancu": site})
    for report in reports:
        for suite, counts in report["suites"].items():
            context.validation_results_store.set(_key(report, suite), _validation(report, suite, counts))
    context.build_data_docs()


def _index(reports: Iterable[Mapping[str, Any]], out: Path) -> str:
    """The first page: one line a validation. The one that comes with the site is drawn by scripts from elsewhere."""
    pages = {(page.parts[-4], page.stem): page.relative_to(out) for page in out.glob("validations/*/*/*/*.html")}
    lines = [
        f"<tr><td>{report['business_date']}</td><td>{report['load']}</td>"
        f'<td><a href="{pages[suite, report["load"]].as_posix()}">{suite}</a></td>'
        f"<td>{len(counts)}</td><td>{sum(count['failed'] > 0 for count in counts)}</td></tr>"
        for report in reports
        for suite, counts in report["suites"].items()
    ]
    head = "<tr><th>Night</th><th>Load</th><th>Suite</th><th>Rules</th><th>Rules with findings</th></tr>"
    page = '<!DOCTYPE html><html lang="en"><head><meta charset="UTF-8"><title>Validations</title></head>'
    table = "\n".join(["<table>", head, *lines, "</table>"])
    return f"{page.replace('</head>', _STYLE)}<body><h1>Validations</h1>{table}</body></html>\n"


def _keep_to_itself(out: Path) -> None:
    """Takes out what a page would fetch from elsewhere: the site stands on closed networks, and tells nobody."""
    for page in out.rglob("*.html"):
        text = _FOREIGN.sub("", page.read_text(encoding="utf-8"))
        text = _SUITE_LINK.sub(r"\1", text)
        page.write_text(text.replace("</head>", _STYLE, 1), encoding="utf-8")
    shutil.rmtree(out / "static", ignore_errors=True)


def _key(report: Mapping[str, Any], suite: str) -> ValidationResultIdentifier:
    night = datetime.fromisoformat(report["business_date"]).replace(tzinfo=UTC)
    return ValidationResultIdentifier(
        expectation_suite_identifier=ExpectationSuiteIdentifier(suite),
        run_id=RunIdentifier(run_name=report["load"], run_time=night),
        batch_identifier=report["load"],
    )


def _validation(
    report: Mapping[str, Any], suite: str, counts: Sequence[Mapping[str, Any]]
) -> ExpectationSuiteValidationResult:
    by_id = {count["id"]: count for count in counts}
    rules = [rule for rule in load_rules(suite) if rule.id in by_id]
    if len(rules) != len(counts):
        raise PlatformError(f"report of load {report['load']}: its rules are not those of suite {suite}; leave it out")
    results = [
        _result(configuration, by_id[configuration.meta["id"]])
        for configuration in as_suite(suite, rules).expectation_configurations
    ]
    passed = sum(result.success for result in results)
    return ExpectationSuiteValidationResult(
        success=passed == len(results),
        results=results,
        suite_name=suite,
        statistics={
            "evaluated_expectations": len(results),
            "successful_expectations": passed,
            "unsuccessful_expectations": len(results) - passed,
            "success_percent": 100 * passed / max(1, len(results)),
        },
        meta={
            "run_id": {"run_name": report["load"], "run_time": report["business_date"]},
            "active_batch_definition": {"data_asset_name": report["load"]},
            "batch_kwargs": {"data_asset_name": report["load"]},
        },
    )


def _result(configuration: Any, count: Mapping[str, Any]) -> ExpectationValidationResult:
    evaluated, failed = count["evaluated"], count["failed"]
    share = 100 * failed / evaluated if evaluated else 0.0
    return ExpectationValidationResult(
        success=failed == 0,
        expectation_config=configuration,
        result={"element_count": evaluated, "unexpected_count": failed, "unexpected_percent": share},
    )
