"""What touches the database runs twice: on SQLite and, where it is installed, on PostgreSQL."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import Engine

from fakes.configuration import configured_in
from fakes.postgresql import Cluster, missing, running_cluster
from switchroom.store import database

# How fast a shared machine is today says nothing about the product.
settings.register_profile("switchroom", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("switchroom")

DATABASES = ("sqlite", "postgresql")


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Cluster]:
    """One server for all tests that ask for it."""
    if reason := missing():
        pytest.skip(reason)
    with running_cluster() as cluster:
        yield cluster


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with the newest schema: to copy it is faster than to migrate."""
    directory = tmp_path_factory.mktemp("template")
    database.open_database(database.database_url(directory)).dispose()
    return directory / database.FILE_NAME


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database of the test's own with the newest schema, of either kind."""
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        shutil.copy(template, tmp_path / database.FILE_NAME)
        yield database.database_url(tmp_path)
        return
    cluster: Cluster = request.getfixturevalue("postgresql")
    with cluster.new_database() as url:
        yield url


@pytest.fixture(params=DATABASES)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database of either kind that has no tables yet."""
    if request.param == "sqlite":
        yield database.database_url(tmp_path)
        return
    cluster: Cluster = request.getfixturevalue("postgresql")
    with cluster.empty_database() as url:
        yield url


@pytest.fixture(params=DATABASES)
def either_database(request: pytest.FixtureRequest) -> Iterator[None]:
    """What ``configured()`` makes in this test is of either kind."""
    if request.param == "sqlite":
        yield
        return
    cluster: Cluster = request.getfixturevalue("postgresql")
    with configured_in(cluster.new_database):
        yield


@pytest.fixture
def engine(database_url: str, request: pytest.FixtureRequest) -> Iterator[Engine]:
    """That database, opened."""
    if not database_url.startswith("sqlite"):
        cluster: Cluster = request.getfixturevalue("postgresql")
        yield cluster.engine(database_url)
        return
    # Migrated already; to open it as a node does would read every migration again.
    made = database._engine(database_url)
    yield made
    made.dispose()
