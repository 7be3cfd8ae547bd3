"""A register and a centre on paper: whatever happens in whatever order, no dossier is in two live batches.

The acts of the register (hand off, ask again, send back) follow from the fold, as they do in the store; the words of
the others are drawn. `tests/integration/test_card_histories.py` plays longer histories on the store itself.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Container
from typing import Any

import pyarrow as pa
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from registry.cards.life import AT_CENTRE, CARDS, ENDED, EVENTS, HOLD, RELEASE, Folded, fold
from tests.lives import tell

START = dt.datetime(2021, 7, 1, tzinfo=dt.UTC)
DOSSIERS = ("a", "b")
WORDS = ("accepted", "rejected", "qc_failed", "produced", "shipped", "arrived", "delivered", "undeliverable")

#: What is said next of a card where all goes badly, and where it goes well.
NEXT = {
    "handed_off": ("rejected", "accepted"),
    "accepted": ("qc_failed", "produced"),
    "qc_failed": ("qc_failed", "produced"),
    "produced": ("qc_failed", "shipped"),
    "shipped": ("undeliverable", "arrived"),
    "arrived": ("undeliverable", "delivered"),
}

#: The only states in which a station may send a dossier again.
OPEN_AGAIN = ("returned", "undeliverable")

dossiers, numbers = st.sampled_from(DOSSIERS), st.integers(0, 11)


class Exchange(RuleBasedStateMachine):
    """Events as the store keeps them: each dossier, attempt, event and time once, numbered as they came."""

    def __init__(self) -> None:
        super().__init__()
        self.events: dict[tuple[str, int, str, dt.datetime], dict[str, Any]] = {}
        self.batches: dict[int, list[tuple[str, int]]] = defaultdict(list)
        self.clock = 0
        self.known: Folded | None = None
        self.of_cards: dict[str, dict[str, Any]] = {}
        for one in DOSSIERS:
            self.write(one, 1, "captured")
        self.night(mends=True)

    def some(self, states: Container[str]) -> list[str]:
        """Dossiers whose cards are in one of these states."""
        return [one for one, card in self.cards().items() if card["state"] in states]

    # -- what the others say ---------------------------------------------------------------------------

    @precondition(lambda self: self.some(NEXT))
    @rule(which=numbers, well=st.booleans())
    def go_on(self, which: int, well: bool) -> None:
        """The centre or the office says what comes next."""
        going = self.some(NEXT)
        card = self.card(going[which % len(going)])
        self.say_of(card["dossier_id"], NEXT[card["state"]][well], card["attempt"], hour=5)

    @rule(one=dossiers, word=st.sampled_from(WORDS), which=numbers, hour=st.sampled_from([4, 6]))
    def say_anything(self, one: str, word: str, which: int, hour: int) -> None:
        """It says anything at all, of any attempt, before or after what it has said."""
        self.say_of(one, word, which % self.card(one)["attempt"] + 1, hour)

    def say_of(self, one: str, word: str, attempt: int, hour: int) -> None:
        at = START + dt.timedelta(hours=hour)
        asked = any((one, attempt) in batch for batch in self.batches.values())
        over = attempt < self.card(one)["attempt"] and (one, attempt, word, at) not in self.events
        if asked and not over:
            self.write(one, attempt, word, at)

    @rule(one=dossiers, event=st.sampled_from([HOLD, RELEASE]), reason=st.sampled_from(["death", "identity", "review"]))
    def hold(self, one: str, event: str, reason: str) -> None:
        card = self.card(one)
        if card["state"] not in ENDED and (event == HOLD or card["on_hold"]):
            self.write(one, card["attempt"], event, reason=reason)

    @precondition(lambda self: self.some(OPEN_AGAIN))
    @rule(which=numbers)
    def capture_again(self, which: int) -> None:
        """A station sends a dossier again, corrected."""
        open_again = self.some(OPEN_AGAIN)
        card = self.card(open_again[which % len(open_again)])
        self.write(card["dossier_id"], card["attempt"] + 1, "captured")

    # -- what the register does ------------------------------------------------------------------------

    @precondition(lambda self: self.some(("rejected", "captured")))
    @rule(mends=st.booleans())
    def night(self, mends: bool) -> None:
        """What was rejected goes back or is asked for again; then all that waits is handed off."""
        for one, card in self.cards().items():
            if card["state"] == "rejected":
                self.write(one, card["attempt"] + mends, "requeued" if mends else "returned")
        number = len(self.batches) + 1
        for one, card in self.cards().items():
            if card["state"] == "captured" and not card["on_hold"]:
                self.batches[number].append((one, card["attempt"]))
                self.write(one, card["attempt"], "handed_off", batch_no=number)

    @precondition(lambda self: self.some(("returned",)))
    @rule()
    def give_up(self) -> None:
        for one in self.some(("returned",)):
            self.write(one, self.card(one)["attempt"], "purged")

    # -- what must hold --------------------------------------------------------------------------------

    @invariant()
    def no_dossier_is_in_two_live_batches(self) -> None:
        """The step of every hand-off was taken, and the batch of a card is the last that asks for it."""
        refused = {row["event_no"] for row in self.folded().refused.to_pylist()}
        handed_off = [one for one in self.events.values() if one["event"] == "handed_off"]
        assert not refused & {one["event_no"] for one in handed_off}
        asked = [each for batch in self.batches.values() for each in batch]
        assert len(asked) == len(set(asked)) == len(handed_off)

    @invariant()
    def every_dossier_that_was_handed_off_is_answered_or_outstanding(self) -> None:
        for one, card in self.cards().items():
            if card["state"] in AT_CENTRE:
                assert (one, card["attempt"]) in self.batches[card["batch_no"]]

    @invariant()
    def the_fold_is_the_plain_one_in_any_order(self) -> None:
        folded = self.folded()
        assert folded.cards.schema == CARDS
        backwards = list(reversed(self.events.values()))
        renumbered = [{**one, "event_no": number} for number, one in enumerate(backwards)]
        order = [("dossier_id", "ascending")]
        assert fold(table(renumbered)).cards.sort_by(order) == folded.cards.sort_by(order)
        for one, card in self.cards().items():
            life = tell(event for event in self.events.values() if event["dossier_id"] == one)
            assert (card["state"], card["attempt"]) == (life.state, life.attempt)

    # -- the book --------------------------------------------------------------------------------------

    def write(self, one: str, attempt: int, event: str, at: dt.datetime | None = None, **more: Any) -> None:
        self.clock += 1
        at = at or START + dt.timedelta(days=1, minutes=self.clock)
        row = {"event_no": self.clock, "dossier_id": one, "attempt": attempt, "event": event, "happened_at": at, **more}
        self.events.setdefault((one, attempt, event, at), row)
        self.known = None

    def folded(self) -> Folded:
        if self.known is None:
            self.known = fold(table(list(self.events.values())))
            self.of_cards = {card["dossier_id"]: card for card in self.known.cards.to_pylist()}
        return self.known

    def cards(self) -> dict[str, dict[str, Any]]:
        self.folded()
        return self.of_cards

    def card(self, one: str) -> dict[str, Any]:
        return self.cards()[one]


def table(events: list[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(events, schema=EVENTS)


TestExchange = Exchange.TestCase
TestExchange.settings = settings(max_examples=50, stateful_step_count=40, deadline=None)
