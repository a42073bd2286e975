"""The matrix once more over TCP, as it is served in the product: by bearer token and by cookie.

In one situation for each operation, for askers of every kind; the rest is tried without a socket.
"""

from collections.abc import Iterator

import pytest

from api.matrix import FILE, ask, blocks
from api.operations import SITUATIONS, operations
from fakes.api_world import Shown
from fakes.tcp_client import TcpClient
from fakes.two_customers import TwoCustomers, two_customers
from switchroom.api.declarations import Operation

WRITTEN = blocks(FILE.read_text())
ASKERS = ("owner", "supervisor", "agent", "auditor", "platform_support", "nobody")


@pytest.fixture(scope="module")
def world(either_world: str) -> Iterator[TwoCustomers]:  # noqa: ARG001
    with two_customers(TcpClient) as made:
        yield made


def expected(operation: Operation) -> tuple[str, dict[str, str]]:
    """A situation that there is for everybody, and what is written for it by asker."""
    lines = WRITTEN[f"{operation.method} {operation.path}"].splitlines()[1:]
    rows = {name: statuses for name, *statuses in map(str.split, lines)}
    if "{id}" not in operation.path:
        return "", {asker: rows[asker][0] for asker in ASKERS}
    # His own thing tells most: an agent may what a supervisor may not.
    place = next(place for place, status in enumerate(rows["owner"]) if status != "-")
    return SITUATIONS[place], {asker: rows[asker][place] for asker in ASKERS}


@pytest.mark.parametrize("shown", ["bearer", "cookie"])
def test_answers_over_tcp_are_those_of_the_matrix(world: TwoCustomers, shown: Shown) -> None:
    wrong = []
    for operation in operations(world.world.app):
        if operation.declared.is_public:
            continue  # asks nobody who he is, only how often
        situation, statuses = expected(operation)
        for asker, status in statuses.items():
            answered = ask(world, asker, operation, situation, shown)
            if answered != status:
                wrong.append((asker, operation.method, operation.path, situation, answered, status))
    assert wrong == []
