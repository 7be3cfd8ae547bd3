"""Return cards: each station is told which of its dossiers the centre rejected, and why, in a workbook."""

import datetime as dt
import io
import itertools

from sqlalchemy import RowMapping, text

from config.card_reasons import meanings
from registry.database import load_sql
from registry.workbooks import Table, table_sheet, write_workbook
from tasks.platform import TIME_ZONE, Platform, platform
from tasks.verb import verb

_HEADERS = (("dossier_no", 24), ("Trả về ngày | returned on", 22), ("reason", 24), ("Lý do", 60), ("Reason", 60))


@verb
def return_cards(date: dt.date) -> dict[str, int]:
    """Writes `returns/<station>/<date>-cards.xlsx` for each station with dossiers to correct; counts of both."""
    return return_rejected(platform(), date=date)


def return_rejected(place: Platform, *, date: dt.date) -> dict[str, int]:
    """The same for an installation. A dossier stands in the workbook of every night until it is sent again."""
    with place.engine.begin() as store:
        returned = store.execute(text(load_sql("card", "returned")), {"zone": TIME_ZONE.key}).mappings().all()
    counts = {"stations": 0, "dossiers": len(returned)}
    for station, rows in itertools.groupby(returned, key=lambda row: row["station"]):
        book = io.BytesIO()
        write_workbook(book, [table_sheet(_table(list(rows), date))])
        place.objects.put_bytes(f"returns/{station}/{date}-cards.xlsx", book.getvalue())
        counts["stations"] += 1
    return counts


def _table(rows: list[RowMapping], date: dt.date) -> Table:
    title = f"Hồ sơ bị trung tâm trả lại, {date} | Dossiers that the centre rejected: correct them and send them again"
    lines = [
        (row["number"], row["since"].isoformat(), row["reason"], *meanings().get(row["reason"], ("", "")))
        for row in rows
    ]
    return Table("Trả lại - Returned", title, _HEADERS, lines)
