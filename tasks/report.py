"""Report: one page for the night, the list of nights, and Great Expectations Data Docs, all without a person."""

import datetime as dt
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from expectations.docs import build_docs
from expectations.rules import SUITES, rules_by_id
from registry.cases import waiting_cases
from registry.formats.reasons import ROW_MESSAGES
from registry.night_page import Night, night_page, nights_page
from registry.nights import (
    LoadOfNight,
    PastNight,
    RuleOfNight,
    cards_of_night,
    files_of_night,
    loads_of_night,
    open_rows,
    past_nights,
    rules_of_night,
    store_of_night,
)
from registry.objects import Objects, put_folder
from tasks.platform import Platform, platform
from tasks.verb import verb

#: Loads whose own validation goes into Data Docs, those with most failures; the night's sum is always there.
DOCUMENTED_LOADS = 10


@verb
def report(date: dt.date) -> str:
    """Publishes the night's page and Data Docs; returns the page's key in the object store."""
    return publish_report(platform(), date=date)


def publish_report(place: Platform, *, date: dt.date) -> str:
    """Writes `reports/<date>/index.html`, `reports/<date>/docs/` and `reports/index.html`.

    The page is a function of the store: publishing it again brings it up to date.

    Args:
        place: the installation.
        date: the business date.

    Returns:
        Key of the night's page.
    """
    with place.engine.begin() as store:
        nights = {night.date: night for night in past_nights(store)}
        loads, store_report = loads_of_night(store, date), store_of_night(store, date)
        night = Night(
            date=date,
            files=files_of_night(store, date),
            loads=loads,
            rules=rules_of_night(store, date),
            store_rules=_store_rules(store_report),
            open_rows=open_rows(store, date),
            cases=waiting_cases(store, date),
            cards=cards_of_night(store, date),
            seconds=nights[date].seconds if date in nights else None,
        )
    night = replace(
        night,
        docs=_publish_docs(place, date, _documented(date, loads, store_report)),
        progress=place.objects.exists(f"reports/{date}/progress/index.html"),
    )
    key = f"reports/{date}/index.html"
    page = night_page(night, sender_name=_sender_name(place, date), messages=_messages())
    place.objects.put_bytes(key, page.encode())
    nights.setdefault(date, PastNight(date))
    listed = [nights[day] for day in sorted(nights, reverse=True)]
    place.objects.put_bytes("reports/index.html", nights_page(listed).encode())
    return key


def _sender_name(place: Platform, date: dt.date) -> Callable[[str], str]:
    """Names senders by the gazetteer or by `config/sources.csv`; what neither knows is not repeated."""
    gazetteer, sources = place.reference.gazetteer, place.sources

    def name(sender: str) -> str:
        if sources.is_named(sender):
            return sender
        known = gazetteer.name(sender, date)
        return f"{known} ({sender})" if known else "an unknown sender"

    return name


def _messages() -> dict[str, tuple[str, str]]:
    rules = {rule.id: (rule.message_vi, rule.message_en) for rule in rules_by_id().values()}
    return {**ROW_MESSAGES, **rules}


def _store_rules(report: dict[str, Any] | None) -> list[RuleOfNight]:
    return [RuleOfNight("store", **rule) for rule in (report or {}).get("suites", {}).get("store", [])]


# -- Data Docs -----------------------------------------------------------------------------------------


def _documented(
    date: dt.date, loads: Sequence[LoadOfNight], store_report: dict[str, Any] | None
) -> list[dict[str, Any]]:
    """Validations for Data Docs: the night as a whole, the store, and the loads with most failures.

    Those of a suite that has other rules today are left out: the counts stand on the night's page.
    """
    whole = _sum_of(date, [load.validation for load in loads])
    worst = sorted(loads, key=lambda load: (-_failures(load.validation), load.load_no))[:DOCUMENTED_LOADS]
    reports = [whole, store_report, *(load.validation for load in worst)]
    return [report for report in reports if report and _is_current(report)]


def _failures(report: dict[str, Any]) -> int:
    return sum(int(rule["failed"]) for counts in report.get("suites", {}).values() for rule in counts)


def _is_current(report: dict[str, Any]) -> bool:
    ids = {rule["id"] for counts in report["suites"].values() for rule in counts}
    return ids <= rules_by_id().keys()


def _sum_of(date: dt.date, validations: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    """The night's loads as one validation: the counts of each rule added up."""
    suites: dict[str, dict[str, dict[str, Any]]] = {}
    for validation in validations:
        for suite, counts in validation.get("suites", {}).items():
            for rule in counts:
                known = suites.setdefault(suite, {}).setdefault(rule["id"], {**rule, "evaluated": 0, "failed": 0})
                known["evaluated"] += rule["evaluated"]
                known["failed"] += rule["failed"]
    if not suites:
        return None
    added = {suite: list(rules.values()) for suite, rules in suites.items()}
    return {"load": f"night-{date}", "business_date": date.isoformat(), "suites": added}


def _publish_docs(place: Platform, date: dt.date, reports: Sequence[dict[str, Any]]) -> list[tuple[str, str]]:
    """Publishes Data Docs; returns its main pages as the night's page links them.

    The site's own index is made by scripts that a browser fetches from elsewhere, so the suites of the night as a
    whole are linked as well, which show without them.
    """
    if not reports:
        return []
    prefix, folder = f"reports/{date}/docs", place.settings.scratch / f"docs-{date}"
    build_docs(reports, folder)
    put_folder(folder, place.objects, prefix)
    _clear_former(place.objects, folder, prefix)
    pages = [
        (suite, f"docs/{path.relative_to(folder).as_posix()}")
        for suite in SUITES
        for path in sorted(folder.glob(f"validations/{suite}/{'store' if suite == 'store' else 'night'}-*/*/*.html"))
    ]
    shutil.rmtree(folder)
    return [("all", "docs/index.html"), *pages]


def _clear_former(objects: Objects, folder: Path, prefix: str) -> None:
    """Removes pages of the site as it was before."""
    for info in list(objects.list(f"{prefix}/")):
        if not (folder / info.key.removeprefix(f"{prefix}/")).exists():
            objects.delete(info.key)
