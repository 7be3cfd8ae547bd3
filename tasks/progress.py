"""Progress: the night's counts by commune, landed targets, and the pages that show how far each place is."""

import datetime as dt
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from registry.errors import PlatformError, SenderError
from registry.objects import ChangedWhileRead, ObjectInfo, is_partial_name, put_folder
from registry.places import NATION
from registry.progress.counts import count_night, history_of
from registry.progress.page import write_pages
from registry.progress.standing import Standing, standing_on
from registry.progress.table import rows_of
from registry.progress.targets import Target, read_targets, stored_targets, write_targets
from registry.progress.tiles import read_tiles
from tasks.platform import CONFIG, Platform, platform
from tasks.verb import verb

LANDING, ARCHIVE = "landing/targets/", "archive/targets/"

#: A table of targets for every commune of the nation is smaller, in bytes.
LARGEST = 4 * 2**20


@verb
def count_progress(date: dt.date) -> dict[str, Any]:
    """Counts the night, takes landed targets in, and publishes how far each place is; see `publish_progress`."""
    return publish_progress(platform(), date=date)


def publish_progress(place: Platform, *, date: dt.date) -> dict[str, Any]:
    """Writes `reports/<date>/progress/`: a page for the country, each province, and each district while there are any.

    Done again, it brings the counts of the night and its pages up to date.

    Returns:
        `page`, the key of the country's page, None where nothing is counted yet; `rows`, see
        `registry.progress.table.rows_of`, of the nation and its provinces; `refused`, what is wrong with files of
        targets that stay in landing.
    """
    refused = take_targets(place)
    with place.engine.begin() as store:
        count_night(store, date)
    standing = read_standing(place, date=date)
    if standing is None:
        return {"page": None, "rows": [], "refused": refused}
    prefix = f"reports/{date}/progress"
    place.settings.scratch.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(prefix="progress-", dir=place.settings.scratch) as folder:
        tiles = read_tiles(CONFIG / "places" / "tiles.csv", first_day=standing.first_day)
        write_pages(standing, Path(folder), tiles=tiles)
        put_folder(Path(folder), place.objects, prefix)
    rows = rows_of(standing, levels=("nation", "province"))
    return {"page": f"{prefix}/index.html", "rows": rows, "refused": refused}


def read_standing(place: Platform, *, date: dt.date, places_of: dt.date | None = None) -> Standing | None:
    """How far each place was on a day, see `registry.progress.standing.standing_on`."""
    gazetteer = place.reference.gazetteer
    with place.engine.begin() as store:
        return standing_on(
            date,
            history=history_of(store),
            targets=[*_configured(place), *stored_targets(store)],
            gazetteer=gazetteer,
            places_of=places_of,
        )


def _configured(place: Platform) -> Sequence[Target]:
    """The targets of `config/targets.csv`."""
    content = (CONFIG / "targets.csv").read_bytes()
    try:
        return read_targets(content, sender=NATION, gazetteer=place.reference.gazetteer)
    except SenderError as fault:
        raise PlatformError(f"config/targets.csv: {fault}, and that is the operator") from None


# -- targets that land -------------------------------------------------------------------------------------


def take_targets(place: Platform) -> list[str]:
    """Takes the files `landing/targets/<who sets them>/<name>.csv` into the store and the archive, out of landing.

    A file with a wrong line stays where it lies, and none of its lines is taken. Of two targets of the same place,
    measure and period the later one holds.

    Returns:
        What is wrong with each file that stays, without any cell of it.
    """
    found = (_take(place, info) for info in list(place.objects.list(LANDING)))
    return [fault for fault in found if fault]


def _take(place: Platform, info: ObjectInfo) -> str | None:
    """Takes one file; what is wrong with it, or None."""
    sender, _, name = info.key.removeprefix(LANDING).partition("/")
    if is_partial_name(name) or place.objects.being_written(info.key):
        return None
    if info.size > LARGEST:
        return f"a file of targets of {_named(place, sender)} stays in landing: it has more than {LARGEST:,} bytes"
    place.settings.scratch.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(prefix="targets-", dir=place.settings.scratch) as folder:
        copy = Path(folder, "targets.csv")
        try:
            fetched = place.objects.fetch(info.key, copy, expect=info)
            targets = read_targets(copy.read_bytes(), sender=sender, gazetteer=place.reference.gazetteer)
        except ChangedWhileRead:
            return None
        except SenderError as fault:
            return f"a file of targets of {_named(place, sender)} stays in landing: {fault}"
        place.objects.put(f"{ARCHIVE}{fetched.sha256}", copy)
    with place.engine.begin() as store:
        write_targets(store, targets, set_by=sender)
    place.objects.delete(info.key)
    return None


def _named(place: Platform, sender: str) -> str:
    """The code of a place; a name that is none is not repeated."""
    gazetteer = place.reference.gazetteer
    known = partial(gazetteer.name, sender)
    return sender if sender == NATION or any(map(known, gazetteer.first_days)) else "an unknown sender"
