"""Hand off: the night's persons who need a card go to the production centre in one file, each once.

The order of writing is the protocol: the cards' file first, then the store's commit, then the manifest. A batch
without a manifest is no batch, so the centre sees all of it or nothing; a run that was killed in between leaves
a batch that the next one publishes as it was decided.
"""

import datetime as dt
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import Connection, text

from registry.database import load_sql
from registry.errors import PlatformError
from tasks.night import fill_touched
from tasks.platform import Platform, platform
from tasks.verb import verb

SCHEMA = "dancu.cards/1"

#: Law on Identification 26/2023/QH15 art. 19: from this age on a citizen must have a card.
CARD_AGE = 14

#: COPY's csv form with marks that JSON text cannot hold, so that a line comes out as it is.
_PLAIN = "COPY ({query}) TO STDOUT (FORMAT csv, DELIMITER E'\\x02', QUOTE E'\\x01')"


@dataclass(frozen=True)
class Batch:
    """A hand-off batch: its sequence number, its cards, and the SHA-256 of their file."""

    sequence: int
    business_date: dt.date
    cards: int
    sha256: str

    @property
    def folder(self) -> str:
        """Its place in the outbox."""
        return f"outbox/cards/{self.sequence:06d}"

    def manifest(self) -> bytes:
        """What the centre reads first, and what is written last."""
        manifest = {
            "schema": SCHEMA,
            "sequence": self.sequence,
            "business_date": self.business_date.isoformat(),
            "count": self.cards,
            "sha256": self.sha256,
        }
        return json.dumps(manifest, indent=2).encode() + b"\n"


@verb
def hand_off(date: dt.date) -> dict[str, int]:
    """Hands the night's batch to the card centre; returns its sequence and how many cards it asks for."""
    return hand_off_cards(platform(), date=date)


def hand_off_cards(place: Platform, *, date: dt.date) -> dict[str, int]:
    """Publishes what an earlier run decided and could not publish, then decides and publishes tonight's batch.

    Living citizens of `CARD_AGE` or more with name, full birth date, sex, personal number and residence, whose
    number nobody else states and for whom no card was asked, are handed off once.
    """
    _publish(place)
    batch = _decide(place, date)
    _publish(place)
    return {"batches": 1, "sequence": batch.sequence, "cards": batch.cards} if batch else {"batches": 0, "cards": 0}


def _decide(place: Platform, date: dt.date) -> Batch | None:
    with place.engine.begin() as store:
        following = store.execute(text(load_sql("hand_off", "next_batch"))).mappings().one()
        sequence = int(following["sequence"])
        fill_touched(store, since_load=following["since_load"])
        cards = store.exec_driver_sql(
            load_sql("hand_off", "insert_cards"),
            {
                "sequence": sequence,
                "birthday": _years_before(date, CARD_AGE).isoformat(),
                "birthday_before": _years_before(following["since_date"] or dt.date.max, CARD_AGE).isoformat(),
            },
        ).rowcount
        if not cards:
            return None
        path = place.settings.scratch / f"cards-{sequence:06d}.jsonl"
        batch = Batch(sequence, date, cards, _write_lines(store, sequence, path))
        place.objects.put(f"{batch.folder}/cards.jsonl", path)
        path.unlink()
        store.execute(
            text(
                "INSERT INTO card_batch (sequence, business_date, cards, up_to_load, sha256)"
                " VALUES (:sequence, :date, :cards, :up_to_load, :sha256)"
            ),
            {
                "sequence": sequence,
                "date": date,
                "cards": cards,
                "up_to_load": following["up_to_load"],
                "sha256": batch.sha256,
            },
        )
    return batch


def _years_before(day: dt.date, years: int) -> dt.date:
    """The same day some years before; for 29 February the 28th, so that nobody comes of age a day too early."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def _write_lines(store: Connection, sequence: int, path: Path) -> str:
    """Streams the batch into `path`; returns its SHA-256."""
    query = load_sql("hand_off", "card_lines").format(sequence=sequence)
    digest = hashlib.sha256()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    driver: Any = store.connection.driver_connection
    if not isinstance(driver, psycopg.Connection):
        raise PlatformError("the store is not reached through psycopg: set DANCU_DATABASE_URL to a PostgreSQL server")
    with path.open("wb") as file, driver.cursor() as cursor, cursor.copy(_PLAIN.format(query=query)) as lines:
        for block in lines:
            digest.update(block)
            file.write(block)
    return digest.hexdigest()


def _publish(place: Platform) -> None:
    """Writes the manifests of decided batches that have none yet."""
    with place.engine.begin() as store:
        rows = store.execute(
            text(
                "SELECT sequence, business_date, cards, sha256 FROM card_batch"
                " WHERE published_at IS NULL ORDER BY sequence FOR UPDATE"
            )
        ).all()
        for row in rows:
            batch = Batch(*row)
            place.objects.put_bytes(f"{batch.folder}/manifest.json", batch.manifest())
            store.execute(
                text("UPDATE card_batch SET published_at = now() WHERE sequence = :sequence"),
                {"sequence": batch.sequence},
            )
