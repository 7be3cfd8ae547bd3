"""Homes for the acceptance tests, and one Prefect server for those that are not about its coming and going."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.homes import Home, home_at, prefect_server


@pytest.fixture(scope="session")
def prefect_api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a Prefect server that all tests share."""
    with prefect_server(tmp_path_factory.mktemp("prefect")) as api:
        yield api


@pytest.fixture
def home(tmp_path: Path, prefect_api: str) -> Iterator[Home]:
    """A home whose nights report to the shared Prefect server."""
    with home_at(tmp_path / "home", api=prefect_api) as home:
        yield home
