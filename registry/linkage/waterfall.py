"""Splink's waterfall of pairs of forms: what each comparison adds to the weight, as one page that loads nothing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import duckdb
import pyarrow as pa
from splink import DuckDBAPI

# Splink saves charts by this function, too, but gives no way to say what is in them.
from splink.internals.html_utils import chart_html

from registry.linkage.allocated import add_allocated
from registry.linkage.model import LinkageModel
from registry.linkage.scores import predicted, quiet_linker
from registry.linkage.stored import StoredEvidence

#: The page holds persons: a browser that shows it must ask nobody for anything. In a narrow window the chart alone
#: moves sideways; the choice of the pair stays above it.
_HEAD = """<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval';
  style-src 'unsafe-inline'; img-src data: blob:">
<meta name="viewport" content="width=device-width">
<style>
  body { font: 15px/1.4 sans-serif; margin: 1.5rem }
  .vega-embed { flex-direction: column-reverse; gap: 1rem; overflow-x: auto }
  .vega-embed canvas { align-self: flex-start }
  .vega-bindings { position: sticky; left: 0 }
  select { font: inherit; max-width: 85% }
</style>"""

#: From what Splink makes of the page to what is shown; each once, at its beginning.
_SHOWN = {
    '<meta charset="utf-8">': _HEAD,
    "<title>Splink chart</title>": "<title>Ties of a person</title>",
    "<body>": "<body><p>What each comparison adds to log2 of the odds that both forms are of one person.</p>",
}

#: Where Splink has the values of both forms; and the width of a bar with what stands above it, in pixels.
_VALUES = ("value_l", "value_r")
_STEP = 120

_as_page: Callable[..., str] = chart_html


@dataclass(frozen=True)
class Drawn:
    """A pair to be drawn: its forms (32 hex digits), the weight that the store has, and what it is called."""

    form_a: str
    form_b: str
    weight: float
    title: str


def draw_waterfall(
    local: duckdb.DuckDBPyConnection, pairs: Sequence[Drawn], model: LinkageModel, *, given: pa.Table
) -> str:
    """Weighs pairs again and draws them.

    Args:
        local: with the table `evidence` of their forms (`registry.linkage.evidence.EVIDENCE_SCHEMA`).
        pairs: at least one, in the order in which they are shown.
        model: the weights.
        given: `registry.linkage.allocated.ALLOCATED_SCHEMA`, of the numbers that the forms state.

    Returns:
        An HTML page with all its scripts and data in it.
    """
    kept = replace(model, settings={**model.settings, "retain_matching_columns": True})
    local.execute(
        "CREATE TEMP TABLE stored_form AS SELECT row_number() OVER () AS node, NULL::INTEGER AS file, * FROM evidence"
    )
    # what `add_allocated` adds has nodes below 0
    local.execute("CREATE TEMP VIEW compared AS SELECT *, node >= 0 AS incoming FROM stored_form")
    local.execute("CREATE TEMP TABLE candidate AS SELECT a.node AS l, b.node AS r, 0 AS keys FROM compared AS a"
                  " JOIN compared AS b ON a.node < b.node")  # fmt: skip
    add_allocated(local, given, known=StoredEvidence([]))
    with predicted(local, kept) as weighed:
        records = [_record(local, weighed, pair) for pair in pairs]
        chart = quiet_linker(DuckDBAPI(local), "compared", kept).visualisations.waterfall_chart(records)
        page = _as_page(_shown(chart.chart_dict, pairs), inline=True, fullhtml=True)
    for splinks, ours in _SHOWN.items():
        page = page.replace(splinks, ours, 1)
    return page


def _record(local: duckdb.DuckDBPyConnection, weighed: str, pair: Drawn) -> dict[str, Any]:
    """What Splink says of a pair. A form may be weighed in two likenesses: the one that the store has counts."""
    found = local.execute(
        f"SELECT w.* FROM {weighed} AS w JOIN compared AS a ON a.node = w.node_l"
        " JOIN compared AS b ON b.node = w.node_r"
        " WHERE least(a.form_id, b.form_id) = $a AND greatest(a.form_id, b.form_id) = $b"
        " ORDER BY abs(w.match_weight - $weight) LIMIT 1",
        {"a": pair.form_a, "b": pair.form_b, "weight": pair.weight},
    )
    [record] = found.to_arrow_table().to_pylist()
    return dict(record)


def _shown(chart: dict[str, Any], pairs: Sequence[Drawn]) -> dict[str, Any]:
    """Splink's chart with the pairs to choose from, values that fit, and nothing that would send it elsewhere."""
    del chart["title"]
    chart["params"][0]["bind"] = {
        "input": "select", "name": "Pair ", "options": [*range(len(pairs))], "labels": [pair.title for pair in pairs],
    }  # fmt: skip
    chart["usermeta"] = {"embedOptions": {"actions": False}}
    chart["width"] = {"step": _STEP}
    for layer in chart["layer"][0]["layer"]:
        if layer["encoding"].get("text", {}).get("field") in _VALUES:
            layer["mark"]["limit"] = _STEP
    for bar in chart["data"]["values"]:
        bar |= {name: _stated(bar[name]) for name in _VALUES}
    return chart


def _stated(values: str) -> str:
    """Of the values that a comparison reads, those that the form states."""
    return ", ".join(value for value in values.split(", ") if value not in ("None", "False"))
