"""Receive: every landed file gets a ledger row, its bytes go to the archive, and loads are planned."""

import datetime as dt
import hashlib
import logging
import shutil
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from registry.cards.biometrics import settle
from registry.kinds import KINDS
from registry.loads import (
    FileInLoad,
    LandedFile,
    cut_loads,
    mark_left,
    received_files,
    record_landed,
    taken_hashes,
)
from registry.objects import (
    ChangedWhileRead,
    ObjectInfo,
    ObjectMissing,
    Objects,
    ObjectTooLarge,
    is_partial_name,
)
from registry.sidecars import UnreadableSidecar, parse_sidecar, sent_on
from tasks.platform import Platform, platform
from tasks.verb import verb

logger = logging.getLogger(__name__)

LANDING = "landing/"
SIDECAR = ".manifest.json"

#: Larger than any sidecar needs to be.
SIDECAR_BYTES = 64 * 1024

#: Files looked at side by side: the wait is for the disk or for S3.
_READERS = 8


@verb
def receive(date: dt.date, provinces: list[str], sent_until: dt.date | None = None) -> list[str]:
    """Takes landed files into the ledger and the archive; returns the ids of the loads to be read."""
    return receive_files(platform(), date=date, provinces=provinces, sent_until=sent_until)


def receive_files(
    place: Platform, *, date: dt.date, provinces: Collection[str] = (), sent_until: dt.date | None = None
) -> list[str]:
    """Looks at every landed file once, archives what can be taken, and plans the night's loads.

    What was taken of the body for dossiers goes to its place, see `registry.cards.biometrics.settle`.

    Args:
        place: the installation.
        date: the business date.
        provinces: 2-digit codes to which the night is limited; all when empty.
        sent_until: leaves files in landing whose sidecar says that they were sent later (see `flows.backfill`).

    Returns:
        Ids of the loads; each load's plan lies in its scratch folder.
    """
    if left := settle(place.objects)["left_lying"]:
        logger.warning("%d photos and the like stay in landing: still being written, or their key is taken", left)
    shutil.rmtree(place.spool, ignore_errors=True)
    place.spool.mkdir(parents=True, mode=0o700)
    landed = [
        file
        for file in _landed(place.objects)
        if not provinces or _province(place, file[0].key.split("/")[2], date) in provinces
    ]
    if sent_until:
        landed = [file for file in landed if _was_sent(place.objects, file, until=sent_until)]
    with ThreadPoolExecutor(_READERS) as pool:
        files = list(pool.map(lambda pair: _look(place, *pair, date=date), landed))
    with place.engine.begin() as connection:
        _recognise(files, taken_hashes(connection, [file.sha256 for file in files if file.sha256]))
        record_landed(connection, files, business_date=date)
    _clear_landing(place, [file for file in files if file.state != "waiting"])
    return _plan(place, date=date, provinces=provinces)


def _landed(objects: Objects) -> Iterator[tuple[ObjectInfo, bool]]:
    """Data files in landing, each with whether a sidecar lies beside it; folders of no kind are left alone."""
    infos = [info for kind in KINDS for info in objects.list(f"{LANDING}{kind}/")]
    keys = {info.key for info in infos}
    for info in infos:
        if not info.key.endswith(SIDECAR):
            yield info, info.key + SIDECAR in keys


def _kind(key: str) -> str:
    """Name of the kind of a landed file: the folder that it lies in."""
    return key.removeprefix(LANDING).partition("/")[0]


def _was_sent(objects: Objects, file: tuple[ObjectInfo, bool], *, until: dt.date) -> bool:
    """Whether a file was sent by a day; true when its sidecar does not say."""
    info, has_sidecar = file
    if not has_sidecar:
        return True
    try:
        sent = sent_on(parse_sidecar(_read_sidecar(objects, info.key)))
    except UnreadableSidecar:
        return True
    return sent is None or sent <= until


def _province(place: Platform, sender: str, date: dt.date) -> str | None:
    """Province of a sender; an empty text for a national source, null for one that nobody knows."""
    if place.sources.is_named(sender):
        return place.sources.province_of[sender]
    return place.reference.gazetteer.province_of(sender, date)


