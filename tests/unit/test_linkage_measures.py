"""What a gate can judge of a load's linkage, and when there is too little to judge."""

import duckdb
import pyarrow as pa
import pytest

from registry.linkage.candidates import create_candidates
from registry.linkage.evidence import COMPARED, KEYS
from registry.linkage.measures import count_candidates, linkage_metrics
from tasks.validate import judge_linkage

COUNTS = {
    "forms": 2_000, "candidates": 20_000, "new": 1_800, "matched": 100, "review": 100,
    "largest_person": 9, "forms_to_one_person": 3,
}  # fmt: skip


def failing(**counts: int) -> list[str]:
    metrics = linkage_metrics({**COUNTS, **counts}, earlier=(3, 0.2))
    return [run.rule.id for run in judge_linkage(metrics) if len(run.failing)]


def test_the_metrics_are_shares_of_the_forms() -> None:
    metrics = linkage_metrics(COUNTS, earlier=(3, 0.85))
    assert metrics["candidates_per_form"] == 10
    assert metrics["share_review"] == 0.05
    assert metrics["new_above_earlier"] == pytest.approx(0.05)


def test_little_is_not_judged() -> None:
    few = {**COUNTS, "forms": 999, "candidates": 9_999}
    metrics = linkage_metrics(few, earlier=(9, 0.1))
    assert [name for name, value in metrics.items() if value is None] == [
        "candidates_per_form", "share_review", "new_above_earlier",
    ]  # fmt: skip
    assert linkage_metrics(COUNTS, earlier=(2, 0.1))["new_above_earlier"] is None
    assert judge_linkage(linkage_metrics({"forms": 0, "candidates": 0}, earlier=(0, None)))


def test_each_limit_is_kept_up() -> None:
    assert failing(new=400) == []
    assert failing(new=1_700) == ["LNK-NEW-MANY"]
    assert failing(new=0, candidates=200_001) == ["LNK-CANDIDATES"]
    assert failing(new=0, forms_to_one_person=101) == ["LNK-FORMS-TO-ONE"]
    assert failing(new=0, largest_person=201) == ["LNK-LARGEST-PERSON"]
    assert failing(new=0, review=1_001) == ["LNK-REVIEW", "LNK-REVIEW-MANY"]


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
            create_candidates(connection, known=[], largest_block=300, most_pairs=most_pairs)
            assert connection.execute("SELECT count(*) FROM candidate").fetchall() == [(found,)]
            counts = count_candidates(connection)
            assert counts == {"forms": forms, "candidates": 4_950, "left_out": {}}
