"""`dancu serve` as a stranger finds it: the forms, a night started from the UI, its artifacts, and a clean end."""

import csv
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from prefect.events import Event, Resource

from dancu.prefect_server import Refused, ask
from dancu.serve import _make_automation
from flows.cards import EXCHANGE, OVERDUE
from samples.generate import generate
from tests import servers

DANCU = str(Path(sys.executable).with_name("dancu"))
NIGHT = "2021-07-01"
PATIENCE = 180.0
FINAL = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")


class Serve:
    """A `dancu serve` on ports of its own."""

    def __init__(self, home: Path, ports: tuple[int, int]) -> None:
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("DANCU_", "PREFECT_"))}
        self.home, self.ports = home, ports
        self.environment = {
            **clean,
            "DANCU_HOME": str(home),
            "DANCU_PREFECT_PORT": str(ports[0]),
            "DANCU_REPORT_PORT": str(ports[1]),
        }
        self.log = home.parent / "serve.log"

    def start(self) -> None:
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [DANCU, "serve", "--json"], env=self.environment, cwd=self.home, stdout=log, stderr=log,
                # As under nohup; its parts must be told to end all the same.
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN),  # noqa: PLW1509
            )  # fmt: skip
        self.wait(lambda: "Ctrl-C ends both." in self.log.read_text())

    def wait(self, done: Any) -> Any:
        give_up = time.monotonic() + PATIENCE
        while not (found := done()):
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < give_up, self.log.read_text()
            time.sleep(0.2)
        return found

    def api(self, path: str, body: Any = None, *, method: str | None = None) -> Any:
        return ask(
            f"http://127.0.0.1:{self.ports[0]}/api/{path}", body, method=method or ("GET" if body is None else "POST")
        )

    def deployment(self, name: str) -> Any:
        return self.api(f"deployments/name/{name}/{name}")

    def run(self, name: str, parameters: dict[str, Any]) -> str:
        """Starts a run as the form of the UI does; its id."""
        run = self.api(f"deployments/{self.deployment(name)['id']}/create_flow_run", {"parameters": parameters})
        return str(run["id"])

    def page(self, path: str) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.ports[1]}/{path}", timeout=30) as answer:
            return str(answer.read().decode())

    def parts(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)


@pytest.fixture(scope="module")
def registers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("registers")
    generate(folder, forms=200, seed=11)
    return folder


@pytest.fixture(scope="module")
def serve(registers: Path) -> Iterator[Serve]:
    with servers.postgres_home() as home, socket.socket() as one, socket.socket() as two:
        for probe in (one, two):
            probe.bind(("127.0.0.1", 0))
        serve = Serve(home, (one.getsockname()[1], two.getsockname()[1]))
        for probe in (one, two):
            probe.close()
        subprocess.run([DANCU, "put", str(registers)], env=serve.environment, check=True, capture_output=True)
        serve.start()
        try:
            yield serve
        finally:
            serve.process.terminate()
            serve.process.wait(60)


def test_the_form_asks_for_a_date_and_provinces(serve: Serve) -> None:
    asked = serve.deployment("nightly")["parameter_openapi_schema"]
    date, provinces = asked["properties"]["date"], asked["properties"]["provinces"]
    assert (date["type"], date["format"], date["default"]) == ("string", "date", None)
    assert (provinces["type"], provinces["items"]["pattern"]) == ("array", "^[0-9]{2}$")
    assert date["description"]
    assert provinces["description"]
    assert "required" not in asked
    asked = serve.deployment("backfill")["parameter_openapi_schema"]
    assert asked["required"] == ["first", "last"]
    assert all(asked["properties"][name]["format"] == "date" for name in asked["required"])


def test_a_wrong_province_is_refused_by_the_form(serve: Serve) -> None:
    with pytest.raises(Refused) as refused:
        serve.run("nightly", {"provinces": ["Đồng Nai"]})
    assert refused.value.status == 409


def test_the_schedule_makes_runs(serve: Serve) -> None:
    deployment = serve.deployment("nightly")
    (schedule,) = deployment["schedules"]
    assert schedule["active"]
    assert (schedule["schedule"]["cron"], schedule["schedule"]["timezone"]) == ("0 1 * * *", "Asia/Ho_Chi_Minh")
    due = {"deployments": {"id": {"any_": [deployment["id"]]}}, "sort": "EXPECTED_START_TIME_ASC"}
    runs = serve.wait(lambda: serve.api("flow_runs/filter", due))
    # One o'clock there is six in the evening of the day before, by UTC.
    assert {run["expected_start_time"][11:16] for run in runs} == {"18:00"}


