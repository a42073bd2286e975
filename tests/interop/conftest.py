"""Real parties: a node in its own process, and what ends everything that a test has started."""

import re
from collections.abc import Iterator

import pytest

from interop.office import Office
from interop.programs import until

_offices: list[Office] = []


@pytest.fixture(scope="session")
def _office_of_all(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Office]]:
    """The office that tests share; one that a failed test has left in disorder is replaced."""
    yield _offices
    for office in _offices:
        office.node.program.kill()
    _offices.clear()


@pytest.fixture
def office(
    _office_of_all: list[Office],
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Office]:
    """An office in which nobody talks, neither before nor after the test."""
    if not _office_of_all:
        _office_of_all.append(Office(tmp_path_factory.mktemp("office")))
    office = _office_of_all[0]
    office.begin(re.sub(r"\W+", "_", request.node.name.removeprefix("test_"))[:60])
    try:
        yield office
        until(office.node.is_idle, "no call lives and no agent is taken")
    except BaseException:
        _give_up(_office_of_all, office)
        raise
    finally:
        office.end()


def _give_up(offices: list[Office], office: Office) -> None:
    office.node.program.kill()
    offices.remove(office)
