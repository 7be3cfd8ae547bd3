"""Take deliveries: what offices say of cards: that they arrived, were handed over, or could not be."""

import datetime as dt
from collections import Counter
from dataclasses import replace

import duckdb
from sqlalchemy import Connection, text

from registry.bulk import copy_in
from registry.cards.book import write_events
from registry.cards.deliveries import DELIVERIES, STATED, state_deliveries
from registry.database import load_sql
from registry.formats.headers import header_names
from registry.formats.limits import Limits
from registry.formats.reader import read_file
from registry.formats.reasons import FileError
from tasks.inbox import Landed, Message, fetched, note, taken_before, whole_files
from tasks.platform import Platform, platform
from tasks.verb import verb

INBOX = "inbox/deliveries/"


@verb
def take_deliveries(date: dt.date) -> dict[str, int]:
    """Takes what offices say of cards; returns files by what became of them, `events` and `parked` lines."""
    return take_delivery_files(platform(), date=date)


def take_delivery_files(place: Platform, *, date: dt.date) -> dict[str, int]:
    """Takes every file of `inbox/deliveries/<office>/`, each in one transaction; may be run again at any time.

    Lines about cards that nobody knew are looked at again first: the centre may have told of those cards since.
    """
    counts: Counter[str] = Counter(taken=0, repeat=0, refused=0, events=0, parked=0)
    with place.engine.begin() as store:
        store.exec_driver_sql(load_sql("deliver", "create_stated"))
        if store.exec_driver_sql(load_sql("deliver", "take_parked")).rowcount:
            counts.update(_write(store, date))
    for info in whole_files(place, INBOX):
        with fetched(place, info, INBOX) as landed:
            if landed is None:
                continue
            with place.engine.begin() as store:
                counts.update(_take(store, landed, date))
        place.objects.delete(info.key)
    return dict(counts)


def _take(store: Connection, landed: Landed, date: dt.date) -> dict[str, int]:
    message = Message(landed.source, landed.info.key, landed.sha256, kind="delivery")
    if taken_before(store, landed):
        note(store, replace(message, state="repeat"), date=date)
        return {"repeat": 1}
    name = landed.info.key.rpartition("/")[2]
    try:
        told = read_file(landed.path, name=name, encoding=None, headers=header_names((), DELIVERIES), limits=Limits())
    except FileError as error:
        note(store, replace(message, state="refused", reason=error.reason), date=date)
        return {"refused": 1}
    message_no = note(store, replace(message, lines=told.rows), date=date)
    with duckdb.connect() as local:
        stated = state_deliveries(local, told, message_no=message_no)
    store.exec_driver_sql(load_sql("deliver", "create_stated"))
    copy_in(store, "stated", STATED.names, stated)
    return {"taken": 1, **_write(store, date)}


def _write(store: Connection, date: dt.date) -> dict[str, int]:
    """Appends what the lines in `stated` say; what is about no card that is known is parked."""
    store.exec_driver_sql(load_sql("deliver", "create_fitting"))
    parked = store.execute(text(load_sql("deliver", "park_lines")), {"date": date}).rowcount
    return {"events": write_events(store, load_sql("deliver", "said"), date=date), "parked": parked}
