"""What all plain resources have in common, tried on each: from its creation to its end."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from api.operations import BODIES
from fakes.two_customers import TwoCustomers, two_customers

CHANGES: Mapping[str, tuple[str, Any]] = {
    "tags": ("text", "for the night"),
    "clients": ("name", "renamed"),
    "trunks": ("name", "renamed"),
    "routes": ("prefix", "+4940"),
    "groups": ("ring_timeout_s", 45.0),
    "numbers": ("to", {"kind": "group", "id": "acme-group-t1"}),
    "extensions": ("max_contacts", 2),
    "agents": ("capacity", 3),
    "agent_addresses": ("enabled", False),
}
"A field of each kind of thing, and what becomes of it."


@pytest.fixture(scope="module")
def world(either_world: str) -> Iterator[TwoCustomers]:  # noqa: ARG001
    with two_customers() as made:
        yield made


@pytest.mark.parametrize("noun", CHANGES)
def test_from_its_creation_to_its_end(world: TwoCustomers, noun: str) -> None:
    def ask(method: str, path: str = "", **options: Any) -> Any:
        return world.world.ask("acme-owner", method, f"/v1/{noun}{path}", **options)

    before = ask("GET", "?count=true").json()["total"]
    made = ask("POST", json=BODIES[("POST", f"/v1/{noun}")])
    assert made.status_code == 201, made.text
    path = made.headers["location"].removeprefix(f"/v1/{noun}")
    read = ask("GET", path)
    assert (read.json(), read.headers["etag"]) == (made.json(), made.headers["etag"])
    assert ask("GET", "?count=true").json()["total"] == before + 1

    field, value = CHANGES[noun]
    match = {"If-Match": made.headers["etag"]}
    changed = ask("PATCH", path, json={field: value}, headers=match)
    assert changed.json() == made.json() | {field: value}
    assert changed.headers["etag"] != made.headers["etag"]
    for method, body in (("PATCH", {"json": {field: value}}), ("DELETE", {})):
        assert ask(method, path, headers=match, **body).status_code == 412
    assert ask("GET", path).json() == changed.json()

    assert ask("DELETE", path, headers={"If-Match": changed.headers["etag"]}).status_code == 204
    assert ask("GET", path).status_code == 404
    assert ask("GET", "?count=true").json()["total"] == before
    world.put_back()


@pytest.mark.parametrize(
    ("noun", "sort"),
    [
        ("agents", "username"),
        ("agents", "-name"),
        ("extensions", "number"),
        ("tags", "-name"),
        ("calls", "started_at"),
        ("calls", "-call_id"),
        ("numbers", "-e164"),
        ("groups", "name"),
    ],
)
def test_pages_have_everything_once_in_order(world: TwoCustomers, noun: str, sort: str) -> None:
    found: list[Any] = []
    cursor: str | None = ""
    while cursor is not None:
        query = f"sort={sort}&limit=3&cursor={cursor}"
        page = world.world.ask("acme-owner", "GET", f"/v1/{noun}?{query}").json()
        found += page["items"]
        cursor = page["next_cursor"]
    field = {"call_id": "id"}.get(sort.removeprefix("-"), sort.removeprefix("-"))
    values = [one[field] for one in found]
    assert values == sorted(values, reverse=sort.startswith("-"))
    ids = [one["id"] for one in found]
    counted = world.world.ask("acme-owner", "GET", f"/v1/{noun}?count=true&limit=1").json()
    assert len(set(ids)) == len(ids) == counted["total"] > 1


@pytest.mark.parametrize(
    ("path", "ids"),
    [
        ("agents?username=acme-mate@acme.example", {"acme-mate"}),
        ("agents?username=nobody@acme.example", set()),
        ("agent_addresses?agent_id=acme-mate", {"acme-addr-mate"}),
        ("numbers?client_id=acme-c1", {"acme-number-c1"}),
        ("calls?agent_id=acme-mate", {"acme-call-mate"}),
        ("calls?client_id=acme-c1&live=true", {"acme-call-mate", "acme-call-c1"}),
        ("calls?live=false", set()),
        ("calls?since=1799999941&direction=in", set()),
        ("bindings?agent_id=acme-mate", {"acme-binding"}),
        ("restrictions?agent_id=acme-mate", {"acme-restriction"}),
    ],
)
def test_filters(world: TwoCustomers, path: str, ids: set[str]) -> None:
    page = world.world.ask("acme-owner", "GET", f"/v1/{path}&count=true").json()
    assert {one["id"] for one in page["items"]} == ids
    assert page["total"] == len(ids)


def test_a_team_sees_the_extensions_of_its_own_agents(world: TwoCustomers) -> None:
    """Whose an extension is stands in another table, which the condition about teams asks."""
    page = world.world.ask("acme-supervisor", "GET", "/v1/extensions?limit=200&count=true").json()
    seen = {one["id"] for one in page["items"]}
    assert {"acme-ext-mate", "acme-ext-supervisor"} <= seen
    assert "acme-ext-stranger" not in seen
    assert page["total"] == len(seen)


def test_what_is_changed_while_no_node_runs_is_done(world: TwoCustomers) -> None:
    world.world.node.is_running = False
    try:
        made = world.world.ask("acme-owner", "POST", "/v1/tags", json={"name": "while away"})
        denied = {"agent_id": "acme-mate", "pattern": "calls:hangup"}
        restricted = world.world.ask("acme-owner", "POST", "/v1/restrictions", json=denied)
    finally:
        world.world.node.is_running = True

    assert (made.status_code, restricted.status_code) == (201, 201)
    assert world.world.ask("acme-owner", "GET", made.headers["location"]).status_code == 200


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/extensions", {"number": "201", "password": "a good password"}),
        ("/v1/groups", {"name": "new", "number": "201", "member_ids": ["acme-mate"]}),
    ],
)
def test_who_comes_second_is_told_who_has_it(
    world: TwoCustomers, path: str, body: dict[str, Any]
) -> None:
    ask = world.world.ask
    assert ask("acme-owner", "PATCH", "/v1/agents/acme-mate", json={"number": "201"}).is_success

    answer = ask("acme-owner", "POST", path, json=body)

    assert answer.status_code == 422
    (fault,) = answer.json()["errors"]
    assert fault["field"] == "number"
    assert fault["text"].startswith("201 is already the number of agent ")


def test_what_the_platform_says_of_a_customer_stands_with_it(world: TwoCustomers) -> None:
    def shown() -> tuple[list[str], bool]:
        said = world.world.ask("acme-platform_owner", "GET", "/v1/customers/other").json()
        return said["plan"], said["frozen_at"] is not None

    def platform(method: str, path: str, body: dict[str, Any]) -> None:
        answer = world.world.ask(
            "acme-platform_owner", method, f"/v1/customers/other{path}", json=body
        )
        assert answer.status_code == 204, answer.text

    assert shown() == ([], False)
    platform("PUT", "/plan", {"patterns": ["*:*", "agents:delete"]})
    platform("POST", "/freeze", {"reason": "unpaid"})
    assert shown() == (["*:*", "agents:delete"], True)
    platform("POST", "/recover", {"reason": "paid"})
    platform("PUT", "/plan", {"patterns": []})
    assert shown() == ([], False)


def test_who_may_list_but_get_nothing_is_told_so(world: TwoCustomers) -> None:
    denied = {"agent_id": "acme-auditor", "pattern": "trunks:get"}
    assert world.world.ask("acme-owner", "POST", "/v1/restrictions", json=denied).is_success

    answer = world.world.ask("acme-auditor", "GET", "/v1/trunks")

    assert (answer.status_code, answer.json()["permission"]) == (403, "trunks:get")
