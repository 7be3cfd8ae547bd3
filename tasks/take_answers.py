"""Take answers: what the production centre says of batches and dossiers, proved before anything of it is read."""

import datetime as dt
from collections import Counter
from dataclasses import replace

import duckdb
from sqlalchemy import Connection, text

from config.card_reasons import sent_again
from registry.bulk import copy_in
from registry.cards.answers import TOLD, tell
from registry.cards.book import write_events
from registry.database import load_sql
from registry.objects import ObjectInfo, ObjectMissing
from registry.sealing.answers import OK, RECEIPT, SHIPMENT, SYNTAX, Answer, Header, read_answer
from registry.sealing.reasons import Reason, Refused
from registry.sealing.signatures import SUFFIX
from tasks.inbox import Landed, Message, State, fetched, note, taken_before, whole_files
from tasks.platform import TIME_ZONE, Platform, platform, today
from tasks.verb import verb

INBOX = "inbox/acks/"

#: A signature is one short line.
_LARGEST_SIGNATURE = 4096


@verb
def take_answers(date: dt.date) -> dict[str, int]:
    """Takes the centre's answers; returns files by what became of them, `events` and `parked` lines."""
    return take_answer_files(platform(), date=date)


def take_answer_files(place: Platform, *, date: dt.date) -> dict[str, int]:
    """Takes every signed file of `inbox/acks/<centre>/`, each in one transaction; may be run again at any time.

    A file without its signature is still being written: it stays. What is refused is noted in `message` with its
    reason, and stays in the archive. Then rejected dossiers go back, or are asked for again.
    """
    counts: Counter[str] = Counter(taken=0, repeat=0, parked=0, refused=0, unsigned=0, events=0, parked_lines=0)
    for info in whole_files(place, INBOX):
        if info.key.endswith(SUFFIX):
            _clear_up(place, info.key)
            continue
        signature = _signature(place, info)
        if signature is None:
            counts["unsigned"] += 1
            continue
        with fetched(place, info, INBOX) as landed:
            if landed is None:
                continue
            with place.engine.begin() as store:
                counts.update(_take(place, store, landed, signature, date))
        place.objects.delete(info.key)
        place.objects.delete(f"{info.key}{SUFFIX}")
    with place.engine.begin() as store:
        _settle_rejected(store, date)
    return dict(counts)


def _clear_up(place: Platform, signature: str) -> None:
    """Removes a signature without its answer, which is written first and so was taken: the run was killed then."""
    if not place.objects.exists(signature.removesuffix(SUFFIX)):
        place.objects.delete(signature)


def _signature(place: Platform, info: ObjectInfo) -> bytes | None:
    try:
        return place.objects.read_bytes(f"{info.key}{SUFFIX}", at_most=_LARGEST_SIGNATURE)
    except ObjectMissing:
        return None


def _take(place: Platform, store: Connection, landed: Landed, signature: bytes, date: dt.date) -> dict[str, int]:
    message = Message(landed.source, landed.info.key, landed.sha256)
    try:
        # By the day on which it is read: a key that was retired since does not count in a night of long ago either.
        answer = read_answer(landed.path, signature, place.keys.read(), centre=landed.source, day=today())
    except Refused as error:
        note(store, replace(message, state="refused", reason=error.reason), date=date)
        return {"refused": 1}
    header = answer.header
    message = replace(message, kind=header.kind, sequence=header.sequence, lines=header.count)
    if taken_before(store, landed):
        note(store, replace(message, state="repeat"), date=date)
        return {"repeat": 1}
    reason, batch_no = _place(store, header)
    if reason:
        state: State = "parked" if reason is Reason.UNKNOWN_BATCH else "refused"
        note(store, replace(message, batch_no=batch_no, state=state, reason=reason), date=date)
        return {state: 1}
    message_no = note(store, replace(message, batch_no=batch_no), date=date)
    return {"taken": 1, **_apply(store, answer, batch_no, message_no, date)}


def _place(store: Connection, header: Header) -> tuple[Reason | None, int | None]:
    """Why an answer fits no batch, if it does not; and its batch."""
    values = {"centre": header.centre, "sequence": header.sequence, "batch": header.batch}
    if store.scalar(text(load_sql("answer", "sequence_taken")), values):
        return Reason.SEQUENCE_TAKEN, None
    if header.kind == SHIPMENT:
        return None, None
    batch = store.execute(text(load_sql("answer", "batch")), values).one_or_none()
    if batch is None:
        return Reason.UNKNOWN_BATCH, None
    if batch.manifest_sha256 != header.manifest_sha256:
        return Reason.WRONG_MANIFEST, batch.batch_no
    return None, batch.batch_no


def _apply(
    store: Connection, answer: Answer, batch_no: int | None, message_no: int, date: dt.date
) -> dict[str, int]:  # fmt: skip
    """Writes what an answer says; lines that fit nothing are parked."""
    header = answer.header
    values = {"batch_no": batch_no, "message_no": message_no, "made_at": header.made_at, "date": date}
    if header.kind == RECEIPT:
        statement = "receive_batch" if header.result == OK else "publish_again"
        store.execute(text(load_sql("answer", statement)), values)
        return {}
    with duckdb.connect() as local:
        told = tell(local, answer)
    store.exec_driver_sql(load_sql("answer", "create_told"))
    copy_in(store, "told", TOLD.names, told)
    store.exec_driver_sql("ANALYZE told")
    if header.kind == SYNTAX:
        store.execute(text(load_sql("answer", "name_lines")), values)
    store.execute(text(load_sql("answer", "create_fitting")), values)
    parked = store.execute(text(load_sql("answer", "park_lines")), values).rowcount
    events = write_events(store, load_sql("answer", "said"), values, date=date)
    return {"events": events, "parked_lines": parked}


def _settle_rejected(store: Connection, date: dt.date) -> None:
    values = {"sent_again": list(sent_again()), "now": dt.datetime.now(TIME_ZONE)}
    write_events(store, load_sql("answer", "rejected"), values, date=date)
