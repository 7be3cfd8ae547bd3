"""Random histories of dossiers, and beside them a plain model of what should become of each: no SQL, no sets.

A `World` draws what the centre, the offices, the stations and the people do in a night, lets the model go through it,
and says what the store must come to. A `Stage` plays the same night on a real store, files in an order of its own.
"""

import datetime as dt
import json
import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pyarrow as pa
from sqlalchemy import Connection, text

from config.card_reasons import sent_again
from config.centre import CENTRE
from registry.bulk import copy_in
from registry.cards.book import write_events
from registry.cards.holds import hold_persons, release
from registry.cards.life import ENDED
from registry.database import load_sql
from registry.sealing.answers import CONTENT, DAMAGED, OK, PRODUCTION, RECEIPT, SHIPMENT, SYNTAX
from registry.sealing.manifest import batch_folder
from tasks.hand_off import hand_off_cards, resend
from tasks.platform import Platform
from tasks.reconcile import reconcile_cards
from tasks.take_answers import take_answer_files
from tasks.take_deliveries import take_delivery_files
from tests import lives
from tests.integration.card_store import NIGHT, STATION, Centre, Dossier

#: Nights in which answers still come, and the day on which everything that was sent back is given up.
NIGHTS, GIVEN_UP = 6, dt.date(2035, 1, 1)

#: Nights after the hand-off in which something comes; the last of them is never.
_DELAYS, _WEIGHTS = (1, 2, 3, 99), (60, 25, 10, 5)

Line = dict[str, Any]
Key = tuple[int, str, dt.datetime]


@dataclass(frozen=True)
class Order:
    """An attempt at the card of a dossier, and the night in which it was handed off."""

    which: int
    attempt: int
    night: int


@dataclass
class Told:
    """What the centre says of one dossier: a line of an answer of this kind about this batch, made at this time."""

    kind: str
    batch: int
    made_at: dt.datetime
    line: Line


@dataclass
class Card:
    """What the model knows of a dossier's card.

    Attributes:
        facts: attempt, event and time of all that was said → the event.
        batches: attempt → batch that asks for it.
    """

    facts: dict[Key, lives.Event] = field(default_factory=dict)
    batches: dict[int, int] = field(default_factory=dict)
    life: lives.Life = field(default_factory=lives.Life)
    on_hold: str | None = None
    dead: bool = False
    in_review: bool = False

    def learn(self, attempt: int, event: str, at: dt.datetime, **more: Any) -> None:
        self.facts.setdefault((attempt, event, at), {"attempt": attempt, "event": event, "happened_at": at, **more})
        self.life = lives.tell(self.facts.values())

    def hold(self, reason: str) -> None:
        if self.life.state not in ENDED:
            self.on_hold = reason

    @property
    def number(self) -> str | None:
        told = [one.get("card_number") for one in self.life.taken if one["attempt"] == self.life.attempt]
        return next((number for number in reversed(told) if number), None)

    @property
    def stands(self) -> tuple[str, int, str | None, str | None, int | None]:
        """State, attempt, hold, card number and batch, as the store has them."""
        life = self.life
        return life.state, life.attempt, self.on_hold, self.number, self.batches.get(life.attempt)


@dataclass
class Night:
    """What is done in a night, by numbers of dossiers, and what the store must have come to at its end."""

    date: dt.date
    captured: list[tuple[int, int, dt.datetime]] = field(default_factory=list)
    dead: list[int] = field(default_factory=list)
    parted: list[int] = field(default_factory=list)
    reviewed: list[int] = field(default_factory=list)
    decided: list[int] = field(default_factory=list)
    released: list[int] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    deliveries: list[Line] = field(default_factory=list)
    damaged: int | None = None
    stands: list[tuple[Any, ...]] = field(default_factory=list)
    asked: list[int] = field(default_factory=list)
    parked: Counter[str] = field(default_factory=Counter)


