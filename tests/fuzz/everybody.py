"""A request that schemathesis has made up, asked by somebody of each built-in role.

What it makes up itself is mostly turned away at the door: there is no thing of a random id, and a
body with a random reference is refused for that alone. So most requests go to things that there
are, and every other body is a good one with a single field of the made-up one.
"""

from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any

import requests
from schemathesis import Case
from schemathesis.checks import CheckFunction, not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.operations import BODIES, SITUATIONS, target
from fakes.tcp_client import TcpClient
from fakes.two_customers import ASKERS, TwoCustomers
from switchroom.api.declarations import Operation, audit
from switchroom.app.catalog import catalog

CHECKS: list[CheckFunction] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
EVERY_FOURTH = 4


class Everybody:
    """All askers over one connection; whatever a request changes is undone after it."""

    def __init__(self, world: TwoCustomers) -> None:
        client = world.world.client
        assert isinstance(client, TcpClient)
        self._world = world
        self._url = client.url
        self._session = requests.Session()
        self._numbers = count()
        self._operations: Mapping[str, Operation] = {
            f"{one.method} {one.path}": one for one in audit(world.world.app, catalog())
        }

    def ask(self, case: Case[Any], askers: Sequence[str] = tuple(ASKERS)) -> None:
        """Send it; raises schemathesis' own exception for an answer that must not be."""
        number = next(self._numbers)
        operation = self._operations[case.operation.label]
        for place, asker in enumerate(askers):
            asked = _aimed(case, operation, asker, number + place)
            bearer = self._world.world.credentials(f"acme-{asker}")
            answer = asked.call(self._url, self._session, headers=bearer)
            if operation.method != "GET" and answer.status_code < 400:
                self._world.put_back()
            if case.method != operation.method:  # one that the address has not
                assert answer.status_code == 405
            else:
                asked.validate_response(answer, checks=CHECKS, headers=bearer)

    def close(self) -> None:
        self._session.close()


def _aimed(case: Case[Any], operation: Operation, asker: str, number: int) -> Case[Any]:
    """The case, at a thing that there is, with a body that may be accepted."""
    path, body = case.path_parameters, case.body
    if "{id}" in operation.path and number % EVERY_FOURTH:
        id = target(operation.declared.row, SITUATIONS[number % len(SITUATIONS)], asker)
        path = path if id is None else {**path, "id": id}
    good = BODIES.get((operation.method, operation.path))
    if good and isinstance(body, dict) and number % 2:
        body = good | _one_of(body, number)
    aimed: Case[Any] = case.operation.Case(
        method=case.method,
        path_parameters=path,
        headers=case.headers,
        cookies=case.cookies,
        query=case.query,
        body=body,
        media_type=case.media_type,
    )
    return aimed


def _one_of(fields: dict[str, Any], number: int) -> dict[str, Any]:
    if not fields:
        return {}
    name = sorted(fields)[number // 2 % len(fields)]
    return {name: fields[name]}
