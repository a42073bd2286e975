"""Real parties: a node in its own process, and what ends everything that a test has started."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from interop.home_office import HomeOffice
from interop.office import Office
from interop.programs import until


@pytest.fixture(scope="session")
def _offices() -> Iterator[list[Office]]:
    """The office that tests share; one that a failed test has left in disorder is replaced."""
    offices: list[Office] = []
    yield offices
    for office in offices:
        office.node.program.kill()


@pytest.fixture
def office(
    _offices: list[Office],
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Office]:
    """An office in which nobody talks, neither before nor after the test."""
    if not _offices:
        _offices.append(Office(tmp_path_factory.mktemp("office")))
    office = _offices[0]
    office.begin(re.sub(r"\W+", "_", request.node.name.removeprefix("test_"))[:60])
    try:
        yield office
        until(office.node.is_idle, "no call lives and no agent is taken")
    except BaseException:
        _give_up(_offices, office)
        raise
    finally:
        sys.stdout.write(office.end())  # pytest shows it if the test has failed


def _give_up(offices: list[Office], office: Office) -> None:
    office.node.program.kill()
    offices.remove(office)


@pytest.fixture
def doomed(tmp_path: Path) -> Iterator[Office]:
    """An office of the test's own, since its node will not live."""
    office = Office(tmp_path)
    office.begin("restart")
    try:
        yield office
    finally:
        sys.stdout.write(office.end())
        office.node.program.kill()


@pytest.fixture
def home(tmp_path: Path) -> Iterator[HomeOffice]:
    """A node of the test's own, for phones that register."""
    office = HomeOffice(tmp_path)
    try:
        yield office
    finally:
        sys.stdout.write(office.end())
