"""The centre's house: its code, its folder, its keys, and the object store that it shares with the register."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from registry.errors import UsageError
from registry.objects import Objects
from registry.sealing.key_folder import KeyFolder
from registry.sealing.keys import ACTIVE, REGISTER, SEALING, SIGNING, read_key


@dataclass(frozen=True)
class House:
    """Where a centre works.

    Attributes:
        centre: its code.
        home: its own folder, private.
        objects: the store with `outbox/` and `inbox/`.
    """

    centre: str
    home: Path
    objects: Objects

    @property
    def keys(self) -> KeyFolder:
        """Its own keys, and the register's public ones."""
        return KeyFolder(self.home / "keys")

    def folder(self, name: str) -> Path:
        """A folder under its home."""
        path = self.home / name
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        return path


def make_keys(house: House) -> list[Path]:
    """Makes the centre's keys where it has none; returns the files that it hands over to the register."""
    day, keys = today(), house.keys.read()
    active = [
        next((key for key in keys.of(house.centre, purpose) if key.state(day) == ACTIVE), None)
        or house.keys.make(house.centre, purpose, day=day)
        for purpose in (SEALING, SIGNING)
    ]
    return [house.keys.path / "public" / f"{key.key_id}.json" for key in active]


def trust(house: House, files: Sequence[Path]) -> None:
    """Takes in the register's public signing keys.

    Raises:
        Refused: a file is no key file.
        UsageError: a key is not the register's.
    """
    for file in files:
        key = read_key(file.read_bytes())
        if (key.owner, key.purpose) != (REGISTER, SIGNING):
            raise UsageError(f"{file} is no signing key of the register; the centre trusts nobody else's")
        house.keys.add(key, day=today())


def today() -> dt.date:
    """The day by which keys count."""
    return dt.datetime.now(dt.UTC).date()
