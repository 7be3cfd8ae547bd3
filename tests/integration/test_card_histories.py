"""Ten thousand random histories of dossiers on a real store, beside a plain model of each: I4 and I6 hold."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from registry.cards.life import STATES
from registry.database import close_database
from tasks.verify import examine
from tests.integration.a_night import platform_of
from tests.integration.card_store import Centre, add_dossiers, make_keys
from tests.integration.histories import NIGHTS, Night, Stage, World

HISTORIES = 10_000
SEED = 46


@pytest.fixture(scope="module")
def nights() -> list[Night]:
    world = World(HISTORIES, SEED)
    return [world.night(number) for number in range(NIGHTS)]


@pytest.fixture(params=[1, 2], ids="order-{}".format)
def stage(store: Engine, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Stage]:
    """A store with the dossiers in it; files come in one order or another."""
    place = platform_of(store, tmp_path)
    make_keys(place)
    yield Stage(place, Centre(place, tmp_path / "centre"), add_dossiers(place, HISTORIES), request.param)
    close_database(place.engine)


def test_every_card_becomes_what_was_said_of_it(stage: Stage, nights: list[Night]) -> None:
    batch = 0
    for night in nights:
        stage.play(night)
        stands = zip(night.stands, stage.stands(), strict=True)
        assert [(model, store) for model, store in stands if model != store] == []
        assert stage.parked() == night.parked
        batch += bool(night.asked)
        assert stage.asked(batch) == night.asked or not night.asked
        stage.resend(stage.chance.randint(1, batch))
    assert [str(breach) for breach in examine(stage.place).breaches if breach.invariant in ("I3", "I4", "I6")] == []
    _say_everything_again(stage, nights[-1])


def _say_everything_again(stage: Stage, night: Night) -> None:
    """Under other names: nothing changes."""
    before = _count_events(stage)
    for number, content in enumerate(stage.sent):
        stage.centre.put(content, f"again-{number}")
    taken = stage.exchange(night.date)
    assert (taken["repeat"], taken["taken"]) == (len(stage.sent), 0)
    assert (_count_events(stage), stage.stands(), stage.parked()) == (before, night.stands, night.parked)


def _count_events(stage: Stage) -> int:
    with stage.place.engine.begin() as store:
        return int(store.scalar(text("SELECT count(*) FROM card_event")) or 0)


def test_the_histories_are_of_every_kind(nights: list[Night]) -> None:
    stands = [stand for night in nights for stand in night.stands]
    assert {state for state, *_ in stands} >= set(STATES) - {"nothing", "cancelled", "rejected", "returned"}
    assert {attempt for _, attempt, *_ in stands} >= {1, 2, 3}
    assert {hold for _, _, hold, *_ in stands} == {None, "death", "identity", "review"}
    assert nights[-1].parked.keys() >= {"attempt_over", "not_asked_for", "other_batch", "unknown_card"}
