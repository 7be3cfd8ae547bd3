"""A store that has been worked on, for the tests that only look at one."""

import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tasks.platform import Platform
from tests.integration.real_store import installation, two_nights

Worked = Callable[[Path, str], AbstractContextManager[Platform]]


@pytest.fixture(scope="session")
def worked(postgres_server: Engine, tmp_path_factory: pytest.TempPathFactory) -> Worked:
    """Makes a copy of an installation after `two_nights`, in a home and a database of the caller's own."""
    folder = tmp_path_factory.mktemp("worked")
    with installation(postgres_server, folder / "home", name="worked") as place:
        two_nights(place, folder / "registers")

    def copy(home: Path, name: str) -> AbstractContextManager[Platform]:
        shutil.copytree(folder / "home", home)
        return installation(postgres_server, home, name=name, template="worked")

    return copy
