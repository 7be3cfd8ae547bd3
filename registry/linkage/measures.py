"""Measures: what the linkage of a load came to, in counts alone, and what of it a gate can judge."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from registry.linkage.quality import Quality

#: What the linkage suite reads, each with what it is; null where there is too little to judge.
LINKAGE_METRICS: dict[str, str] = {
    "candidates_per_form": "pairs that keys make, a new form; unknown below 10,000 pairs",
    "share_shared_number": (
        "share of new forms whose personal number more than 10 people state, by name and year of birth; unknown below"
        " 1,000 new forms"
    ),
    "forms_to_one_person": "most new forms that one person gets",
    "largest_person": "most forms, old and new, of one of the load's persons",
    "share_review": "share of new forms of which people must decide; unknown below 1,000 new forms",
    "new_above_earlier": (
        "share of new persons, among the forms of senders who sent before, less its mean and three times its spread"
        " over the province's last 10 loads of the kind; unknown below 1,000 such forms or 5 such loads"
    ),
    "precision_low": "least that the share of right pairs can be, of the labelled pairs that were put into one person",
    "precision_high": "most that it can be (95 %); both unknown below 100 such pairs",
    "recall_low": "least that the share of pairs found can be, of the labelled pairs that are one person",
    "recall_high": "most that it can be (95 %); both unknown below 100 such pairs",
}

#: Below these nothing is said of a load.
FEWEST_CANDIDATES, FEWEST_FORMS, FEWEST_LOADS, FEWEST_PAIRS = 10_000, 1_000, 5, 100

#: A number that more people state than these is nobody's.
SHARED_BY = 10

#: A person of more forms than these is counted.
MANY_FORMS = 20

#: How far above its mean a share may lie, in standard deviations.
_SPREADS = 3


@dataclass(frozen=True)
class EarlierLoads:
    """How many loads came before, and their share of new persons among senders who had sent before."""

    loads: int
    mean: float | None
    spread: float | None


def count_candidates(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """Counts of the table `evidence` and those of `registry.linkage.candidates`.

    Where the search was stopped, what the keys would have made stands for the candidates.
    """
    forms, candidates = connection.execute(
        "SELECT (SELECT count(*) FROM evidence),"
        " greatest((SELECT count(*) FROM candidate), (SELECT coalesce(max(pairs), 0) FROM volume))"
    ).fetchall()[0]
    left_out = dict(connection.execute("SELECT kind, forms FROM left_out WHERE forms > 0 ORDER BY kind").fetchall())
    shared = max(_forms_of_shared_numbers(connection), left_out.get("number_key", 0))
    return {"forms": forms, "candidates": candidates, "left_out": left_out, "shared_number": shared}


def _forms_of_shared_numbers(connection: duckdb.DuckDBPyConnection) -> int:
    """New forms whose number many people state, as far as they were compared."""
    found = connection.execute(
        "SELECT coalesce(sum(forms), 0)::BIGINT FROM (SELECT count(*) FILTER (incoming) AS forms FROM compared"
        f" SEMI JOIN (SELECT pid FROM compared WHERE pid IS NOT NULL GROUP BY pid HAVING count(*) > {SHARED_BY})"
        f" USING (pid) GROUP BY pid HAVING count(DISTINCT hash(name_key, year)) > {SHARED_BY})"
    ).fetchall()
    return int(found[0][0])


def count_decisions(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """Counts of the tables `pair`, `decision` and `placed`: pairs, forms by outcome, and the largest persons."""
    counts = connection.execute(
        """
        SELECT (SELECT count(*) FROM pair) AS pairs,
               (SELECT count(*) FROM decision WHERE outcome = 'new') AS new,
               (SELECT count(*) FROM decision WHERE outcome = 'matched') AS matched,
               (SELECT count(*) FROM decision WHERE outcome = 'review') AS review,
               count(*) AS persons,
               count(*) FILTER (forms > $many) AS persons_of_many_forms,
               coalesce(max(forms), 0) AS largest_person,
               coalesce(max(fresh), 0) AS forms_to_one_person
          FROM (SELECT count(*) AS forms, count(*) FILTER (before IS NULL) AS fresh FROM placed GROUP BY person_id)
        """,
        {"many": MANY_FORMS},
    ).to_arrow_table()
    return dict(counts.to_pylist()[0])


def count_returning(connection: duckdb.DuckDBPyConnection, file_nos: Sequence[int]) -> dict[str, int]:
    """Of the table `decision`: forms of some files, and those of them that made a new person."""
    forms, new = connection.execute(
        "SELECT count(*), count(*) FILTER (outcome = 'new') FROM decision WHERE list_contains(?::INTEGER[], file_no)",
        [list(file_nos)],
    ).fetchall()[0]
    return {"forms": forms, "new": new}


def linkage_metrics(
    counts: Mapping[str, Any], *, earlier: EarlierLoads, quality: Quality | None
) -> dict[str, float | None]:
    """The counts as the linkage suite judges them, by the names of `LINKAGE_METRICS`.

    Args:
        counts: of `count_candidates`; where decisions were made also of `count_decisions`, and as `returning` those of
            `count_returning` for the files of senders who sent before.
        earlier: loads of the province that came before.
        quality: of the decisions by the forms whose persons are known; None where none are.
    """
    forms, candidates = counts["forms"], counts["candidates"]
    decided = forms >= FEWEST_FORMS and "new" in counts
    precision, recall = (quality.precision, quality.recall) if quality else (None, None)
    return {
        "candidates_per_form": candidates / forms if forms and candidates >= FEWEST_CANDIDATES else None,
        "share_shared_number": counts["shared_number"] / forms if forms >= FEWEST_FORMS else None,
        "forms_to_one_person": counts.get("forms_to_one_person"),
        "largest_person": counts.get("largest_person"),
        "share_review": counts["review"] / forms if decided else None,
        "new_above_earlier": _new_above_earlier(counts.get("returning"), earlier),
        "precision_low": precision.low if precision and precision.of >= FEWEST_PAIRS else None,
        "precision_high": precision.high if precision and precision.of >= FEWEST_PAIRS else None,
        "recall_low": recall.low if recall and recall.of >= FEWEST_PAIRS else None,
        "recall_high": recall.high if recall and recall.of >= FEWEST_PAIRS else None,
    }


def _new_above_earlier(returning: Mapping[str, int] | None, earlier: EarlierLoads) -> float | None:
    few = returning is None or returning["forms"] < FEWEST_FORMS or earlier.loads < FEWEST_LOADS
    if few or returning is None or earlier.mean is None:
        return None
    return returning["new"] / returning["forms"] - earlier.mean - _SPREADS * (earlier.spread or 0)


def most_candidates(forms: int, *, per_form: float) -> float:
    """How many pairs a load of so many forms may make."""
    return max(FEWEST_CANDIDATES, forms * per_form)
