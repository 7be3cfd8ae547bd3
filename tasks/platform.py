"""What every verb works on: the store, the objects, the reference data; opened once a process."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from config.settings import Settings
from config.sources import Sources
from registry.database import open_database
from registry.errors import PlatformError
from registry.linkage.model import LinkageModel
from registry.objects import Objects, open_objects
from registry.reference import Reference
from registry.sealing.key_folder import KeyFolder

#: What of a load's forms can be compared, among its files in the archive.
EVIDENCE = "evidence.arrow"

#: What its linkage came to, in counts, among the files of its scratch folder.
LINKAGE = "linkage.json"

#: What is decided and not set: reference data, places, sources, the linkage model.
CONFIG = Path(__file__).parents[1] / "config"

#: A night belongs to the day on which it begins to work, in the nation's own time.
TIME_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


@dataclass(frozen=True)
class Platform:
    """The store and the objects of one installation."""

    settings: Settings

    @cached_property
    def engine(self) -> Engine:
        """The PostgreSQL store."""
        url = self.settings.database_url
        return open_database(url.get_secret_value() if url else None, home=self.settings.root)

    @cached_property
    def objects(self) -> Objects:
        """The object store."""
        return open_objects(
            self.settings.objects_url, home=self.settings.root, endpoint_url=self.settings.s3_endpoint_url
        )

    @property
    def reference(self) -> Reference:
        """Gazetteer and code lists."""
        return _reference()

    @cached_property
    def sources(self) -> Sources:
        """Who may send, and how far each is trusted."""
        return Sources.load()

    @cached_property
    def linkage_model(self) -> LinkageModel:
        """How forms are compared."""
        return LinkageModel.load(CONFIG / "linkage")

    @property
    def keys(self) -> KeyFolder:
        """The register's own keys, and the public ones of those with whom it exchanges files."""
        secret = self.settings.signing_key
        return KeyFolder(self.settings.key_folder, signing_key=secret.get_secret_value() if secret else None)

    @property
    def spool(self) -> Path:
        """Local copies of the night's files as received, named by their SHA-256."""
        return self.settings.scratch / "landed"

    def received_copy(self, sha256: str) -> Path:
        """A received file: the local copy, or as the archive has it where this machine has none."""
        copy = self.spool / sha256
        return copy if copy.exists() else self.objects.as_file(f"archive/files/{sha256}", copy)

    def evidence_files(self, load_ids: Sequence[str]) -> list[Path]:
        """The evidence of merged loads as local files, fetched once from a store that is elsewhere."""
        return [self.archived(load_id, EVIDENCE, self.settings.root / "evidence") for load_id in load_ids]

    def archived(self, load_id: str, name: str, folder: Path) -> Path:
        """A file of a merged load's archive: where it lies, or the copy in `folder`, fetched once.

        Raises:
            ObjectMissing: the archive has no such file.
        """
        copy = folder / f"{load_id}-{name}"
        return copy if copy.exists() else self.objects.as_file(f"archive/forms/{load_id}/{name}", copy)

    def folder(self, load_id: str) -> Path:
        """Scratch folder of a load; private, and gone when the load is merged."""
        if not load_id.isalnum():
            raise PlatformError(f"{load_id!r} is no load: run the night again, it plans its loads itself")
        folder = self.settings.scratch / load_id
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return folder


@cache
def _reference() -> Reference:
    return Reference.load(CONFIG)


@cache
def platform() -> Platform:
    """The installation that the environment names."""
    return Platform(Settings())


def today() -> dt.date:
    """The business date now."""
    return dt.datetime.now(TIME_ZONE).date()
