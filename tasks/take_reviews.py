"""Take reviews: answered workbooks of the inbox are applied, archived, and answered in the outbox."""

import datetime as dt
import tempfile
from collections import Counter
from pathlib import Path

from registry.errors import SenderError, UsageError
from registry.objects import ChangedWhileRead, ObjectInfo, is_partial_name
from registry.review_answers import OUTCOMES
from registry.workbooks import Table, table_sheet, write_workbook
from tasks.platform import Platform, platform
from tasks.review import apply_answers
from tasks.verb import verb

INBOX, OUTBOX, ARCHIVE = "inbox/reviews/", "outbox/reviews/", "archive/reviews/"

_SUFFIX = ".xlsx"

#: What became of the workbooks, and of their rows.
COUNTS = ("taken", "refused_files", "left_lying", *(name.replace(" ", "_") for name in OUTCOMES), "unanswered")


@verb
def take_reviews(date: dt.date) -> dict[str, int]:
    """Takes the answered workbooks in; returns what became of them and of their rows."""
    return take_workbooks(platform(), date=date)


def take_workbooks(place: Platform, *, date: dt.date) -> dict[str, int]:
    """Applies each workbook under `inbox/reviews/<locality>/`, in the order of their names; safe to run again.

    Its answer lies in `outbox/reviews/<locality>/<name>.answer.xlsx`, its bytes under `archive/reviews/<sha256>`. What
    is still being written, lies elsewhere or is of no locality stays where it is.

    Args:
        place: the installation; the caller holds the night's lock.
        date: the business date.

    Returns:
        `COUNTS`.
    """
    counts = Counter(dict.fromkeys(COUNTS, 0))
    for info in list(place.objects.list(INBOX)):
        counts.update(_take(place, info, date))
    return dict(counts)


def _take(place: Platform, info: ObjectInfo, date: dt.date) -> dict[str, int]:
    locality, _, name = info.key.removeprefix(INBOX).partition("/")
    if not _is_workbook(name) or not _is_known(place, locality, date) or place.objects.being_written(info.key):
        return {"left_lying": 1}
    place.settings.scratch.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(prefix="review-", dir=place.settings.scratch) as folder:
        copy, answer = Path(folder, "answered.xlsx"), Path(folder, "answer.xlsx")
        try:
            fetched = place.objects.fetch(info.key, copy, expect=info)
        except ChangedWhileRead:
            return {"left_lying": 1}
        counts, table = _apply(place, copy, date)
        write_workbook(answer, [table_sheet(table)])
        place.objects.put(f"{ARCHIVE}{fetched.sha256}", copy)
        place.objects.put(f"{OUTBOX}{locality}/{name.removesuffix(_SUFFIX)}.answer.xlsx", answer)
        place.objects.delete(info.key)
    return counts


def _is_workbook(name: str) -> bool:
    return name.endswith(_SUFFIX) and "/" not in name and not is_partial_name(name)


def _is_known(place: Platform, locality: str, date: dt.date) -> bool:
    return place.sources.is_named(locality) or place.reference.gazetteer.name(locality, date) is not None


def _apply(place: Platform, workbook: Path, date: dt.date) -> tuple[dict[str, int], Table]:
    """What became of a workbook, and the sheet that says so."""
    try:
        applied = apply_answers(place, workbook, date=date)
    except (UsageError, SenderError) as fault:
        title = "Không đọc được tệp | The file was refused"
        return {"refused_files": 1}, Table("Kết quả - Answer", title, (("Reason", 120),), [(str(fault),)])
    return {"taken": 1, **applied.counts}, applied.as_table()
