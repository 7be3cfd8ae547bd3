"""The night's page and its neighbours, from a real store."""

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from expectations.rules import load_rules
from registry.database import close_database
from tasks.platform import Platform
from tasks.report import publish_report
from tests.integration.a_night import NIGHT, PERSONAL, Night, platform_of, usual_night


@pytest.fixture
def place(store: Engine, tmp_path: Path) -> Iterator[Platform]:
    place = platform_of(store, tmp_path)
    yield place
    close_database(place.engine)


def page(place: Platform, key: str = f"reports/{NIGHT}/index.html") -> str:
    return place.objects.read_bytes(key).decode()


def words(html: str) -> str:
    """The text of a page, without its tags, single spaces."""
    body = html.split("<body>")[1]
    return " ".join(re.sub(r"<[^>]*>", " ", body).split())


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("meta", "br"):
            self.open.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_sums_close_and_the_sections_are_filled(place: Platform) -> None:
    usual_night(place)
    assert publish_report(place, date=NIGHT) == f"reports/{NIGHT}/index.html"
    found = words(page(place))
    assert "Night of 30 June 2021" in found
    assert (
        "The sums close: 9 rows read in taken and held files = 1 unreadable + 2 quarantined + 2 held + 1 duplicate"
        " + 0 review + 2 new + 1 matched, file by file." in found
    )
    assert "held LOAD-FAILING-SHARE sender 1 2" in found
    assert "ROW-BIRTH-FUTURE critical 2 20.0 %" in found
    assert "ROW-SEX-MISSING" not in found
    assert "1 further rule found nothing" in found
    assert "Phường An Hội (26734)" in found or "(26734)" in found
    assert "quarantined 2 2 0 0 0 0 days sender" in found
    assert "merge 3.5" in found


def test_sums_that_do_not_close_are_said_file_by_file(place: Platform) -> None:
    files = usual_night(place)
    with place.engine.begin() as store:
        store.execute(text("DELETE FROM received_row WHERE file_id = :id"), {"id": files["well"]})
    publish_report(place, date=NIGHT)
    found = words(page(place))
    assert "The sums do not close. 9 rows were read and 8 have an outcome." in found
    assert f"{files['well']} (1 read, 0 with an outcome)" in found


def test_no_personal_data_is_on_any_page(place: Platform) -> None:
    usual_night(place)
    publish_report(place, date=NIGHT)
    pages = [info.key for info in place.objects.list("reports/")]
    assert len(pages) > 2
    for key in pages:
        content = place.objects.read_bytes(key)
        assert not [value for value in PERSONAL if value.encode() in content], key


def test_the_page_needs_nothing_else(place: Platform) -> None:
    usual_night(place)
    publish_report(place, date=NIGHT)
    for key in (f"reports/{NIGHT}/index.html", "reports/index.html"):
        tags = _Tags()
        tags.feed(page(place, key))
        assert tags.open == []
        assert tags.links
        for link in tags.links:
            assert place.objects.exists(str(Path(key).parent.joinpath(link).resolve().relative_to(Path.cwd()))), link
        assert "url(" not in page(place, key)
        assert "<script" not in page(place, key)


def test_what_a_sender_wrote_is_never_markup(place: Platform) -> None:
    Night(place).file("26734", "<b>x.csv", "refused", reason_code="header", reason="<i>no header", who_acts="sender")
    publish_report(place, date=NIGHT)
    assert "<b>x" not in page(place)
    assert "&lt;i&gt;no header" in page(place)


def test_publishing_again_changes_nothing_and_clears_former_docs(place: Platform) -> None:
    usual_night(place)
    publish_report(place, date=NIGHT)
    before = {info.key for info in place.objects.list("reports/")}
    first = page(place)
    place.objects.put_bytes(f"reports/{NIGHT}/docs/of-a-former-run.html", b"x")
    publish_report(place, date=NIGHT)
    assert page(place) == first
    assert {info.key for info in place.objects.list("reports/")} == before


def test_a_night_without_files_has_a_page_too(place: Platform) -> None:
    publish_report(place, date=NIGHT)
    found = words(page(place))
    assert "No file arrived." in found
    assert "Nothing waits." in found
    assert not place.objects.exists(f"reports/{NIGHT}/docs/index.html")


