"""The exchange with the centre as Prefect runs and shows it."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

from prefect import State
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterFlowRunId

from flows.cards import cards
from tasks.platform import Platform, today
from tests.flows.test_nightly_flow import flow_run_of
from tests.integration.exchange import Exchange


def tables_of(state: State[Any]) -> dict[str, list[dict[str, Any]]]:
    with get_client(sync_client=True) as client:
        mine = ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=[flow_run_of(client, state).id]))
        return {str(found.key): json.loads(str(found.data)) for found in client.read_artifacts(artifact_filter=mine)}


def test_a_run_shows_what_is_at_the_centre_and_what_is_overdue(place: Platform, tmp_path: Path) -> None:
    exchange = Exchange.at(place, tmp_path / "centre")
    exchange.capture(3)
    state = cards(today(), return_state=True)
    assert state.result()["cards"] == 3
    batch = {"batch": "national 1", "night": today().isoformat(), "state": "in the outbox", "dossiers": 3,
             "unanswered": 3, "in production": 0, "to ship": 0, "oldest in days": 0}  # fmt: skip
    assert tables_of(state) == {"cards-batches": [batch]}
    later = today() + dt.timedelta(days=10)
    shown = tables_of(cards(later, return_state=True))
    assert shown["cards-batches"] == [{**batch, "oldest in days": 10}]
    assert shown["cards-overdue"] == [
        {"what": "answer", "overdue": 3, "oldest in days": 10},
        {"what": "receipt", "overdue": 1, "oldest in days": 10},
    ]


def test_nothing_is_shown_where_nothing_is_owed(place: Platform, tmp_path: Path) -> None:
    exchange = Exchange.at(place, tmp_path / "centre")
    exchange.batch(2)
    exchange.centre()
    state = cards(today(), return_state=True)
    assert state.result()["answers"]["taken"] > 0
    assert tables_of(state) == {}
