"""What a gate can judge of a load's linkage, and when there is too little to judge."""

from typing import Any

import duckdb
import pyarrow as pa
import pytest

from registry.linkage.candidates import create_candidates
from registry.linkage.evidence import COMPARED, KEYS
from registry.linkage.measures import EarlierLoads, count_candidates, linkage_metrics
from registry.linkage.quality import Quality
from registry.linkage.stored import StoredEvidence
from tasks.validate import judge_linkage

COUNTS = {
    "forms": 2_000,
    "candidates": 20_000,
    "new": 1_800,
    "matched": 100,
    "review": 100,
    "largest_person": 9,
    "forms_to_one_person": 3,
    "shared_number": 0,
    "returning": {"forms": 1_000, "new": 250},
}
EARLIER = EarlierLoads(5, 0.2, 0.02)  # fmt: skip


def failing(quality: Quality | None = None, **counts: Any) -> list[str]:
    metrics = linkage_metrics({**COUNTS, **counts}, earlier=EARLIER, quality=quality)
    return [run.rule.id for run in judge_linkage(metrics) if len(run.failing)]


def test_the_metrics_are_shares_of_the_forms() -> None:
    metrics = linkage_metrics(COUNTS, earlier=EARLIER, quality=None)
    assert metrics["candidates_per_form"] == 10
    assert metrics["share_review"] == 0.05
    assert metrics["new_above_earlier"] == pytest.approx(0.25 - 0.2 - 3 * 0.02)


def test_little_is_not_judged() -> None:
    few = {**COUNTS, "forms": 999, "candidates": 9_999, "shared_number": 999, "returning": {"forms": 999, "new": 999}}
    metrics = linkage_metrics(few, earlier=EARLIER, quality=Quality(forms=200, true=99, said=99, right=0))
    assert {name for name, value in metrics.items() if value is not None} == {"forms_to_one_person", "largest_person"}
    assert linkage_metrics(COUNTS, earlier=EarlierLoads(4, 0.1, 0), quality=None)["new_above_earlier"] is None
    nothing = {"forms": 0, "candidates": 0, "shared_number": 0}
    assert judge_linkage(linkage_metrics(nothing, earlier=EarlierLoads(0, None, None), quality=None))


def test_each_limit_is_kept_up() -> None:
    assert failing() == []
    assert failing(candidates=200_001) == ["LNK-CANDIDATES"]
    assert failing(shared_number=40) == []
    assert failing(shared_number=41) == ["LNK-NUMBER-SHARED"]
    assert failing(forms_to_one_person=101) == ["LNK-FORMS-TO-ONE"]
    assert failing(largest_person=201) == ["LNK-LARGEST-PERSON"]
    assert failing(review=1_001) == ["LNK-REVIEW", "LNK-REVIEW-MANY"]
    assert failing(returning={"forms": 1_000, "new": 400}) == ["LNK-NEW-MANY"]
    assert failing(returning={"forms": 1_000, "new": 600}) == ["LNK-NEW", "LNK-NEW-MANY"]
    assert failing(Quality(forms=9, true=1_000, said=1_000, right=1_000)) == []
    assert failing(Quality(forms=9, true=1_000, said=1_000, right=970)) == ["LNK-PRECISION-LOW"]
    assert failing(Quality(forms=9, true=1_000, said=500, right=400)) == [
        "LNK-PRECISION", "LNK-RECALL", "LNK-PRECISION-LOW", "LNK-RECALL-LOW",
    ]  # fmt: skip


def test_the_search_for_candidates_stops_before_it_joins_too_many() -> None:
    forms = 100
    columns = {
        "file_no": pa.array([0] * forms, pa.int32()),
        "row_no": pa.array(range(forms), pa.int64()),
        "form_id": [f"{n:032x}" for n in range(forms)],
        **{key: pa.array([7 if key == "number_key" else None] * forms, pa.uint32()) for key in KEYS},
        **{name: pa.nulls(forms, pa.string()) for name in COMPARED},
    }
    for most_pairs, found in ((4_950, 4_950), (4_949, 0)):
        with duckdb.connect() as connection:
            connection.register("given", pa.table(columns))
            connection.execute("CREATE TEMP TABLE evidence AS FROM given")
            create_candidates(connection, known=StoredEvidence([]), largest_block=300, most_pairs=most_pairs)
            assert connection.execute("SELECT count(*) FROM candidate").fetchall() == [(found,)]
            counts = count_candidates(connection)
            assert counts == {"forms": forms, "candidates": 4_950, "left_out": {}, "shared_number": 0}