class World:
    """The model, and the dice."""

    def __init__(self, count: int, seed: int) -> None:
        self.chance = random.Random(seed)
        self.cards = [Card() for _ in range(count)]
        self.batches = 0
        self._coming: dict[int, list[Told]] = defaultdict(list)
        self._delivered: dict[int, list[Line]] = defaultdict(list)
        self._cards_made: dict[str, tuple[int, int]] = {}
        self._unknown: list[Line] = []
        self._parked: Counter[str] = Counter()
        for card in self.cards:
            card.learn(1, "captured", _moment(0, 0))

    def night(self, number: int) -> Night:
        last = number == NIGHTS - 1
        night = Night(GIVEN_UP if last else NIGHT + dt.timedelta(days=number))
        self._people_act(night, number)
        night.told, night.deliveries = self._coming.pop(number, []), self._delivered.pop(number, [])
        for told in night.told:
            self._take_answer(told)
        self._settle(number)
        self._take_deliveries(night.deliveries)
        self._hand_off(night, number)
        for card in self.cards:
            if last and card.life.state == "returned":
                card.learn(card.life.attempt, "purged", _moment(number, 23))
        night.damaged = self.chance.choice([None, *range(1, self.batches)]) if self.batches > 1 else None
        night.stands = [card.stands for card in self.cards]
        night.parked = self._parked + Counter("unknown_card" for _ in self._unknown)
        night.parked += Counter(
            f"{one['event']}_when_{state}" for card in self.cards for one, state in card.life.refused
        )
        return night

    # -- the register, plainly -----------------------------------------------------------------------

    def _take_answer(self, told: Told) -> None:
        line, card = told.line, self.cards[told.line["number"]]
        key = (line["attempt"], line["event"], line["at"])
        batch = card.batches.get(line["attempt"])
        if batch is None:
            self._parked["not_asked_for"] += 1
        elif told.kind != SHIPMENT and batch != told.batch:
            self._parked["other_batch"] += 1
        elif line["attempt"] < card.life.attempt and key not in card.facts:
            self._parked["attempt_over"] += 1
        else:
            card.learn(*key, reason=line.get("reason"), card_number=line.get("card_number"))
            if line["event"] == "produced":
                self._cards_made[line["card_number"]] = (line["number"], line["attempt"])

    def _settle(self, number: int) -> None:
        for card in self.cards:
            if card.life.state == "rejected":
                again = card.life.taken[-1]["reason"] in sent_again()
                attempt = card.life.attempt
                card.learn(attempt + again, "requeued" if again else "returned", _moment(number, 22))

    def _take_deliveries(self, lines: Sequence[Line]) -> None:
        lines, self._unknown = [*self._unknown, *lines], []
        for line in lines:
            if line["card_number"] not in self._cards_made:
                self._unknown.append(line)
                continue
            number, attempt = self._cards_made[line["card_number"]]
            card, key = self.cards[number], (attempt, line["event"], line["at"])
            if attempt < card.life.attempt and key not in card.facts:
                self._parked["attempt_over"] += 1
            else:
                card.learn(*key)

    def _hand_off(self, night: Night, number: int) -> None:
        for card in self.cards:
            if card.in_review and card.on_hold is None:
                card.hold("review")
            elif card.on_hold == "review" and not card.in_review:
                card.on_hold = None
        night.asked = [
            which
            for which, card in enumerate(self.cards)
            if card.life.state == "captured" and not (card.on_hold or card.dead or card.in_review)
        ]
        self.batches += bool(night.asked)
        for which in night.asked:
            card = self.cards[which]
            card.batches[card.life.attempt] = self.batches
            card.learn(card.life.attempt, "handed_off", _moment(number, 23))
            self._answer(Order(which, card.life.attempt, number))

    # -- the others, by chance -----------------------------------------------------------------------

    def _people_act(self, night: Night, number: int) -> None:
        """Stations send dossiers again; people die, are parted, are looked at; holds are lifted."""
        chance = self.chance
        for which, card in enumerate(self.cards):
            luck = chance.random()
            if card.life.state in ("returned", "undeliverable") and luck < 0.4:
                again = (card.life.attempt + 1, "captured", _moment(number, 1))
                card.learn(*again)
                night.captured.append((which, again[0], again[2]))
            elif luck > 0.99:
                card.dead = True
                card.hold("death")
                night.dead.append(which)
            elif luck > 0.97:
                card.hold("identity")
                night.parted.append(which)
            elif luck > 0.95:
                card.in_review = True
                night.reviewed.append(which)
            elif card.in_review and luck > 0.5:
                card.in_review = False
                night.decided.append(which)
            elif card.on_hold in ("death", "identity") and luck > 0.8:
                card.on_hold, card.dead = None, False
                night.released.append(which)

    def _answer(self, order: Order) -> None:
        """Everything that the centre and the office will ever say of this attempt, and when it comes."""
        chance, draw, attempt, night = self.chance, self.chance.random(), order.attempt, order.night
        if draw < 0.04:
            self._say(SYNTAX, order, "rejected", _moment(night + 1, 1), reason="line_unreadable")
        elif draw < 0.25:
            reason = chance.choice(["fingerprint_mismatch", "biometrics_missing"])
            self._say(CONTENT, order, "rejected", _moment(night + 1, 3), reason=reason)
        elif draw < 0.95:
            self._say(CONTENT, order, "accepted", _moment(night + 1, 3))
            self._make(order)
        else:
            self._make(order)
        if chance.random() < 0.02:
            self._say(CONTENT, replace(order, attempt=attempt + 1), "accepted", _moment(night + 1, 3))
        if chance.random() < 0.04:
            at = _moment(night + 1, chance.choice([2, 4]))
            verdict = chance.choice(["accepted", "rejected"])
            reason = chance.choice(["info_mismatch", "biometrics_missing"])
            self._say(CONTENT, order, verdict, at, reason=reason if verdict == "rejected" else None)

    def _make(self, order: Order) -> None:
        chance, night = self.chance, order.night
        for failure in range(chance.choice([0, 0, 0, 0, 1, 2])):
            made = f"C{order.attempt}-{order.which}-{failure}"
            self._say(PRODUCTION, order, "qc_failed", _moment(night + 2, failure), card_number=made)
        made = f"C{order.attempt}-{order.which}"
        for again in range(1 + (chance.random() < 0.03)):
            self._say(PRODUCTION, order, "produced", _moment(night + 2, 8 + again), card_number=made)
        if chance.random() < 0.92:
            self._say(SHIPMENT, order, "shipped", _moment(night + 3, 1), card_number=made)
        steps = chance.choice(
            [(), ("arrived",), ("arrived", "delivered"), ("delivered",), ("arrived", "undeliverable"),
             ("undeliverable", "arrived", "delivered"), ("undeliverable", "delivered")]
        )  # fmt: skip
        for hour, event in enumerate(steps):
            line = {"card_number": made, "event": event, "at": _moment(night + 4, hour)}
            for _ in range(1 + (chance.random() < 0.05)):
                self._delivered[night + self._delay()].append(line)

    def _say(self, kind: str, order: Order, event: str, at: dt.datetime, **more: Any) -> None:
        line = {"number": order.which, "attempt": order.attempt, "event": event, "at": at, **more}
        told = Told(kind, self.batches, at, line)
        for _ in range(1 + (self.chance.random() < 0.05)):
            self._coming[order.night + self._delay()].append(told)

    def _delay(self) -> int:
        return self.chance.choices(_DELAYS, _WEIGHTS)[0]


