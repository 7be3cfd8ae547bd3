"""Measures: what the linkage of a load came to, in counts alone, and what of it a gate can judge."""

from collections.abc import Mapping
from typing import Any

import duckdb

#: What the linkage suite reads, each with what it is; null where there is too little to judge.
LINKAGE_METRICS: dict[str, str] = {
    "candidates_per_form": "pairs that keys make, a new form; unknown below 10,000 pairs",
    "forms_to_one_person": "most new forms that one person gets",
    "largest_person": "most forms, old and new, of one of the load's persons",
    "share_review": "share of new forms of which people must decide; unknown below 1,000 new forms",
    "new_above_earlier": (
        "share of new persons less its mean over the province's last 10 loads of the kind; unknown below 1,000 new"
        " forms or 3 such loads"
    ),
}

#: Below these nothing is said of a load.
FEWEST_CANDIDATES, FEWEST_FORMS, FEWEST_LOADS = 10_000, 1_000, 3


def count_candidates(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """Counts of the tables `evidence`, `candidate`, `volume` and `left_out` of `registry.linkage.candidates`.

    Where the search was stopped, what the keys would have made stands for the candidates.
    """
    forms, candidates = connection.execute(
        "SELECT (SELECT count(*) FROM evidence),"
        " greatest((SELECT count(*) FROM candidate), (SELECT coalesce(max(pairs), 0) FROM volume))"
    ).fetchall()[0]
    left_out = dict(connection.execute("SELECT kind, forms FROM left_out WHERE forms > 0 ORDER BY kind").fetchall())
    return {"forms": forms, "candidates": candidates, "left_out": left_out}


def count_decisions(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """Counts of the tables `pair`, `decision` and `placed`: pairs, forms by outcome, and the largest persons."""
    counts = connection.execute(
        """
        SELECT (SELECT count(*) FROM pair) AS pairs,
               (SELECT count(*) FROM decision WHERE outcome = 'new') AS new,
               (SELECT count(*) FROM decision WHERE outcome = 'matched') AS matched,
               (SELECT count(*) FROM decision WHERE outcome = 'review') AS review,
               coalesce(max(forms), 0) AS largest_person,
               coalesce(max(fresh), 0) AS forms_to_one_person
          FROM (SELECT count(*) AS forms, count(*) FILTER (before IS NULL) AS fresh FROM placed GROUP BY person_id)
        """
    ).to_arrow_table()
    return dict(counts.to_pylist()[0])


def linkage_metrics(counts: Mapping[str, Any], *, earlier: tuple[int, float | None]) -> dict[str, float | None]:
    """The counts as the linkage suite judges them, by the names of `LINKAGE_METRICS`.

    Args:
        counts: of `count_candidates`, and of `count_decisions` where decisions were made.
        earlier: how many loads of the province came before, and the mean of their share of new persons.
    """
    forms, candidates = counts["forms"], counts["candidates"]
    loads, mean = earlier
    enough = forms >= FEWEST_FORMS and "new" in counts
    compared = enough and loads >= FEWEST_LOADS and mean is not None
    return {
        "candidates_per_form": candidates / forms if forms and candidates >= FEWEST_CANDIDATES else None,
        "forms_to_one_person": counts.get("forms_to_one_person"),
        "largest_person": counts.get("largest_person"),
        "share_review": counts["review"] / forms if enough else None,
        "new_above_earlier": counts["new"] / forms - mean if compared and mean is not None else None,
    }


def most_candidates(forms: int, *, per_form: float) -> float:
    """How many pairs a load of so many forms may make."""
    return max(FEWEST_CANDIDATES, forms * per_form)
