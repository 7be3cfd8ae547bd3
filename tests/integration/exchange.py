"""The real register and the test centre on one object store, each with its own keys, by the written protocol alone."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import text

from centre.faults import Faults
from centre.house import House, make_keys, trust
from centre.run import run_centre
from config.centre import CENTRE
from registry.sealing.keys import ESCROW, REGISTER, SEALING, SIGNING, read_key
from registry.sealing.manifest import batch_folder
from tasks.hand_off import hand_off_cards
from tasks.platform import Platform
from tasks.reconcile import reconcile_cards
from tasks.take_answers import take_answer_files
from tasks.take_deliveries import take_delivery_files
from tests.integration.card_store import NIGHT, Dossier, add_dossiers
from tests.integration.outbox import TODAY

#: What a plain line of these persons has in it: the machine-readable zone, the number, the name.
PLAIN = (b"NGUYEN<<VAN", b"0750840", "NGUYỄN VĂN".encode())


@dataclass
class Exchange:
    """Both parties; dossiers are numbered through all batches."""

    place: Platform
    house: House
    _dossiers: int = 0

    @classmethod
    def at(cls, place: Platform, home: Path) -> "Exchange":
        """The parties have each other's keys; the centre lives in `home`."""
        house = House(CENTRE, home, place.objects)
        signing = place.keys.make(REGISTER, SIGNING, day=TODAY)
        place.keys.make(ESCROW, SEALING, day=TODAY, private_in=home.with_name("escrow"))
        for file in make_keys(house):
            place.keys.add(read_key(file.read_bytes()), day=TODAY)
        trust(house, [place.keys.path / "public" / f"{signing.key_id}.json"])
        return cls(place, house)

    def batch(self, count: int = 2) -> int:
        """Hands new dossiers off; the batch's sequence."""
        self.capture(count)
        hand_off_cards(self.place, date=NIGHT)
        return len({key.split("/")[3] for key in self.outbox()})

    def capture(self, count: int) -> list[Dossier]:
        self._dossiers += count
        return add_dossiers(self.place, count, first=self._dossiers - count)

    def centre(self, **faults: Any) -> dict[str, Any]:
        """A run of the centre, which speaks for the offices too."""
        return run_centre(self.house, faults=Faults(**faults), deliver=1.0)

    def take(self) -> dict[str, int]:
        """What the register makes of the answers, and of the deliveries, without what is nothing."""
        counts = take_answer_files(self.place, date=NIGHT)
        take_delivery_files(self.place, date=NIGHT)
        return {what: count for what, count in counts.items() if count}

    def night(self) -> dict[str, int]:
        """The register's whole night."""
        counts = self.take()
        hand_off_cards(self.place, date=NIGHT)
        reconcile_cards(self.place, date=NIGHT)
        return counts

    def outbox(self, batch: int | None = None) -> dict[str, bytes]:
        folder = batch_folder(CENTRE, batch) if batch else "outbox/cards/"
        return {info.key: self.place.objects.read_bytes(info.key) for info in self.place.objects.list(folder)}

    def inbox(self) -> dict[str, bytes]:
        prefix = "inbox/acks/"
        return {info.key: self.place.objects.read_bytes(info.key) for info in self.place.objects.list(prefix)}

    def put(self, files: dict[str, bytes]) -> None:
        for key, content in files.items():
            self.place.objects.put_bytes(key, content)

    def clear(self, *keys: str) -> None:
        for key in keys:
            self.place.objects.delete(key)

    def messages(self) -> list[tuple[str, str, str | None, int]]:
        """Key, state, reason and number of events of each message, in the order in which they were looked at."""
        query = (
            "SELECT key, state, reason, (SELECT count(*) FROM card_event AS e WHERE e.message_no = m.message_no)"
            " FROM message AS m ORDER BY message_no"
        )
        with self.place.engine.begin() as store:
            return [tuple(row) for row in store.execute(text(query))]

    def events(self) -> int:
        with self.place.engine.begin() as store:
            return int(store.scalar(text("SELECT count(*) FROM card_event")) or 0)

    def plain_files(self) -> list[Path]:
        """Files under the scratch folder and the centre's home with something of a person in them."""
        roots = (self.place.settings.scratch, self.house.home)
        files = [path for root in roots if root.exists() for path in root.rglob("*") if path.is_file()]
        return [path for path in files if any(sign in path.read_bytes() for sign in PLAIN)]