class Stage:
    """A real store on which nights are played."""

    def __init__(self, place: Platform, centre: Centre, dossiers: Sequence[Dossier], seed: int) -> None:
        self.place, self.centre, self.dossiers = place, centre, dossiers
        self.chance = random.Random(seed)
        self.sent: list[bytes] = []
        self._numbered: dict[int, dict[str, int]] = {}
        self._places = {one.dossier_id: number for number, one in enumerate(dossiers)}

    def play(self, night: Night) -> None:
        self._people_act(night)
        self._land(night)
        self.exchange(night.date)

    def exchange(self, date: dt.date) -> dict[str, int]:
        """Everything of a night that is about cards; what the centre's answers came to."""
        taken = take_answer_files(self.place, date=date)
        take_delivery_files(self.place, date=date)
        hand_off_cards(self.place, date=date)
        reconcile_cards(self.place, date=date)
        return taken

    def stands(self) -> list[tuple[Any, ...]]:
        """As `Card.stands`, in the order of the dossiers."""
        query = (
            "SELECT dossier_id::text, state, attempt, on_hold, card_number, sequence FROM card"
            " LEFT JOIN card_batch USING (batch_no)"
        )
        with self.place.engine.begin() as store:
            rows = {self._places[row[0]]: tuple(row[1:]) for row in store.execute(text(query))}
        return [rows[number] for number in range(len(self.dossiers))]

    def parked(self) -> Counter[str]:
        with self.place.engine.begin() as store:
            return Counter(store.scalars(text("SELECT reason FROM parked")).all())

    def asked(self, batch: int) -> list[int]:
        """The dossiers of a batch."""
        query = (
            "SELECT dossier_id::text FROM card_event JOIN card_batch USING (batch_no)"
            " WHERE sequence = :batch AND event = 'handed_off'"
        )
        with self.place.engine.begin() as store:
            return sorted(self._places[one] for one in store.scalars(text(query), {"batch": batch}))

    def resend(self, batch: int) -> None:
        """Takes a batch out of the outbox and has it put there again; the bytes must be the same."""
        folder = batch_folder(CENTRE, batch)
        before = {info.key: self.place.objects.read_bytes(info.key) for info in self.place.objects.list(folder)}
        for key in before:
            self.place.objects.delete(key)
        resend(self.place, batch)
        assert {key: self.place.objects.read_bytes(key) for key in before} == before

    def _people_act(self, night: Night) -> None:
        date = night.date
        with self.place.engine.begin() as store:
            if night.captured:
                columns = "dossier_id uuid, attempt smallint, captured_at timestamptz"
                store.execute(text(f"CREATE TEMP TABLE taken_dossier ({columns}) ON COMMIT DROP"))
                copy_in(store, "taken_dossier", ["dossier_id", "attempt", "captured_at"], self._captured(night))
                write_events(store, load_sql("dossier", "said"), date=date)
        with self.place.engine.begin() as store:
            self._set(store, night.dead, "death_date = '2021-06-01'")
            hold_persons(store, self._persons(night.dead), "death", date=date)
            hold_persons(store, self._persons(night.parted), "identity", date=date)
            self._set(store, night.reviewed, "in_review = true")
            self._set(store, night.decided, "in_review = false")
            self._set(store, night.released, "death_date = NULL")
            for one in night.released:
                assert release(store, self.dossiers[one].dossier_id, reason="looked at", date=date)

    def _captured(self, night: Night) -> pa.Table:
        rows = [
            {"dossier_id": self.dossiers[number].dossier_id, "attempt": attempt, "captured_at": at}
            for number, attempt, at in night.captured
        ]
        return pa.Table.from_pylist(rows)

    def _set(self, store: Connection, numbers: Sequence[int], change: str) -> None:
        store.execute(
            text(f"UPDATE person SET {change} WHERE person_id = ANY(CAST(:persons AS uuid[]))"),
            {"persons": self._persons(numbers)},
        )

    def _persons(self, numbers: Sequence[int]) -> list[str]:
        return [self.dossiers[one].person_id for one in numbers]

    def _land(self, night: Night) -> None:
        """Answers in parts, in any order, some of them twice; deliveries in a few files."""
        answers = [
            self.centre.answer(kind, lines, made_at=made_at, **({} if kind == SHIPMENT else self.centre.batch(batch)))
            for kind, batch, made_at, lines in self._files(night.told)
        ]
        if night.damaged:
            answers.append(
                self.centre.answer(RECEIPT, **self.centre.batch(night.damaged), result=DAMAGED, reason="sealed_differs")
            )
            answers.append(self.centre.answer(RECEIPT, **self.centre.batch(night.damaged), result=OK))
        self.sent += answers
        for number, content in enumerate([*answers, *self.chance.sample(self.sent, len(self.sent) // 4)]):
            self.centre.put(content, f"{self.chance.random()}-{number}")
        lines = self.chance.sample(night.deliveries, len(night.deliveries))
        for number, part in enumerate(self._parts(lines)):
            body = "".join(
                json.dumps({**line, "happened_at": line["at"].isoformat(), "reason": "moved_away", "at": None}) + "\n"
                for line in part
            )
            name = f"inbox/deliveries/{STATION}/{self.chance.random()}-{night.date}-{number}.jsonl"
            self.place.objects.put_bytes(name, body.encode())

    def _files(self, told: Sequence[Told]) -> Iterator[tuple[str, int, dt.datetime, list[Line]]]:
        """Lines of the same kind, batch and time, in parts in which none is twice."""
        groups: dict[tuple[Any, ...], list[Told]] = defaultdict(list)
        for one in told:
            batch = 0 if one.kind == SHIPMENT else one.batch
            made_at = one.made_at if one.kind in (CONTENT, SYNTAX) else _moment(0, 5)
            groups[one.kind, batch, made_at].append(one)
        for (kind, batch, made_at), lines in groups.items():
            for part in self._parts(self.chance.sample(lines, len(lines))):
                again = part
                while again:
                    once, again = _parted(again)
                    yield kind, batch, made_at, [self._line(one) for one in once]

    def _parts(self, lines: list[Any]) -> Iterator[list[Any]]:
        size = max(1, len(lines) // self.chance.randint(1, 3) + 1)
        return (lines[start : start + size] for start in range(0, len(lines), size))

    def _line(self, told: Told) -> Line:
        line = told.line
        dossier = self.dossiers[line["number"]].dossier_id
        if told.kind == SYNTAX:
            return {"line": self._lines_of(told.batch)[dossier], "error": "bad_mrz"}
        named = {"dossier": dossier, "attempt": line["attempt"]}
        if told.kind == CONTENT:
            return {**named, "result": line["event"], "reason": line.get("reason")}
        if told.kind == PRODUCTION:
            qc = "passed" if line["event"] == "produced" else "failed"
            number = line["card_number"]
            return {**named, "card_number": number, "chip_serial": "S-1", "qc": qc, "made_at": line["at"].isoformat()}
        return {**named, "card_number": line["card_number"], "shipment": "SH-1", "office": STATION,
                "shipped_at": line["at"].isoformat()}  # fmt: skip

    def _lines_of(self, batch: int) -> dict[str, int]:
        """Which line of a batch each of its dossiers is, by the protocol's order."""
        if batch not in self._numbered:
            ids = sorted(self.dossiers[one].dossier_id for one in self.asked(batch))
            self._numbered[batch] = {dossier: line for line, dossier in enumerate(ids, 1)}
        return self._numbered[batch]


def _identity(told: Told) -> tuple[Any, ...]:
    return told.line["number"], told.line["attempt"], told.line.get("card_number")


def _parted(told: Sequence[Told]) -> tuple[list[Told], list[Told]]:
    """What an answer may say once, and what it would say again."""
    once: dict[tuple[Any, ...], Told] = {}
    again = []
    for one in told:
        if _identity(one) in once:
            again.append(one)
        once.setdefault(_identity(one), one)
    return list(once.values()), again


def _moment(day: int, hour: int) -> dt.datetime:
    return dt.datetime(2021, 7, 1, hour, tzinfo=dt.UTC) + dt.timedelta(days=day)
