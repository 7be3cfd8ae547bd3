"""From a landed dossier to a delivered card, by the program and the test centre alone: what `make demo` runs."""

from collections.abc import Iterator

import pytest

from samples import demo
from tests.acceptance.homes import Home, home_at

FORMS = 3_000


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, prefect_api: str) -> Iterator[Home]:
    with home_at(tmp_path_factory.mktemp("cards") / "home", api=prefect_api) as home:
        with pytest.MonkeyPatch.context() as patch:
            for name, value in home.environment().items():
                patch.setenv(name, value)
            patch.setattr(demo, "FORMS", FORMS)
            assert demo.main() == 0
        yield home


def test_the_demo_ends_with_delivered_cards(home: Home) -> None:
    cards = home.dancu("status")["cards"]
    assert cards["batches"] == 2
    assert set(cards["states"]) == {"delivered"}
    assert cards["states"]["delivered"] > FORMS * demo.DOSSIERS / 2
    assert (cards["outstanding"], cards["waiting"], cards["parked"]) == (0, 0, 0)


def test_some_were_rejected_and_made_at_the_second_attempt(home: Home) -> None:
    rejected = list((home.root / "objects/returns").rglob("*-cards.xlsx"))
    assert rejected
    owed = home.dancu("cards", "owed")
    assert owed["overdue"] == owed["gaps"] == owed["parked"] == owed["refused"] == []
    totals = [(batch["sequence"], batch["outstanding"], batch["closes"]) for batch in owed["totals"]]
    assert totals == [(1, 0, True), (2, 0, True)]


def test_every_invariant_holds_and_another_exchange_changes_nothing(home: Home) -> None:
    home.prove()
    before = home.cards()
    counts = home.dancu("cards", "run")
    assert (counts["batches"], counts["cards"]) == (0, 0)
    assert home.cards() == before


def test_nothing_lies_in_the_clear(home: Home) -> None:
    left = [path for path in (home.root / "objects/outbox").rglob("*") if path.is_file()]
    assert {path.name for path in left} == {"cards.jsonl.age", "manifest.json", "manifest.json.sig"}
    assert not [path for path in (home.root / "scratch").rglob("*") if path.is_file()]
