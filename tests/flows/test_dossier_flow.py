"""Dossiers in the nightly flow as Prefect runs it."""

import datetime as dt
from pathlib import Path

from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import TaskRunFilter, TaskRunFilterFlowRunId
from sqlalchemy import text

from flows.nightly import nightly
from registry.objects import put_folder
from samples.generate import generate
from tasks.platform import Platform
from tests.flows.test_nightly_flow import flow_run_of

NIGHT = dt.date(2021, 6, 30)


def test_a_night_takes_dossiers_after_the_merges_and_before_anything_leaves(place: Platform, tmp_path: Path) -> None:
    made = generate(tmp_path, forms=400, seed=9, date=NIGHT, dossier_share=0.5)
    put_folder(tmp_path, place.objects)
    state = nightly(NIGHT, return_state=True)
    assert state.is_completed()
    summary = state.result()
    assert summary["rows"]["read"] == 400 + made.dossiers
    with get_client(sync_client=True) as client:
        run = flow_run_of(client, state)
        mine = TaskRunFilter(flow_run_id=TaskRunFilterFlowRunId(any_=[run.id]))
        began = {task.name.partition("-")[0]: task.start_time for task in client.read_task_runs(task_run_filter=mine)}
    assert began["merge"] < began["take_dossiers"] < began["prove_night"]
    with place.engine.begin() as store:
        taken = store.scalar(text("SELECT count(*) FROM dossier"))
        ended = store.scalar(text("SELECT count(*) FROM file WHERE key LIKE 'landing/dossiers/%' AND state = 'taken'"))
    assert 0 < (taken or 0) < made.dossiers + 1
    assert ended == len(list((tmp_path / "dossiers").rglob("*.jsonl")))
