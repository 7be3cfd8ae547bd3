"""Return cards: stations are told in a workbook what the centre rejected, and which cards not to hand over."""

import datetime as dt
import io
from collections import defaultdict

from sqlalchemy import Connection, RowMapping, text

from config.card_reasons import meanings
from registry.database import load_sql
from registry.workbooks import Table, table_sheet, write_workbook
from tasks.platform import TIME_ZONE, Platform, platform
from tasks.verb import verb

_RETURNED = (("dossier_no", 24), ("Trả về ngày | returned on", 24), ("reason", 24), ("Lý do", 60), ("Reason", 60))
_HELD = (("dossier_no", 24), ("card_number", 24), ("state", 18), ("reason", 18))


@verb
def return_cards(date: dt.date) -> dict[str, int]:
    """Writes `returns/<station>/<date>-cards.xlsx` for each station that has something to do; counts."""
    return return_to_stations(platform(), date=date)


def return_to_stations(place: Platform, *, date: dt.date) -> dict[str, int]:
    """The same for an installation: a dossier is named every night until it is sent again, a card until it may go on.

    Returns:
        `stations`, `returned` dossiers and `held` cards.
    """
    with place.engine.begin() as store:
        returned, held = _by_station(store, "returned", zone=TIME_ZONE.key), _by_station(store, "held")
    for station in sorted({*returned, *held}):
        tables = (_returned(returned[station], date), _held(held[station], date))
        book = io.BytesIO()
        write_workbook(book, [table_sheet(table) for table in tables if table.rows])
        place.objects.put_bytes(f"returns/{station}/{date}-cards.xlsx", book.getvalue())
    return {
        "stations": len({*returned, *held}),
        "returned": sum(map(len, returned.values())),
        "held": sum(map(len, held.values())),
    }


def _by_station(store: Connection, query: str, **values: str) -> defaultdict[str, list[RowMapping]]:
    found: defaultdict[str, list[RowMapping]] = defaultdict(list)
    for row in store.execute(text(load_sql("card", query)), values).mappings():
        found[row["station"]].append(row)
    return found


def _returned(rows: list[RowMapping], date: dt.date) -> Table:
    title = f"Hồ sơ bị trung tâm trả lại, {date} | Dossiers that the centre rejected: correct them and send them again"
    lines = [
        (row["number"], row["since"].isoformat(), row["reason"], *meanings().get(row["reason"], ("", "")))
        for row in rows
    ]
    return Table("Trả lại - Returned", title, _RETURNED, lines)


def _held(rows: list[RowMapping], date: dt.date) -> Table:
    title = f"Thẻ tạm giữ, {date} | Cards on hold: do not hand them over"
    return Table(
        "Tạm giữ - On hold",
        title,
        _HELD,
        [(row["number"], row["card_number"], row["state"], row["on_hold"]) for row in rows],
    )