def _look(place: Platform, info: ObjectInfo, has_sidecar: bool, *, date: dt.date) -> LandedFile:
    """One look at one landed file: may it be taken, and is it what its sidecar says?"""
    sender, _, name = info.key.removeprefix(f"{LANDING}{_kind(info.key)}/").partition("/")
    file = LandedFile(info.key, sender, name or sender, size=info.size)
    if is_partial_name(file.name) or place.objects.being_written(info.key):
        return _wait(file, "is still being written")
    if not name or _province(place, sender, date) is None:
        reason = f"no sender '{sender}' is known: a locality's code or a source of config/sources.csv is expected"
        return file.end("refused", code="sender", reason=reason, who_acts="operator")
    copy = place.spool / f"{hashlib.sha256(info.key.encode()).hexdigest()}.part"
    try:
        fetched = place.objects.fetch(info.key, copy, expect=info)
    except ChangedWhileRead:
        return _wait(file, "changed while it was read")
    file.sha256 = fetched.sha256
    if has_sidecar:
        _check_sidecar(file, _read_sidecar(place.objects, info.key))
    place.objects.put(f"archive/files/{fetched.sha256}", copy)
    copy.replace(place.spool / fetched.sha256)
    return file


def _wait(file: LandedFile, what: str) -> LandedFile:
    reason = f"the file {what}; it is looked at again the next night. If it stays so, the sender must send it again"
    return file.end("waiting", code="writing", reason=reason, who_acts="sender")


def _read_sidecar(objects: Objects, key: str) -> bytes:
    """A file's sidecar; empty, and so unreadable, when it is gone by now or larger than any sidecar is."""
    try:
        return objects.read_bytes(key + SIDECAR, at_most=SIDECAR_BYTES)
    except (ObjectMissing, ObjectTooLarge):
        return b""


def _check_sidecar(file: LandedFile, content: bytes) -> None:
    """Notes what the sidecar states, and holds a file that is not what it says."""
    try:
        file.sidecar = parse_sidecar(content)
    except UnreadableSidecar as fault:
        _hold(file, "sidecar-unreadable", str(fault))
        return
    stated = file.sidecar.get("sha256")
    if stated is not None and stated.lower() != file.sha256:
        _hold(file, "sidecar-sha256", "the file's SHA-256 is not the one that its sidecar states")


def _hold(file: LandedFile, code: str, reason: str) -> None:
    # Still to be read, so that its rows are known; the merge holds it.
    file.end("received", code=code, reason=f"{reason}: the sender must send both again", who_acts="sender")


def _recognise(files: Sequence[LandedFile], taken: set[str]) -> None:
    """Marks files whose bytes were taken before, or lie here twice; the one that its sidecar agrees with stays."""
    seen = set(taken)
    for file in sorted(files, key=lambda file: (file.reason_code is not None, file.key)):
        if file.state != "received" or file.sha256 is None:
            continue
        if file.sha256 in seen:
            reason = "these bytes were received before, under this or another name; their rows are not counted again"
            file.end("repeat", code="repeat", reason=reason, who_acts="sender")
        seen.add(file.sha256)


def _clear_landing(place: Platform, files: Sequence[LandedFile]) -> None:
    """Removes landed copies whose bytes are archived; a refused sender's file is kept as it lies."""
    archived = [file.key for file in files if file.sha256]
    for key in archived:
        place.objects.delete(key)
        place.objects.delete(key + SIDECAR)
    if archived:
        with place.engine.begin() as connection:
            mark_left(connection, archived)


def _plan(place: Platform, *, date: dt.date, provinces: Collection[str]) -> list[str]:
    with place.engine.begin() as connection:
        rows = received_files(connection)
    sizes = {row["file_id"]: row["size"] for row in rows}
    groups: dict[tuple[str, str], list[FileInLoad]] = {}
    for row in rows:
        file = _file_in_load(place, row, date)
        groups.setdefault((file.kind, _province(place, file.sender, date) or ""), []).append(file)
    order = list(KINDS)
    loads = [
        load
        for (_, province), files in sorted(groups.items(), key=lambda group: (order.index(group[0][0]), group[0][1]))
        if not provinces or province in provinces
        for load in cut_loads(files, sizes, province=province, night=date)
    ]
    for load in loads:
        load.write(place.folder(load.load_id))
    return [load.load_id for load in loads]


def _file_in_load(place: Platform, row: dict[str, Any], date: dt.date) -> FileInLoad:
    sidecar = row["sidecar"] or {}
    return FileInLoad(
        file_no=0,
        file_id=row["file_id"],
        sender=row["sender"],
        name=row["name"],
        sha256=row["sha256"],
        sent_on=sent_on(sidecar) or date,
        trust=place.sources.trust(row["sender"]),
        encoding=sidecar.get("encoding"),
        stated_rows=sidecar.get("rows"),
        contradiction=row["reason"],
        kind=_kind(row["key"]),
    )
