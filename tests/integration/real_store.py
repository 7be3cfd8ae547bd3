"""A small store that the real steps have made in two nights: every table has rows, every kind of file landed."""

import csv
import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from centre.faults import Faults
from centre.house import House, make_keys
from centre.run import run_centre
from config.centre import CENTRE
from registry.database import close_database
from registry.loads import OUTCOMES
from registry.objects import put_folder
from registry.sealing.key_folder import KeyFolder
from registry.sealing.keys import ESCROW, REGISTER, SEALING, SIGNING, read_key
from samples.generate import generate
from tasks.give_back import give_back
from tasks.hand_off import hand_off
from tasks.merge import merge
from tasks.night import begin_night, end_night
from tasks.platform import Platform, platform, today
from tasks.progress import count_progress
from tasks.prove import prove_night
from tasks.read import read
from tasks.receive import receive
from tasks.reconcile import reconcile
from tasks.report import report
from tasks.resolve import resolve
from tasks.standardise import standardise
from tasks.take_answers import take_answers
from tasks.take_deliveries import take_deliveries
from tasks.take_dossiers import split_dossiers, take_dossiers
from tasks.truth import take_truth
from tasks.validate import validate
from tests import servers

FIRST, SECOND = dt.date(2021, 6, 30), dt.date(2021, 7, 1)
SENDER = "25993"

#: A made-up woman with both numbers; the two halves of her are two persons until the whole comes.
WHOLE = {
    "declared_on": "01/03/2021", "full_name": "LƯU THỊ THỬ NGHIỆM", "birth_date": "05/12/1962", "sex": "Nữ",
    "nationality": "Việt Nam", "ethnicity": "Kinh", "permanent_place": SENDER, "permanent_address": "1A, tổ 2",
    "pid": "075162901557", "cmnd_no": "276187399",
}  # fmt: skip

NEWCOMER = {
    **WHOLE, "full_name": "LƯU THỊ MỚI TỚI", "pid": "075171904831", "cmnd_no": "276180555", "birth_date": "07/08/1971",
    "permanent_address": "9C, tổ 4",
}  # fmt: skip


@contextmanager
def installation(server: Engine, home: Path, *, name: str, template: str | None = None) -> Iterator[Platform]:
    """The platform that the environment names, on a database of its own: a copy of `template`, or the newest store.

    The steps find it by themselves.
    """
    url = servers.make_database(server, name, template=template or servers.newest(server))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DANCU_HOME", str(home))
        patch.setenv("DANCU_DATABASE_URL", url)
        platform.cache_clear()
        place = platform()
        yield place
        close_database(place.engine)
    platform.cache_clear()


def work_night(date: dt.date) -> dict[str, int]:
    """The stages of `flows.nightly` one after the other, without Prefect; rows by outcome."""
    run_id = begin_night.fn(date)
    take_truth.fn(date)
    load_ids = receive.fn(date, [], None)
    outcomes = dict.fromkeys(OUTCOMES, 0)
    to_merge, of_dossiers = split_dossiers(load_ids)
    for load_id in to_merge:
        for stage in (read, standardise, validate, resolve):
            stage.fn(load_id)
        for outcome, count in merge.fn(load_id).items():
            outcomes[outcome] += count
    for load_id in of_dossiers:
        for stage in (read, standardise):
            stage.fn(load_id)
        for outcome, count in take_dossiers.fn(load_id).items():
            outcomes[outcome] += count
    prove_night.fn(date, run_id)
    take_answers.fn(date)
    take_deliveries.fn(date)
    cards = hand_off.fn(date)
    reconcile.fn(date)
    give_back.fn(date)
    end_night.fn(run_id, date, load_ids, outcomes, cards)
    count_progress.fn(date)
    report.fn(date)
    return outcomes


def meet(place: Platform, home: Path) -> House:
    """Keys of the register and the escrow, and a centre that knows the one and is known."""
    day = today()
    own = place.keys.make(REGISTER, SIGNING, day=day)
    place.keys.add(KeyFolder(home / "escrow").make(ESCROW, SEALING, day=day), day=day)
    house = House(CENTRE, home, place.objects)
    for path in make_keys(house):
        place.keys.add(read_key(path.read_bytes()), day=day)
    house.keys.add(own, day=day)
    return house


def two_nights(place: Platform, folder: Path) -> None:
    """Fills an empty store."""
    first = folder / "first"
    centre = meet(place, folder / "centre")
    generate(first, forms=600, seed=4, clean_share=0.8, date=FIRST, dossier_share=0.2)
    _add_odd_files(first / "registers")
    put_folder(first, place.objects)
    work_night(FIRST)
    run_centre(centre, faults=Faults(reject=0.2, partial=0.5), deliver=0.5)
    stray = "happened_at,event,card_number\n2021-07-01T08:00:00+07:00,delivered,NOBODYS\n"
    place.objects.put_bytes(f"inbox/deliveries/{SENDER}/stray.csv", stray.encode())
    second = folder / "second"
    _register(second / f"registers/{SENDER}/whole.csv", [{"form_no": "W-3", **WHOLE}, {"form_no": "N-1", **NEWCOMER}])
    sender, form = _mended(place.engine)
    _register(second / f"registers/{sender}/mended.csv", [form])
    put_folder(second, place.objects)
    work_night(SECOND)


def _add_odd_files(registers: Path) -> None:
    """Halves of one person, a file sent twice, one of nobody known, an empty one, one that its sidecar contradicts."""
    numbers = {"pid": "cmnd_no", "cmnd_no": "pid"}
    # So little is said of each half that the two may be one person, and need not.
    halves = [
        {"form_no": f"W-{n}", **WHOLE, numbers[kept]: "", "birth_date": "1962", "permanent_address": "",
         "permanent_place": (SENDER, "26050")[n - 1]}
        for n, kept in enumerate(numbers, 1)
    ]  # fmt: skip
    _register(registers / SENDER / "halves.csv", halves)
    _register(registers / SENDER / "halves-again.csv", halves)
    _register(registers / "nobody-known" / "halves.csv", halves)
    (registers / SENDER / "empty.csv").write_bytes(b"")
    _register(registers / SENDER / "contradicted.csv", [{"form_no": "C-1", **WHOLE, "full_name": "LƯU VĂN GIỮ LẠI"}])
    sidecar = {"rows": 7, "sent_at": f"{FIRST}T08:00:00+07:00"}
    (registers / SENDER / "contradicted.csv.manifest.json").write_text(json.dumps(sidecar))


def _register(path: Path, forms: Iterable[Mapping[str, str]]) -> None:
    forms = list(forms)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(forms[0]))
        writer.writeheader()
        writer.writerows(forms)


def _mended(engine: Engine) -> tuple[str, dict[str, str]]:
    """A form that takes the place of a row that failed, and who sends it."""
    with engine.begin() as store:
        failed = store.execute(
            text(
                "SELECT sender, file_id, row_no FROM received_row JOIN file USING (file_id)"
                " WHERE outcome = 'quarantined' ORDER BY file_id, row_no LIMIT 1"
            )
        ).one()
    whole = {**WHOLE, "full_name": "LƯU VĂN SỬA LẠI", "sex": "Nam", "pid": "", "cmnd_no": "276180001"}
    whole |= {"birth_date": "03/03/1975", "permanent_address": "12D, tổ 7"}
    return failed[0], {"form_no": "M-1", **whole, "dancu_file": str(failed[1]), "dancu_row": str(failed[2])}
