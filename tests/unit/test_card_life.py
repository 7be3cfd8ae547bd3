"""The fold of a card's events, beside the plain statement of it."""

import datetime as dt
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.cards.life import (
    CARDS,
    EVENTS,
    EVENTS_OF_LIFE,
    HOLD,
    KEPT,
    PHASES,
    RELEASE,
    STATES,
    STEPS,
    fold,
    fold_further,
)
from tests.lives import tell

START = dt.datetime(2021, 6, 30, tzinfo=dt.UTC)
DELIVERED = ("captured", "handed_off", "accepted", "produced", "shipped", "arrived", "delivered")

Event = dict[str, Any]


def event(
    number: int, name: str, *, dossier: str = "d", attempt: int = 1, day: int | None = None, **more: Any
) -> Event:
    happened = START + dt.timedelta(days=number if day is None else day)
    return {
        "event_no": number,
        "dossier_id": dossier,
        "attempt": attempt,
        "event": name,
        "happened_at": happened,
        **more,
    }


def table(events: list[Event]) -> pa.Table:
    return pa.Table.from_pylist(events, schema=EVENTS)


def cards_of(events: list[Event]) -> dict[str, dict[str, Any]]:
    return {card["dossier_id"]: card for card in fold(table(events)).cards.to_pylist()}


def refused_of(events: list[Event]) -> list[tuple[int, str]]:
    return sorted((row["event_no"], row["reason"]) for row in fold(table(events)).refused.to_pylist())


def plain(events: list[Event]) -> tuple[dict[str, tuple[str, int]], set[int]]:
    """State and attempt of each dossier, and the events that were refused, one event after the other."""
    lives = {name: tell(one for one in events if one["dossier_id"] == name) for name in "abcd"}
    ends = {name: (life.state, life.attempt) for name, life in lives.items() if life.taken}
    return ends, {one["event_no"] for life in lives.values() for one, _ in life.refused}


def test_a_card_is_delivered_step_by_step() -> None:
    for upto, name in enumerate(DELIVERED, 1):
        card = cards_of([event(number, step) for number, step in enumerate(DELIVERED[:upto])])["d"]
        assert card["state"] == name
        assert card["since"] == START + dt.timedelta(days=upto - 1)


def test_nothing_is_folded_into_nothing() -> None:
    folded = fold(table([]))
    assert folded.cards.num_rows == folded.refused.num_rows == 0
    assert folded.cards.schema == CARDS


def test_an_answer_to_what_was_never_asked_is_refused() -> None:
    assert refused_of([event(1, "captured"), event(2, "accepted")]) == [(2, "accepted_when_captured")]
    assert refused_of([event(1, "delivered")]) == [(1, "delivered_when_nothing")]


def test_a_shipment_that_comes_before_its_production_is_taken_with_it() -> None:
    early = [event(1, "captured"), event(2, "handed_off"), event(3, "accepted"), event(4, "shipped", day=9)]
    assert refused_of(early) == [(4, "shipped_when_accepted")]
    assert cards_of(early)["d"]["state"] == "accepted"
    late = [*early, event(5, "produced", day=12, card_number="C-1")]
    assert refused_of(late) == []
    assert cards_of(late)["d"] | {"since": None} == {
        "dossier_id": "d", "state": "shipped", "attempt": 1, "since": None, "reason": None, "on_hold": None,
        "card_number": "C-1", "shipment": None, "office": None, "batch_no": None,
    }  # fmt: skip


def test_what_is_said_again_begins_nothing_anew() -> None:
    events = [event(1, "captured"), event(2, "handed_off"), event(3, "accepted"), event(8, "accepted")]
    assert refused_of(events) == []
    assert cards_of(events)["d"]["since"] == START + dt.timedelta(days=3)


def test_of_two_answers_that_contradict_each_other_the_later_one_is_refused() -> None:
    events = [
        event(1, "captured"),
        event(2, "handed_off"),
        event(3, "rejected", reason="FINGERPRINT"),
        event(4, "accepted"),
    ]
    assert refused_of(events) == [(4, "accepted_when_rejected")]
    assert cards_of(events)["d"]["reason"] == "FINGERPRINT"


def test_a_card_made_again_forgets_the_number_of_the_first() -> None:
    first = [event(number, step, card_number="C-1") for number, step in enumerate((*DELIVERED[:6], "undeliverable"))]
    again = [event(20, "requeued", attempt=2), event(21, "handed_off", attempt=2), event(22, "accepted", attempt=2)]
    card = cards_of([*first, *again])["d"]
    assert (card["state"], card["attempt"], card["card_number"]) == ("accepted", 2, None)
    late = event(30, "shipped", attempt=1, day=30, card_number="C-1")
    assert cards_of([*first, *again, late])["d"]["state"] == "accepted"


def test_an_attempt_cannot_be_skipped() -> None:
    events = [event(1, "captured"), event(2, "handed_off"), event(3, "rejected"), event(4, "captured", attempt=3)]
    assert refused_of(events) == [(4, "captured_when_rejected")]


def test_a_hold_stays_until_it_is_released() -> None:
    held = [event(1, "captured"), event(2, HOLD, reason="review")]
    assert cards_of(held)["d"]["on_hold"] == "review"
    assert cards_of([*held, event(3, RELEASE)])["d"]["on_hold"] is None
    assert cards_of([*held, event(3, RELEASE, day=2)])["d"]["on_hold"] == "review"
    assert cards_of([*held, event(3, HOLD, reason="death")])["d"]["on_hold"] == "death"


