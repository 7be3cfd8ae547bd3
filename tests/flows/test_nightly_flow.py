"""The flows as Prefect runs and shows them."""

import datetime as dt
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import pytest
import yaml
from prefect import State
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import (
    ArtifactFilter,
    ArtifactFilterFlowRunId,
    TaskRunFilter,
    TaskRunFilterFlowRunId,
)
from prefect.client.schemas.objects import FlowRun
from prefect.client.schemas.schedules import CronSchedule
from prefect.events import Resource
from prefect.events.schemas.automations import AutomationCore, EventTrigger
from prefect.flows import load_flow_from_entrypoint
from sqlalchemy import text

from dancu.cli import main
from flows.backfill import backfill
from flows.cards import EXCHANGE, OVERDUE
from flows.housekeeping import housekeeping
from flows.nightly import nightly, run_nightly
from registry.database import close_database, nightly_lock
from registry.errors import InvariantBreach, LoadsHeld, PlatformError, UsageError
from registry.objects import put_folder
from samples.generate import generate
from tasks import night as night_of_tasks
from tasks.platform import Platform, platform
from tests.integration.registers import as_csv
from tests.integration.registers import land as land_register
from tests.integration.test_gate import crowd
from tests.servers import REPOSITORY

FIRST, SECOND = dt.date(2021, 6, 29), dt.date(2021, 6, 30)
VERBS = {"begin_night", "take_truth", "receive", "ready_indexes", "read", "standardise", "validate", "resolve", "merge",
         "rebuild_indexes", "prove_night", "take_answers", "take_deliveries", "hand_off", "return_cards", "reconcile",
         "give_back", "end_night", "count_progress", "report"}  # fmt: skip


def land(place: Platform, folder: Path, *, forms: int = 300, province: str = "75", date: dt.date = SECOND) -> None:
    generate(folder, forms=forms, province=province, seed=3, date=date)
    put_folder(folder, place.objects)


@contextmanager
def started_with_key(monkeypatch: pytest.MonkeyPatch, key: str) -> Iterator[None]:
    """The same installation, as a process finds it that is started with a key for numbers."""
    monkeypatch.setenv("DANCU_ALLOCATION_KEY", key)
    platform.cache_clear()
    yield
    close_database(platform().engine)
    platform.cache_clear()


def flow_run_of(client: SyncPrefectClient, state: State) -> FlowRun:
    assert state.state_details.flow_run_id is not None
    return client.read_flow_run(state.state_details.flow_run_id)


def test_a_night_shows_its_stages_its_progress_its_table_and_its_report(place: Platform, tmp_path: Path) -> None:
    for province in ("75", "79"):
        land(place, tmp_path / province, province=province)
    state = nightly(SECOND, return_state=True)
    assert state.is_completed()
    summary = state.result()
    assert summary["rows"]["read"] == 600
    with get_client(sync_client=True) as client:
        run = flow_run_of(client, state)
        mine = TaskRunFilterFlowRunId(any_=[run.id])
        tasks = client.read_task_runs(task_run_filter=TaskRunFilter(flow_run_id=mine))
        artifacts = client.read_artifacts(
            artifact_filter=ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=[run.id]))
        )
    assert {task.name.partition("-")[0] for task in tasks} == VERBS
    assert all(task.state and task.state.is_completed() for task in tasks)
    assert len([task for task in tasks if task.name.startswith("merge-")]) == 2
    shown = {artifact.key: artifact for artifact in artifacts}
    places = {"night-progress-of-places", "night-progress-pages"}
    assert set(shown) == {"night-progress", "night-outcomes", "night-report"} | places
    assert shown["night-progress"].data == 100.0
    assert str(shown["night-progress"].description).startswith("2 of 2 loads")
    table = json.loads(str(shown["night-outcomes"].data))
    assert {line["outcome"]: line["rows"] for line in table} == summary["rows"]
    accepted = sum(summary["rows"][outcome] for outcome in ("new", "matched", "review"))
    nation, *_ = json.loads(str(shown["night-progress-of-places"].data))
    assert (nation["place"], nation["forms"], nation["dossiers of target"]) == ("Việt Nam", accepted, "0 %")
    for key, page in (("night-report", "index.html"), ("night-progress-pages", "progress/index.html")):
        assert f"/{SECOND}/{page}" in str(shown[key].data)
        assert place.objects.exists(f"reports/{SECOND}/{page}")