def test_nights_are_listed_with_all_their_runs(place: Platform) -> None:
    usual_night(place)
    rows = {
        "read": 10,
        "unreadable": 1,
        "quarantined": 0,
        "held": 0,
        "duplicate": 0,
        "review": 0,
        "new": 6,
        "matched": 3,
    }
    summary = {"files": 2, "rows": rows, "cards": {"batches": 1, "cards": 4}, "seconds": 30.0}
    with place.engine.begin() as store:
        for _ in range(2):
            store.execute(
                text("INSERT INTO night_run (business_date, ended_at, summary) VALUES ('2021-06-29', now(), :summary)"),
                {"summary": json.dumps(summary)},
            )
    publish_report(place, date=NIGHT)
    found = words(page(place, "reports/index.html"))
    assert "2 nights" in found
    assert found.index("2021-06-30") < found.index("2021-06-29")
    assert "2021-06-29 4 20 90.0 % 8 1 min 00 s" in found


def test_the_store_suite_and_rules_of_the_past(place: Platform) -> None:
    night = Night(place)
    night.load("c1", failed={"ROW-RULE-OF-THE-PAST": 3})
    counts = [
        {"id": rule.id, "severity": rule.severity, "evaluated": 1, "failed": int(number == 0)}
        for number, rule in enumerate(load_rules("store"))
    ]
    validation = {"load": f"store-{NIGHT}", "business_date": f"{NIGHT}", "suites": {"store": counts}}
    with place.engine.begin() as store:
        store.execute(
            text("INSERT INTO night_run (business_date, validation) VALUES (:night, :validation)"),
            {"night": NIGHT, "validation": json.dumps(validation)},
        )
    publish_report(place, date=NIGHT)
    found = words(page(place))
    assert "ROW-RULE-OF-THE-PAST" in found
    assert f"The store after the merge breaks {counts[0]['id']}" in found
    assert place.objects.exists(f"reports/{NIGHT}/docs/index.html")


def test_cards_and_ages(place: Platform) -> None:
    usual_night(place)
    long_ago = Night(place, NIGHT.replace(month=1))
    load = long_ago.load("d1")
    old = long_ago.file("26734", "january.csv", load_no=load, file_no=0, rows=2)
    long_ago.row(old, 1, "quarantined", "ROW-PID-FORMAT")
    long_ago.row(old, 2, "quarantined", "ROW-PID-FORMAT")
    long_ago.corrected(old, 2, by=old)
    with place.engine.begin() as store:
        store.execute(
            text(
                "INSERT INTO card_batch (centre, sequence, business_date, dossiers, hash_total, sealed_sha256,"
                " manifest, manifest_sha256, signature, published_at)"
                " SELECT 'national', sequence, :night, dossiers, '0', '', '', '', '', published_at"
                "   FROM (VALUES (7, 1234, now()), (8, 5, NULL)) AS b (sequence, dossiers, published_at)"
            ),
            {"night": NIGHT},
        )
    publish_report(place, date=NIGHT)
    found = words(page(place))
    assert "quarantined 3 2 0 0 1 151 days sender" in found
    assert "national 000007 1,234 in the outbox" in found
    assert "000008 5 decided, not yet" in found


def test_review_counts_rows_whose_person_is_still_in_review(place: Platform) -> None:
    files = usual_night(place)
    night = Night(place)
    person = "20210630-0000-0000-0000-00000000000"
    for row_no, in_review in ((101, True), (102, False)):
        night.row(files["mixed"], row_no, "review")
        with place.engine.begin() as store:
            store.execute(
                text("INSERT INTO person (person_id, in_review) VALUES (:id, :in_review)"),
                {"id": f"{person}{row_no % 10}", "in_review": in_review},
            )
            store.execute(
                text(
                    "INSERT INTO judgement (form_id, judged_no, person_id, file_id, row_no, load_no, rule, member)"
                    " SELECT form_id, 0, CAST(:id AS uuid), file_id, row_no, 1, 'undecided', 1 FROM received_row"
                    " WHERE file_id = :file_id AND row_no = :row_no"
                ),
                {"id": f"{person}{row_no % 10}", "file_id": files["mixed"], "row_no": row_no},
            )
    publish_report(place, date=NIGHT)
    assert "review 1 1 0 0 0 0 days people of the register" in words(page(place))
