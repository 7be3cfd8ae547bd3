"""Fixtures that need a real server. Each starts when the first test asks for it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine

from registry.database import close_database, open_database
from tests import servers


@pytest.fixture(scope="session")
def _s3_credentials() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", servers.ACCESS_KEY)
        patch.setenv("AWS_SECRET_ACCESS_KEY", servers.SECRET_KEY)
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        yield


@pytest.fixture(scope="session")
def s3_moto(_s3_credentials: None) -> Iterator[servers.S3Server]:
    """Moto's S3 server with an empty bucket."""
    with servers.moto() as server:
        yield server


@pytest.fixture(scope="session")
def s3_rclone(_s3_credentials: None) -> Iterator[servers.S3Server]:
    """Rclone's S3 server with an empty bucket."""
    with servers.rclone() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Engine]:
    """An engine on an embedded server that lives as long as the tests."""
    with servers.postgres_home() as home:
        engine = open_database(None, home=home)
        yield engine
        close_database(engine)
        assert servers.servers_of(home) == []


@pytest.fixture
def database(postgres_server: Engine) -> Iterator[Engine]:
    """An empty database of the test's own."""
    with _database(postgres_server, "empty", template=servers.EMPTY) as engine:
        yield engine


@pytest.fixture
def store(postgres_server: Engine) -> Iterator[Engine]:
    """A database of the test's own with the newest store in it, and nothing in the store."""
    with _database(postgres_server, "store", template=servers.newest(postgres_server)) as engine:
        yield engine


@contextmanager
def _database(server: Engine, name: str, *, template: str) -> Iterator[Engine]:
    """A database in place of the one that the test before had: the server lies in memory."""
    engine = open_database(servers.make_database(server, name, template=template), home=Path("unused"))
    yield engine
    close_database(engine)
