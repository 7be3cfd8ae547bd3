"""How right decisions are, and how sure that is."""

import duckdb
import pytest

from registry.linkage.quality import Quality, Share, measure_quality


@pytest.mark.parametrize(
    ("right", "of", "low", "high"),
    [
        (0, 10, 0.0, 0.2775),  # as R's prop.test without correction gives them
        (10, 10, 0.7225, 1.0),
        (8, 10, 0.4902, 0.9433),
        (950, 1_000, 0.9347, 0.9619),
        (1, 1, 0.2065, 1.0),
    ],
)
def test_intervals_are_those_of_wilson(right: int, of: int, low: float, high: float) -> None:
    share = Share(right, of)
    assert (share.low, share.high) == (pytest.approx(low, abs=1e-4), pytest.approx(high, abs=1e-4))
    assert share.low <= share.value <= share.high


def test_nothing_is_said_of_no_pairs() -> None:
    found = Quality(forms=2, true=0, said=0, right=0).as_dict()
    assert {found[name] for name in ("precision", "precision_low", "recall", "recall_high")} == {None}


def test_pairs_of_two_known_forms_do_not_count() -> None:
    label = [("n1", "a", True), ("n2", "a", True), ("k1", "a", False), ("k2", "a", False), ("n3", "b", True)]
    placed = [("n1", "P"), ("k1", "P"), ("n3", "P"), ("n2", "Q")]  # k2 is of a person whom the load does not touch
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE label (form_id VARCHAR, person_key VARCHAR, is_new BOOLEAN)")
        connection.execute("CREATE TABLE placed (form_id VARCHAR, person_id VARCHAR)")
        connection.executemany("INSERT INTO label VALUES (?, ?, ?)", label)
        connection.executemany("INSERT INTO placed VALUES (?, ?)", placed)
        # true: n1-n2, n1-k1, n1-k2, n2-k1, n2-k2; said: n1-k1, n1-n3, n3-k1; right: n1-k1
        assert measure_quality(connection) == Quality(forms=3, true=5, said=3, right=1)
