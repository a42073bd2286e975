"""The search over the API finds what it is for: faults are planted, and each must be found."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from fastapi import Response
from hypothesis import HealthCheck, Phase, given, settings
from pydantic import BaseModel
from schemathesis.core.failures import FailureGroup

from fakes.tcp_client import TcpClient
from fakes.two_customers import TwoCustomers, two_customers
from fuzz.everybody import Everybody
from switchroom.api.access import CurrentActor, logged_in

FOUND = {
    "status": "Undocumented status code",
    "crash": "Server error",
    "body": "Response violates schema",
    "kind": "Undocumented Content-Type",
}


class Sent(BaseModel):
    number: int


@logged_in("a fault for one role only")
def status(sent: Sent, actor: CurrentActor) -> Any:  # noqa: ARG001
    is_auditor = actor.principal_id == "acme-auditor"
    return Response('{"number": 1}', 418 if is_auditor else 200, media_type="application/json")


@logged_in("a fault for one kind of value only")
def crash(sent: Sent) -> Any:
    return {"root": sent.number**0.5 < 0}


@logged_in("a fault for everybody")
def body(sent: Sent) -> Any:  # noqa: ARG001
    return Response('{"number": "none"}', media_type="application/json")


@logged_in("a fault for everybody")
def kind(sent: Sent) -> Any:  # noqa: ARG001
    return Response("number", media_type="text/plain")


@pytest.fixture(scope="module")
def world() -> Iterator[TwoCustomers]:
    with two_customers(TcpClient) as made:
        for planted in (status, crash, body, kind):
            made.world.app.add_api_route(
                f"/v1/planted/{planted.__name__}", planted, methods=["POST"], response_model=Sent
            )
        yield made


@pytest.mark.parametrize("name", FOUND)
def test_a_planted_fault_is_found(world: TwoCustomers, name: str) -> None:
    everybody = Everybody(world)
    schema = schemathesis.openapi.from_dict(world.world.app.openapi())

    @settings(
        max_examples=20,
        phases=[Phase.generate],
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(schema[f"/v1/planted/{name}"]["POST"].as_strategy())
    def search(case: schemathesis.Case[Any]) -> None:
        everybody.ask(case)

    with pytest.raises(FailureGroup) as found:
        search()
    everybody.close()
    assert FOUND[name] in {failure.title for failure in found.value.exceptions}
