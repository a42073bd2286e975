"""What touches the database runs twice: on SQLite and, where it is installed, on PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from fakes.postgresql import Cluster, missing, running_cluster
from switchroom.store import database

DATABASES = ("sqlite", "postgresql")


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Cluster]:
    """One server for all tests that ask for it."""
    if reason := missing():
        pytest.skip(reason)
    with running_cluster() as cluster:
        yield cluster


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database of the test's own with the newest schema, of either kind."""
    if request.param == "sqlite":
        yield database.database_url(tmp_path)
        return
    cluster: Cluster = request.getfixturevalue("postgresql")
    with cluster.new_database() as url:
        yield url


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """That database, opened."""
    made = database.open_database(database_url)
    yield made
    made.dispose()
