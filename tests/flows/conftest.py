"""A Prefect server for the flows, and an installation of its own for each test."""

from collections.abc import Iterator

import pytest
from prefect.settings import PREFECT_API_URL
from prefect.testing.utilities import prefect_test_harness
from sqlalchemy import Engine

from tasks.platform import Platform
from tests.integration.real_store import installation


@pytest.fixture(scope="session")
def _prefect_server() -> Iterator[None]:
    """A Prefect server with an empty database; the flows of this process report to it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
        patch.setenv("DO_NOT_TRACK", "1")
        with prefect_test_harness(server_startup_timeout=120):
            patch.setenv("PREFECT_API_URL", str(PREFECT_API_URL.value()))  # for the command, which looks there
            yield


@pytest.fixture
def place(
    _prefect_server: None, postgres_server: Engine, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Platform]:
    with installation(postgres_server, tmp_path_factory.mktemp("home"), name="flows") as place:
        yield place
