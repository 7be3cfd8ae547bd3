"""A whole night with its objects on S3, on both servers; the store and the hand-off are those of a local folder.

Now and then the server is busy, or cut off when it has done what it was asked: nobody is to notice.
"""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from centre.faults import Faults
from centre.run import run_centre
from registry.objects import put_folder
from samples.generate import generate
from tasks.verify import examine
from tests.gate import Fault, Gate
from tests.integration.real_store import installation, meet, work_night
from tests.integration.registers import ask

NIGHT = dt.date(2021, 6, 30)
#: What goes wrong with every ninth request to a server.
FAULTS = {"moto": Fault.BUSY, "rclone": Fault.CUT_AFTER}


Story = tuple[object, ...]


def story(server: Engine, home: Path, registers: Path, name: str) -> Story:
    """Outcomes, persons, returns, and what became of cards after a night that was run twice, and its centre's work."""
    with installation(server, home, name=name) as place:
        centre = meet(place, home / "centre")
        put_folder(registers, place.objects)
        outcomes = work_night(NIGHT)
        assert sum(work_night(NIGHT).values()) == 0
        assert examine(place).breaches == []
        assert [info.key for info in place.objects.list("landing/registers/")] == []
        returns = [info.key for info in place.objects.list("returns/")]
        persons = ask(place, "SELECT person_id::text, full_name, birth_date FROM person ORDER BY person_id")
        run_centre(centre, faults=Faults(reject=0.1), deliver=1)
        work_night(NIGHT)
        assert examine(place).breaches == []
        states = ask(place, "SELECT state, count(*) FROM card GROUP BY state ORDER BY state")
        assert dict(states)["delivered"] > 10
        return outcomes, persons, states, returns


@pytest.fixture(scope="module")
def registers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("registers")
    generate(folder, forms=300, seed=6, clean_share=0.8, date=NIGHT, dossier_share=0.2)
    return folder


@pytest.fixture(scope="module")
def on_a_folder(postgres_server: Engine, registers: Path, tmp_path_factory: pytest.TempPathFactory) -> Story:
    return story(postgres_server, tmp_path_factory.mktemp("local"), registers, "folder")


@pytest.fixture(params=FAULTS)
def gate(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    """What every ninth request to a server fails at; the objects are behind it."""
    kind = request.param
    s3 = request.getfixturevalue(f"s3_{kind}")
    monkeypatch.setattr("botocore.retryhandler.delay_exponential", lambda **_: 0)
    with Gate.before(s3.endpoint_url) as gate:
        monkeypatch.setenv("DANCU_OBJECTS_URL", f"{s3.url}/night-{kind}")
        monkeypatch.setenv("DANCU_S3_ENDPOINT_URL", gate.address)
        gate.fail(FAULTS[kind], ".*", "", every=9)
        yield gate


def test_a_night_on_s3_is_the_night_of_a_folder(
    gate: Gate, on_a_folder: Story, registers: Path, postgres_server: Engine, tmp_path: Path
) -> None:
    assert story(postgres_server, tmp_path, registers, "on_s3") == on_a_folder
    assert gate.failed > 20
    assert not (tmp_path / "objects").exists()