@pytest.mark.parametrize("name", STEPS)
def test_every_step_leads_to_one_state(name: str) -> None:
    assert len(set(STEPS[name].values())) == 1
    assert set(STEPS[name]) <= set(STATES)
    assert sum(name in phase for phase in PHASES) == 1


EVENT = st.fixed_dictionaries(
    {
        "dossier_id": st.sampled_from("abc"),
        "attempt": st.integers(1, 3),
        "event": st.sampled_from([*EVENTS_OF_LIFE, HOLD, RELEASE]),
        "happened_at": st.integers(0, 6).map(lambda day: START + dt.timedelta(days=day)),
        "reason": st.sampled_from([None, "R1", "R2"]),
        "card_number": st.sampled_from([None, "C-1", "C-2"]),
        "office": st.sampled_from([None, "26050"]),
        "batch_no": st.sampled_from([None, 1, 2]),
    }
)


@st.composite
def histories(draw: st.DrawFn) -> list[Event]:
    """Lives that go well for a while, and whatever else comes in between."""
    lives = [
        event(0, step, dossier=dossier, attempt=1, day=day)
        for dossier in "abc"
        for day, step in enumerate(DELIVERED[: draw(st.integers(0, len(DELIVERED)))])
    ]
    events = [*lives, *draw(st.lists(EVENT, max_size=12))]
    return [{**one, "event_no": number} for number, one in enumerate(events)]


@given(histories())
def test_the_fold_is_the_plain_one(events: list[Event]) -> None:
    ends, refused = plain(events)
    assert {name: (card["state"], card["attempt"]) for name, card in cards_of(events).items()} == ends
    assert {number for number, _ in refused_of(events)} == refused


@given(histories(), st.integers(0, 20))
def test_a_card_that_is_folded_further_is_the_one_folded_from_all_its_events(events: list[Event], known: int) -> None:
    # What is of one kind and one time the store keeps once, as it came first.
    once = {(e["dossier_id"], e["attempt"], e["event"], e["happened_at"]): e for e in reversed(events)}
    before, new = ([e for e in once.values() if (e["event_no"] < known) is early] for early in (True, False))
    cards, parked = cards_of(before), {e["dossier_id"] for e in before if e["event_no"] in dict(refused_of(before))}
    new = [e for e in new if e["dossier_id"] not in parked]
    beside = pa.Table.from_pylist([cards.get(e["dossier_id"], {}) for e in new], schema=CARDS)
    further, others = fold_further(table(new), beside)
    all_cards, refused = cards_of(list(once.values())), dict(refused_of(list(once.values())))
    left = set(others.to_pylist())
    for card in further.to_pylist():
        assert card["dossier_id"] in left or card == all_cards[card["dossier_id"]]
    told = left | {card["dossier_id"] for card in further.to_pylist()}
    assert told == {e["dossier_id"] for e in new}
    assert {e["dossier_id"] for e in new if e["event_no"] in refused} <= left


def test_a_card_is_folded_further_without_its_earlier_events() -> None:
    held = [event(n, step, batch_no=3) for n, step in enumerate(DELIVERED[:3])] + [event(4, HOLD, reason="review")]
    before = pa.Table.from_pylist([cards_of(held)["d"]], schema=CARDS)
    produced = event(9, "produced", card_number="C-1")
    further, others = fold_further(table([produced]), before)
    assert further.to_pylist() == [cards_of([*held, produced])["d"]]
    assert others.to_pylist() == []


@pytest.mark.parametrize(
    "new",
    [
        [event(9, "handed_off")],
        [event(9, "shipped")],
        [event(9, RELEASE)],
        [event(9, "produced"), event(10, "shipped")],
    ],
    ids=["said before", "refused", "of holds", "two at once"],
)
def test_other_cards_need_all_their_events(new: list[Event]) -> None:
    card = cards_of([event(n, step) for n, step in enumerate(DELIVERED[:3])])["d"]
    _, others = fold_further(table(new), pa.Table.from_pylist([card] * len(new), schema=CARDS))
    assert set(others.to_pylist()) == {"d"}


@given(histories().flatmap(lambda events: st.tuples(st.just(events), st.permutations(events))))
def test_the_order_of_arrival_does_not_matter(both: tuple[list[Event], list[Event]]) -> None:
    events, shuffled = both
    # What is of one kind and one time differs in nothing else: the store keeps it once.
    once = {(e["dossier_id"], e["attempt"], e["event"], e["happened_at"]): e for e in events}
    kept = [one for one in shuffled if one in once.values()]
    renumbered = [{**one, "event_no": number} for number, one in enumerate(kept)]
    assert cards_of(renumbered) == cards_of(list(once.values()))


def test_a_card_keeps_what_was_said_last() -> None:
    life = [event(number, step) for number, step in enumerate(DELIVERED)]
    life[3] |= {"card_number": "C-1", "batch_no": 4}
    life[4] |= {"shipment": "S-1", "office": "26050"}
    assert [cards_of(life)["d"][name] for name in KEPT] == ["C-1", "S-1", "26050", 4]
