"""`dancu verify` on a store that the real steps have made: it holds, and whatever is taken out or changed is found."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from tasks.platform import Platform
from tasks.verify import examine, verify_store
from tests.integration import real_store
from tests.integration.conftest import Worked

_LAST = "SELECT max(person_id::text)::uuid FROM person"


@pytest.fixture(scope="module")
def place(worked: Worked, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    with worked(tmp_path_factory.mktemp("verify") / "home", "verify") as place:
        yield place


@contextmanager
def put_back(place: Platform, table: str, changes: list[str]) -> Iterator[None]:
    """Changes a table by hand, past all foreign keys, and restores it."""
    with place.engine.begin() as store:
        store.exec_driver_sql("SET LOCAL session_replication_role = replica")
        store.exec_driver_sql(f"CREATE TABLE before AS TABLE {table}")
        assert [store.exec_driver_sql(change).rowcount for change in changes] == [1] * len(changes)
    try:
        yield
    finally:
        with place.engine.begin() as store:
            store.exec_driver_sql("SET LOCAL session_replication_role = replica")
            store.exec_driver_sql(f"DELETE FROM {table}")
            store.exec_driver_sql(f"INSERT INTO {table} OVERRIDING SYSTEM VALUE TABLE before")
            store.exec_driver_sql("DROP TABLE before")


def test_every_table_has_rows_and_all_holds(place: Platform) -> None:
    proof = examine(place)
    assert [str(breach) for breach in proof.breaches] == []
    assert proof.notes == []
    assert proof.counts["rows"] > 600
    assert proof.counts["cards"] > 0
    with place.engine.begin() as store:
        states = set(store.scalars(text("SELECT DISTINCT state::text FROM file")))
        outcomes = set(store.scalars(text("SELECT DISTINCT outcome::text FROM received_row")))
        for table in ("person_alias", "correction", "card_batch"):
            assert store.scalar(text(f"SELECT count(*) FROM {table}"))
    assert states == {"taken", "held", "repeat", "refused"}
    assert outcomes >= {"quarantined", "held", "duplicate", "new", "matched"}


@pytest.mark.parametrize(
    ("table", "condition", "found"),
    [
        ("file", "state = 'taken'", "file, load"),
        ("file", "state = 'held'", "file, load"),
        ("file", "state = 'repeat'", "file, night"),
        ("file", "state = 'refused' AND load_no IS NOT NULL", "file, load"),
        ("file", "state = 'refused' AND load_no IS NULL", "file, night"),
        ("load", "true", "load that the table load lacks"),
        ("received_row", "outcome = 'new'", "received_row"),
        ("received_row", "outcome = 'quarantined'", "received_row"),
        ("received_row", "outcome = 'duplicate'", "received_row"),
        ("received_row", "outcome = 'held'", "received_row"),
        ("correction", "true", "correction"),
        ("judgement", "rule = 'first'", "judgement"),
        ("judgement", "rule <> 'first'", "judgement"),
        ("person", "true", "person: 1 persons of accepted forms are missing"),
        ("person_alias", "true", "person_alias"),
        ("card", "true", "dossiers have no card"),
        ("dossier", "true", "cards have no dossier"),
        ("card_event", "event = 'captured'", "events fit no card's life"),
        ("card_event", "event = 'handed_off'", "too few or too many beside card_batch"),
        ("card_batch", "sequence = 1", "batch has dossiers and is not in card_batch"),
        ("night_run", "true", "night of night_run"),
        ("form_count", "true", "form_count"),
    ],
)
def test_a_row_taken_out_by_hand_is_found(place: Platform, table: str, condition: str, found: str) -> None:
    one = f"DELETE FROM {table} WHERE ctid = (SELECT ctid FROM {table} WHERE {condition} LIMIT 1)"
    with put_back(place, table, [one]):
        breaches = [str(breach) for breach in verify_store(place)]
    assert any(found in breach for breach in breaches), breaches


@pytest.mark.parametrize(
    ("table", "changes"),
    [
        (
            "person",
            {
                "full_name = 'LƯU THỊ KHÁC' WHERE sex = 'F'": "person, column full_name",
                "sex_stamp = sex_stamp + 1 WHERE sex = 'M'": "person, column sex_stamp",
                "permanent_place_from = '2020-01-01' WHERE true": "person, column permanent_place_from",
                "in_review = true WHERE NOT in_review": "in review, or not",
                "conflicts = 4 WHERE sex = 'M'": "in review, or not",
                "conflicts = 8 WHERE sex = 'F'": "person, column conflicts",
                "name_witness = 1 WHERE sex = 'F'": "person, column name_witness",
            },
        ),
        (
            "received_row",
            {
                "outcome = 'quarantined' WHERE outcome = 'new'": "outcome that their findings do not allow",
                "outcome = 'matched' WHERE outcome = 'new'": "another outcome than their judgement's rule",
                "rules = 'ROW-NONE' WHERE rules IS NULL": "other findings",
                "form_no = 'X' WHERE form_no IS NOT NULL": "another form number",
            },
        ),
        (
            "judgement",
            {
                f"person_id = ({_LAST}) WHERE person_id <> ({_LAST})": "forms that are not one person",
                "member = 1 WHERE true": "state other numbers or registers than their judgements say",
            },
        ),
        (
            "file",
            {
                "rows = rows + 1 WHERE state = 'taken'": "too few or too many beside the ledger",
                "sha256 = repeat('0', 64) WHERE state = 'taken'": "bytes are missing",
                "state = 'taken', load_no = NULL WHERE state = 'held'": "held by no load",
            },
        ),
        (
            "pair",
            {"weight = weight + 1 WHERE true": "weigh other than the model says"},
        ),
        (
            "card",
            {
                "state = 'purged' WHERE card_number IS NULL": "another state than their events say",
                "card_number = 'X' WHERE card_number IS NOT NULL": "keep something else than their events say",
            },
        ),
        (
            "card_batch",
            {
                "dossiers = dossiers + 1 WHERE sequence = 1": "too few or too many beside card_batch",
                "hash_total = '7' WHERE sequence = 1": "hash total is not that of its dossiers",
                "manifest = manifest || ' ' WHERE sequence = 1": "manifest in card_batch is not the one of its",
            },
        ),
        ("person_alias", {"person_id = old_id WHERE true": "lead to themselves"}),
    ],
)
def test_a_changed_value_is_found(place: Platform, table: str, changes: dict[str, str]) -> None:
    with put_back(place, table, [_in_one_row(table, *change.split(" WHERE ")) for change in changes]):
        breaches = " ".join(map(str, verify_store(place)))
    assert [found for found in changes.values() if found not in breaches] == []


def _in_one_row(table: str, value: str, condition: str) -> str:
    return f"UPDATE {table} SET {value} WHERE ctid = (SELECT ctid FROM {table} WHERE {condition} LIMIT 1)"


@contextmanager
def object_changed(place: Platform, key: str, content: bytes | None) -> Iterator[None]:
    path = place.objects.local_path(key)
    assert path is not None
    saved = path.read_bytes()
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)
    yield
    path.write_bytes(saved)


def _key(place: Platform, prefix: str, ending: str = "") -> str:
    return next(info.key for info in place.objects.list(prefix) if info.key.endswith(ending))


@pytest.mark.parametrize(
    ("prefix", "ending"),
    [
        ("archive/files/", ""),
        ("archive/forms/", "standard.parquet"),
        ("archive/forms/", "findings.parquet"),
        ("archive/forms/", "unreadable.parquet"),
        ("outbox/cards/national/000001/", "cards.jsonl.age"),
        ("outbox/cards/national/000001/", "manifest.json.sig"),
        ("outbox/cards/national/000001/", "manifest.json"),
        ("archive/cards/", ".age"),
    ],
)
def test_an_object_that_is_gone_or_spoilt_is_found(place: Platform, prefix: str, ending: str) -> None:
    key = _key(place, prefix, ending)
    content = place.objects.read_bytes(key)
    spoilt = content[:100] + bytes([content[100] ^ 1 if len(content) > 100 else 0]) + content[101:]
    with object_changed(place, key, spoilt):
        spoilt_breaches = verify_store(place)
    with object_changed(place, key, None):
        missing_breaches = verify_store(place)
    assert spoilt_breaches or prefix == "archive/forms/"  # a byte of Parquet may belong to nobody
    assert missing_breaches


def test_bytes_that_the_ledger_does_not_name_are_found(place: Platform) -> None:
    place.objects.put_bytes("archive/files/" + "0" * 64, b"form_no\n1\n")
    place.objects.put_bytes("outbox/cards/national/000009/manifest.json", b"{}")
    breaches = verify_store(place)
    place.objects.delete("archive/files/" + "0" * 64)
    place.objects.delete("outbox/cards/national/000009/manifest.json")
    assert {breach.invariant for breach in breaches} == {"I1", "I3"}


@pytest.mark.parametrize("column", ["full_name", "pid"])
def test_a_person_in_a_log_or_report_is_found_and_not_named(place: Platform, column: str) -> None:
    value = real_store.WHOLE[column]
    logs = place.settings.root / "logs"
    logs.mkdir()
    (logs / "night.log").write_text(f"refused: {value.title()} is no value\n", encoding="utf-8")
    place.objects.put_bytes("reports/leak.html", f"<p>{value}</p>".encode())
    breaches = verify_store(place)
    shutil.rmtree(logs)
    place.objects.delete("reports/leak.html")
    assert {breach.where for breach in breaches} == {"log night.log", "reports/leak.html"}
    assert all(value not in str(breach) for breach in breaches)


def test_leftovers_of_a_killed_run_are_notes(place: Platform) -> None:
    place.objects.put_bytes("archive/forms/0123/standard.parquet", b"")
    scratch = place.settings.scratch / ("a" * 32)
    scratch.mkdir()
    place.objects.put_bytes(f"archive/cards/{'0' * 64}.age", b"")
    proof = examine(place)
    place.objects.delete("archive/forms/0123/standard.parquet")
    place.objects.delete(f"archive/cards/{'0' * 64}.age")
    scratch.rmdir()
    assert proof.breaches == []
    assert len(proof.notes) == 3


def test_what_landed_and_is_not_in_the_ledger_yet_is_no_breach(place: Platform) -> None:
    content = b"form_no,full_name,birth_date,sex,permanent_place\n1,A,1960,1,25993\n"
    landed = "landing/registers/25993/late.csv"
    place.objects.put_bytes(landed, content)
    sha256 = place.objects.fetch(landed, None).sha256
    place.objects.put_bytes(f"archive/files/{sha256}", content)
    proof = examine(place)
    place.objects.delete(landed)
    place.objects.delete(f"archive/files/{sha256}")
    assert proof.breaches == []
    assert len(proof.notes) == 1


def test_the_scratch_of_the_proof_is_gone(place: Platform) -> None:
    examine(place)
    assert not list(Path(place.settings.scratch).glob("verify-*"))
