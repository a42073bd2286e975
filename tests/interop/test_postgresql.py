"""A real node keeps everything in PostgreSQL: phones register, call, and are there after a kill."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from fakes.postgresql import Cluster
from interop.home_office import HomeOffice
from interop.programs import needs

pytestmark = needs("baresip", "sipp", "stdbuf")


@pytest.fixture
def url(postgresql: Cluster) -> Iterator[str]:
    with postgresql.empty_database() as url:
        yield url


@pytest.fixture
def office(tmp_path: Path, url: str) -> Iterator[HomeOffice]:
    made = HomeOffice(tmp_path, {"SWITCHROOM_DATABASE_URL": url})
    try:
        yield made
    finally:
        sys.stdout.write(made.end())  # pytest shows it if the test has failed


def test_a_node_on_postgresql_takes_calls_and_comes_back_after_a_kill(
    office: HomeOffice, url: str
) -> None:
    desk = office.phone("desk", "1001").registered()
    caller = office.phone("caller", "1002").registered()
    for number in (1, 2):
        caller.do("dial", "1001")
        desk.first("INVITE", number)
        desk.do("accept")
        caller.first("200 INVITE", number)
        desk.first("ACK", number)
        caller.do("hangup")
        desk.first("BYE", number)
        office.is_idle()
        office.node.all_ended(number)
        if number == 1:
            office.node.kill_and_restart()
            # Nobody registers anew: where the phones are, the node knows from the database.
            assert len(office.node.status.registrations) == 2

    assert [record.outcome for record in office.node.all_ended(2)] == ["answered", "answered"]
    assert not (office.node.data / "switchroom.db").exists()
    engine = create_engine(url)
    with engine.connect() as connection:
        stored = connection.execute(text("SELECT outcome FROM call_records")).scalars().all()
    engine.dispose()
    assert stored == ["answered", "answered"]
