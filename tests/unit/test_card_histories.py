"""A register and a centre on paper: whatever happens in whatever order, no dossier is in two live batches.

The acts of the register (hand off, ask again, send back) follow from the fold, as they do in the store; the words of
the others are drawn. `tests/integration/test_card_histories.py` plays longer histories on the store itself.
"""

import datetime as dt
from collections import defaultdict
from typing import Any

import pyarrow as pa
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from registry.cards.life import AT_CENTRE, CARDS, ENDED, EVENTS, HOLD, RELEASE, Folded, fold
from tests.lives import tell

START = dt.datetime(2021, 7, 1, tzinfo=dt.UTC)
DOSSIERS = ("a", "b", "c")
WORDS = ("accepted", "rejected", "qc_failed", "produced", "shipped", "arrived", "delivered", "undeliverable")

#: The only states in which a station may send a dossier again.
OPEN_AGAIN = ("returned", "undeliverable")

dossiers = st.sampled_from(DOSSIERS)
hours = st.integers(0, 9)


class Exchange(RuleBasedStateMachine):
    """Events as the store keeps them: each dossier, attempt, event and time once, numbered as they came."""

    def __init__(self) -> None:
        super().__init__()
        self.events: dict[tuple[str, int, str, dt.datetime], dict[str, Any]] = {}
        self.batches: dict[int, list[tuple[str, int]]] = defaultdict(list)
        self.clock = 0
        self.known: Folded | None = None
        for one in DOSSIERS:
            self.write(one, 1, "captured")

    # -- what the others say ---------------------------------------------------------------------------

    @rule(one=dossiers, word=st.sampled_from(WORDS), attempt=st.integers(1, 3), hour=hours)
    def say(self, one: str, word: str, attempt: int, hour: int) -> None:
        """The centre or an office says anything at all, of any attempt that was handed off, at any time."""
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

    @rule(one=dossiers)
    def capture_again(self, one: str) -> None:
        card = self.card(one)
        if card["state"] in OPEN_AGAIN:
            self.write(one, card["attempt"] + 1, "captured")

    # -- what the register does ------------------------------------------------------------------------

    @rule()
    def hand_off(self) -> None:
        asked = [
            (one, card["attempt"])
            for one, card in self.cards().items()
            if card["state"] == "captured" and not card["on_hold"]
        ]
        number = len(self.batches) + 1
        for one, attempt in asked:
            self.batches[number].append((one, attempt))
            self.write(one, attempt, "handed_off", batch_no=number)

    @rule(mends=st.booleans())
    def settle(self, mends: bool) -> None:
        for one, card in self.cards().items():
            if card["state"] == "rejected":
                self.write(one, card["attempt"] + mends, "requeued" if mends else "returned")

    @precondition(lambda self: self.clock > 20)
    @rule(one=dossiers)
    def give_up(self, one: str) -> None:
        if self.card(one)["state"] == "returned":
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
        self.known = self.known or fold(table(list(self.events.values())))
        return self.known

    def cards(self) -> dict[str, dict[str, Any]]:
        return {card["dossier_id"]: card for card in self.folded().cards.to_pylist()}

    def card(self, one: str) -> dict[str, Any]:
        return self.cards()[one]


def table(events: list[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(events, schema=EVENTS)


TestExchange = Exchange.TestCase
TestExchange.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