def test_a_second_night_says_so_and_ends(
    place: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(night_of_tasks, "PATIENCE", 0.2)
    land(place, tmp_path)
    with nightly_lock(place.engine) as alone:
        assert alone
        state = nightly(SECOND, return_state=True)
        with patch.dict(os.environ), pytest.raises(SystemExit) as end:
            main(["nightly", "--date", f"{SECOND}", "--json"])
    assert (state.name, state.is_completed()) == ("Skipped", True)
    assert end.value.code == 0
    answer = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert answer["rows"]["read"] == 0
    assert "another night" in answer["skipped"]
    with place.engine.begin() as store:
        assert store.scalar(text("SELECT count(*) FROM file")) == 0
    assert run_nightly(date=SECOND, provinces=[])["rows"]["read"] == 300


def test_a_night_of_one_province_leaves_the_others_in_landing(place: Platform, tmp_path: Path) -> None:
    for province in ("75", "79"):
        land(place, tmp_path / province, province=province)
    assert run_nightly(date=SECOND, provinces=["79"])["rows"]["read"] == 300
    senders = {info.key.split("/")[2] for info in place.objects.list("landing/registers/")}
    assert senders
    assert all(place.reference.gazetteer.province_of(sender, SECOND) == "75" for sender in senders)


def test_a_backfill_gives_each_night_what_had_been_sent_by_then(place: Platform, tmp_path: Path) -> None:
    land(place, tmp_path / "first", date=FIRST)
    land(place, tmp_path / "second", province="79", date=SECOND)
    summaries = backfill(FIRST, SECOND)
    assert [(night["date"], night["rows"]["read"]) for night in summaries] == [(f"{FIRST}", 300), (f"{SECOND}", 300)]
    with place.engine.begin() as store:
        nights = store.execute(text("SELECT DISTINCT business_date, left(sender, 1) FROM file ORDER BY 1")).all()
        assert len({night for night, _ in nights}) == 2
    with pytest.raises(UsageError, match="lies before the first"):
        backfill(SECOND, FIRST)


def test_housekeeping_clears_proves_and_tells(place: Platform, tmp_path: Path) -> None:
    land(place, tmp_path)
    run_nightly(date=SECOND, provinces=[])
    left = place.settings.scratch / "left-behind"
    left.mkdir(parents=True)
    half_put = place.settings.home / "objects" / "archive" / ".dancu-0123456789abcdef.part"
    half_put.touch()
    os.utime(half_put, (0, 0))
    housekeeping()
    assert not left.exists()
    assert not half_put.exists()
    with place.engine.begin() as store:
        store.execute(text("DELETE FROM received_row WHERE row_no = 1"))
    with pytest.raises(InvariantBreach, match="invariants do not hold"):
        housekeeping()


def test_housekeeping_leaves_a_night_alone(place: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(night_of_tasks, "PATIENCE", 0.2)
    used = place.settings.scratch / "in-use"
    used.mkdir(parents=True)
    with nightly_lock(place.engine):
        housekeeping()
    assert used.exists()


def test_numbers_are_given_where_it_is_switched_on_and_another_key_stops_no_night(
    place: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    land(place, tmp_path / "first", date=FIRST)
    without = "SELECT count(*) FROM person WHERE pid IS NULL"
    run_nightly(date=FIRST, provinces=[])
    with place.engine.begin() as store:
        before = store.scalar(text(without))
    with started_with_key(monkeypatch, "a made-up key that is long enough for a test"):
        run_nightly(date=SECOND, provinces=[])
    with started_with_key(monkeypatch, "another"), pytest.raises(PlatformError, match="fewer than 32"):
        run_nightly(date=SECOND, provinces=[])
    with place.engine.begin() as store:
        given = store.scalar(text("SELECT count(*) FROM allocated_number"))
        assert 0 < (given or 0) == (before or 0) - (store.scalar(text(without)) or 0)
        assert store.scalar(text("SELECT count(*) FROM night_run WHERE ended_at IS NULL")) == 0


def test_the_run_form_explains_its_fields() -> None:
    assert set(nightly.parameters.properties) == {"date", "provinces"}
    for flow in (nightly, backfill):
        assert all(len(field["description"]) > 20 for field in flow.parameters.properties.values())
    assert nightly.parameters.required == []
    assert set(backfill.parameters.required) == {"first", "last"}


def test_the_deployments_lead_to_flows_and_keep_the_nation_s_time() -> None:
    deployments = yaml.safe_load((REPOSITORY / "deployment.yaml").read_text(encoding="utf-8"))["deployments"]
    found = {item["name"]: load_flow_from_entrypoint(str(REPOSITORY / item["entrypoint"])) for item in deployments}
    assert {name: flow.name for name, flow in found.items()} == {name: name for name in found}
    schedules = {item["name"]: [CronSchedule(**plan) for plan in item.get("schedules", [])] for item in deployments}
    assert {name: [(plan.cron, plan.timezone) for plan in plans] for name, plans in schedules.items()} == {
        "nightly": [("0 1 * * *", "Asia/Ho_Chi_Minh")],
        "backfill": [],
        "cards": [("0 6-22 * * *", "Asia/Ho_Chi_Minh")],
        "review": [("0 22 * * *", "Asia/Ho_Chi_Minh")],
        "housekeeping": [("0 12 * * 0", "Asia/Ho_Chi_Minh")],
    }


def test_the_automation_hears_what_the_exchange_of_cards_warns_of() -> None:
    automation = AutomationCore.model_validate_json((REPOSITORY / "automation.json").read_bytes())
    assert isinstance(automation.trigger, EventTrigger)
    assert automation.trigger.expect == {OVERDUE}
    assert automation.trigger.match.matches(Resource.model_validate({"prefect.resource.id": EXCHANGE}))


def test_a_load_that_the_gate_holds_ends_the_night_with_exit_code_1_after_everything_else(
    place: Platform, tmp_path: Path
) -> None:
    land(place, tmp_path / "75", province="75")
    land_register(place, "crowd.csv", as_csv(crowd()), sender="26734")
    with pytest.raises(LoadsHeld, match=r"publish gate held load [0-9a-f]{32}: LNK-CANDIDATES") as breach:
        run_nightly(date=SECOND, provinces=[])
    assert breach.value.exit_code == 1
    summary = breach.value.summary
    assert list(summary["held_loads"].values()) == [["LNK-CANDIDATES"]]
    assert summary["rows"]["held"] == 225
    with place.engine.begin() as store:
        states = dict(store.execute(text("SELECT state::text, count(*) FROM file GROUP BY state")).tuples().all())
        ended = store.scalar(text("SELECT ended_at IS NOT NULL FROM night_run"))
    assert states["held"] == 1
    assert states["taken"] >= 1
    assert ended
    page = place.objects.read_bytes(f"reports/{SECOND}/index.html").decode()
    assert "LNK-CANDIDATES" in page