def test_the_exchange_of_cards_has_a_schedule_and_an_automation_that_acts_on_its_warning(serve: Serve) -> None:
    (schedule,) = serve.deployment("cards")["schedules"]
    assert (schedule["schedule"]["cron"], schedule["schedule"]["timezone"]) == ("0 6-22 * * *", "Asia/Ho_Chi_Minh")
    (automation,) = serve.api("automations/filter", {})
    assert automation["enabled"]
    assert [action["type"] for action in automation["actions"]] == ["do-nothing"]
    warning = Event(event=OVERDUE, resource=Resource.model_validate({"prefect.resource.id": EXCHANGE}))
    serve.api("events", [warning.model_dump(mode="json")])
    triggered = {"filter": {"event": {"name": ["prefect.automation.triggered"]}}}
    (event, *_) = serve.wait(lambda: serve.api("events/filter", triggered)["events"])
    assert event["resource"]["prefect.resource.id"] == f"prefect.automation.{automation['id']}"


def test_an_automation_that_the_operator_has_changed_stays_as_it_is(serve: Serve) -> None:
    (automation,) = serve.api("automations/filter", {})
    serve.api(f"automations/{automation['id']}", {"enabled": False}, method="PATCH")
    _make_automation(f"http://127.0.0.1:{serve.ports[0]}/api")
    (still,) = serve.api("automations/filter", {})
    assert (still["id"], still["enabled"]) == (automation["id"], False)


def test_before_the_first_night(serve: Serve) -> None:
    assert "No night has been run yet" in serve.page("")
    with pytest.raises(urllib.error.HTTPError) as missing:
        serve.page("../landing/")
    missing.value.close()
    assert missing.value.code == 404


def test_a_second_one_says_that_the_port_is_taken(serve: Serve) -> None:
    second = subprocess.run([DANCU, "serve"], env=serve.environment, capture_output=True, text=True, check=False)
    assert second.returncode == 2
    assert f"port {serve.ports[0]} is taken" in second.stderr


def test_a_night_from_the_ui(serve: Serve) -> None:
    started = serve.run("nightly", {"date": NIGHT, "provinces": ["75"]})
    ended = serve.wait(lambda: (run := serve.api(f"flow_runs/{started}"))["state_type"] in FINAL and run)
    assert ended["state_type"] == "COMPLETED", serve.log.read_text()
    assert ended["name"] == f"nightly-{NIGHT}-75"
    of_the_run = {"artifacts": {"flow_run_id": {"any_": [started]}}}
    found = {artifact["key"]: artifact for artifact in serve.api("artifacts/filter", of_the_run)}
    rows = {line["outcome"]: line["rows"] for line in json.loads(found["night-outcomes"]["data"])}
    assert rows.pop("read") == sum(rows.values()) > 190
    assert found["night-progress"]["data"] == 100
    assert f"http://127.0.0.1:{serve.ports[1]}/{NIGHT}/index.html" in found["night-report"]["data"]
    assert "Night of 1 July 2021" in serve.page(f"{NIGHT}/")
    assert NIGHT in serve.page("")


def test_prefect_knows_nobody(serve: Serve, registers: Path) -> None:
    kept = b"".join(path.read_bytes() for path in sorted((serve.home / "prefect").rglob("prefect.db*")))
    kept += b"".join(path.read_bytes() for path in (serve.home / "logs").iterdir()) + serve.log.read_bytes()
    assert f"nightly-{NIGHT}-75".encode() in kept
    personal = set()
    for path in registers.rglob("*.csv"):
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file, delimiter=","):
                personal |= {
                    row.get(column) or "" for column in ("full_name", "pid", "cmnd_no", "phone", "father_name")
                }
    personal = {value for value in personal if len(value) > 8}
    assert len(personal) > 350
    # As text, and as JSON may spell it.
    spelt = {value.encode() for value in personal} | {json.dumps(value)[1:-1].encode() for value in personal}
    assert not [value for value in spelt if value in kept]


def test_it_ends_with_all_that_it_started(serve: Serve) -> None:
    before = set(serve.parts())
    serve.run("nightly", {"date": NIGHT})
    serve.wait(lambda: set(serve.parts()) - before)
    parts = serve.parts()
    serve.process.send_signal(signal.SIGINT)
    assert serve.process.wait(60) == 0
    assert json.loads(serve.log.read_text().splitlines()[-1]) == {"served": True}
    assert [part for part in parts if part.is_running() and part.status() != psutil.STATUS_ZOMBIE] == []
    assert servers.servers_of(serve.home) == []
    for port in serve.ports:
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", port)) != 0
