"""One customer tries everything against the other's ids; nothing of them comes back."""

import json
from typing import Any

import httpx
import pytest

from api.operations import SITUATIONS, operations, request_of, target
from fakes.two_customers import TwoCustomers, two_customers

pytestmark = pytest.mark.usefixtures("either_world")
FOREIGN = "other-"
"Begins every id of the other customer."
PLATFORM = "customers:"


def leaks(answer: httpx.Response, sent: str) -> list[str]:
    """What an answer tells of the other customer beside what was sent."""
    said = answer.text.replace(sent, "")
    words = ("other-", "other.example", '"other"', "+4420718387")
    return [word for word in words if word in said]


def swapped(value: Any) -> Any:
    """A body whose references all lead to the other customer."""
    return json.loads(json.dumps(value).replace("acme-", FOREIGN))


def test_no_operation_on_a_foreign_id_tells_or_changes_anything() -> None:
    with two_customers() as world:
        before = picture(world)
        for operation in operations(world.world.app):
            if "{id}" not in operation.path:
                continue
            id = target(operation.declared.row, "other_tenant", "owner") or ""
            path = operation.path.replace("{id}", id)
            foreign = world.world.ask("acme-owner", operation.method, path, **request_of(operation))
            nothing = world.world.ask(
                "acme-owner",
                operation.method,
                operation.path.replace("{id}", "nothing-of-this-id"),
                **request_of(operation),
            )
            assert foreign.status_code == nothing.status_code in {403, 404}, operation
            assert without_id(foreign) == without_id(nothing), operation
        assert picture(world) == before


def test_references_to_foreign_things_are_refused_like_references_to_nothing() -> None:
    with two_customers() as world:
        tried = 0
        for operation in operations(world.world.app):
            options = request_of(operation)
            body = options.get("json")
            if not body or "acme-" not in json.dumps(body) or "{id}" in operation.path:
                continue
            tried += 1
            foreign = json.loads(json.dumps(body).replace("acme-", FOREIGN))
            nothing = json.loads(json.dumps(body).replace("acme-", "gone-"))
            answers = [
                world.world.ask("acme-owner", operation.method, operation.path, json=one)
                for one in (foreign, nothing)
            ]
            assert answers[0].status_code == answers[1].status_code >= 400, operation
            said = [without_id(one).replace("other-", "").replace("gone-", "") for one in answers]
            assert said[0] == said[1], operation
        assert tried >= 5


def test_lists_and_counts_are_of_ones_own() -> None:
    with two_customers() as world:
        for operation in operations(world.world.app):
            if operation.method != "GET" or "{id}" in operation.path:
                continue
            options = request_of(operation)
            for who in ("acme-owner", "acme-auditor", "acme-supervisor"):
                answer = world.world.ask(who, "GET", operation.path, **options)
                if operation.declared.permission is None:
                    continue
                assert not leaks(answer, ""), (who, operation.path, answer.text)


def test_what_is_unique_on_the_platform_is_taken_and_no_more_is_told() -> None:
    with two_customers() as world:
        tries = [
            (
                "/v1/numbers",
                {"e164": "+442071838750", "to": {"kind": "agent", "id": "acme-mate"}},
                "e164",
            ),
            ("/v1/agents", {"username": "other-mate@other.example", "name": "x"}, "username"),
        ]
        for path, body, field in tries:
            answer = world.world.ask("acme-owner", "POST", path, json=body)
            assert answer.status_code == 422
            assert answer.json()["errors"] == [{"field": field, "text": "is taken already"}]


def test_filters_and_cursors_reach_no_further() -> None:
    with two_customers() as world:
        ask = world.world.ask
        assert ask("acme-owner", "GET", "/v1/calls?agent_id=other-mate").json()["items"] == []
        assert ask("acme-owner", "GET", "/v1/numbers?client_id=other-c1").json()["items"] == []
        page = ask("other-owner", "GET", "/v1/agents?limit=1", customer="other").json()
        cursor = page["next_cursor"]
        mine = ask("acme-owner", "GET", f"/v1/agents?limit=200&cursor={cursor}").json()
        assert {one["customer_id"] for one in mine["items"]} <= {"acme"}


def without_id(answer: httpx.Response) -> str:
    """The answer without what differs with every request."""
    document = answer.json() if answer.content else {}
    document.pop("request_id", None)
    return json.dumps(document, sort_keys=True)


def picture(world: TwoCustomers) -> dict[str, Any]:
    """All that the other customer's owner sees."""
    seen = {}
    for operation in operations(world.world.app):
        if operation.method == "GET" and operation.declared.row and "{id}" in operation.path:
            for situation in SITUATIONS[:-1]:
                id = target(operation.declared.row, situation, "owner")
                path = operation.path.replace("{id}", (id or "x").replace("acme", "other"))
                answer = world.world.ask("other-owner", "GET", path, customer="other")
                seen[path] = (answer.status_code, answer.text if answer.is_success else "")
    return seen
