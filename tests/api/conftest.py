"""The API runs twice where the database matters: on SQLite and, if installed, on PostgreSQL."""

from collections.abc import Iterator

import pytest

from fakes.postgresql import Cluster
from fakes.two_customers import two_customers_in


@pytest.fixture(scope="module", params=("sqlite", "postgresql"))
def either_world(request: pytest.FixtureRequest) -> Iterator[str]:
    """What ``two_customers()`` makes in this module lies in either kind of database: which."""
    if request.param == "sqlite":
        yield "sqlite"
        return
    cluster: Cluster = request.getfixturevalue("postgresql")
    with two_customers_in(cluster.new_database):
        yield "postgresql"
