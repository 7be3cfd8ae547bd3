"""The review flow as Prefect runs and shows it: figures, and nobody's data."""

import json
from pathlib import Path

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterFlowRunId, LogFilter, LogFilterFlowRunId

from flows.review import review
from registry.database import nightly_lock
from tasks import night as night_of_tasks
from tasks.platform import Platform
from tasks.review import export_cases
from tests.integration.doubtful import CHILD, TODDLER, answer, first_form, second_form
from tests.integration.real_store import FIRST, SECOND, work_night
from tests.integration.registers import SENDER, as_csv, land, persons

REVIEWER = "Nguyễn Thị Xét"


def test_answered_workbooks_take_effect_and_prefect_is_told_counts_alone(place: Platform, tmp_path: Path) -> None:
    for date, form in ((FIRST, first_form), (SECOND, second_form)):
        land(place, f"{date}.csv", as_csv([form(f"C-{date}", CHILD), form(f"T-{date}", TODDLER)]))
        work_night(date)
    book = tmp_path / "cases.xlsx"
    export_cases(place, SENDER, book)
    answer(book, {CHILD: ("same", REVIEWER), TODDLER: ("perhaps", REVIEWER)})
    place.objects.put(f"inbox/reviews/{SENDER}/cases.xlsx", book)
    place.objects.put_bytes(f"inbox/reviews/{SENDER}/notes.txt", b"x")
    state = review(SECOND, return_state=True)
    counts = state.result()
    assert {name: count for name, count in counts.items() if count} == {
        "taken": 1, "applied": 1, "refused": 1, "left_lying": 1,
    }  # fmt: skip
    assert len(persons(place)) == 3
    run_id = state.state_details.flow_run_id
    assert run_id is not None
    with get_client(sync_client=True) as client:
        run = client.read_flow_run(run_id)
        mine = ArtifactFilterFlowRunId(any_=[run_id])
        (table,) = client.read_artifacts(artifact_filter=ArtifactFilter(flow_run_id=mine))
        logs = client.read_logs(log_filter=LogFilter(flow_run_id=LogFilterFlowRunId(any_=[run_id])))
    assert run.name == f"review-{SECOND}"
    assert {line["what"].replace(" ", "_"): line["count"] for line in json.loads(str(table.data))} == counts
    told = f"{table.data} {run.parameters} {state.message} {' '.join(log.message for log in logs)}"
    assert not any(word in told for word in (CHILD, TODDLER, REVIEWER, "cases.xlsx", "perhaps"))


def test_a_review_leaves_a_night_alone(place: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(night_of_tasks, "PATIENCE", 0.2)
    place.objects.put_bytes("inbox/reviews/75/cases.xlsx", b"x")
    with nightly_lock(place.engine):
        state = review(SECOND, return_state=True)
    assert (state.name, state.is_completed()) == ("Skipped", True)
    assert place.objects.exists("inbox/reviews/75/cases.xlsx")
