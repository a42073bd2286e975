"""``If-Match`` where it is taken: only what its author has read is changed, and nothing later."""

from collections.abc import Iterator
from typing import Any

import pytest

from api.operations import target
from fakes.two_customers import TwoCustomers, two_customers

CHANGES: tuple[tuple[str, Any, Any], ...] = (
    ("roles/acme-role", {"text": "one"}, {"text": "two"}),
    ("accesskeys/acme-key-mate", {"name": "one"}, {"name": "two"}),
    ("auth_settings", {"password_least": 13}, {"password_least": 14}),
)

_ID = "{id}"


@pytest.fixture(scope="module")
def world(either_world: str) -> Iterator[TwoCustomers]:  # noqa: ARG001
    with two_customers() as made:
        yield made


@pytest.mark.parametrize(("path", "first", "second"), CHANGES)
def test_whoever_is_late_changes_nothing(
    world: TwoCustomers, path: str, first: Any, second: Any
) -> None:
    def ask(method: str, **options: Any) -> Any:
        return world.world.ask("acme-owner", method, f"/v1/{path}", **options)

    seen = {"If-Match": ask("GET").headers["etag"]}
    changed = ask("PATCH", json=first, headers=seen)
    assert changed.status_code == 200, changed.text
    assert changed.headers["etag"] == ask("GET").headers["etag"] != seen["If-Match"]

    late = ask("PATCH", json=second, headers=seen)
    assert (late.status_code, late.json()["code"]) == (412, "precondition_failed")
    assert ask("PATCH", json=second, headers={"If-Match": '"bogus"'}).status_code == 412
    assert ask("GET").json() == changed.json()

    if path != "auth_settings":
        assert ask("DELETE", headers=seen).status_code == 412
        newest = {"If-Match": changed.headers["etag"]}
        assert ask("DELETE", headers=newest).status_code == 204
    world.put_back()


def test_a_new_role_and_a_new_key_say_their_version(world: TwoCustomers) -> None:
    for noun, body in (
        ("roles", {"name": "new", "statements": [{"pattern": "calls:get"}]}),
        ("accesskeys", {"name": "new", "ceiling": ["calls:get"]}),
    ):
        made = world.world.ask("acme-owner", "POST", f"/v1/{noun}", json=body)
        read = world.world.ask("acme-owner", "GET", f"/v1/{noun}/{made.json()['id']}")
        assert made.headers["etag"] == read.headers["etag"]
    world.put_back()


def test_using_a_key_makes_no_other_version_of_it(world: TwoCustomers) -> None:
    body = {"name": "new", "ceiling": ["calls:read"]}
    made = world.world.ask("acme-owner", "POST", "/v1/accesskeys", json=body).json()
    path = f"/v1/accesskeys/{made['id']}"
    before = world.world.ask("acme-owner", "GET", path)
    bearer = {"Authorization": f"Bearer {made['key']}"}
    assert world.world.client.request("GET", "/v1/calls", headers=bearer).status_code == 200
    after = world.world.ask("acme-owner", "GET", path)
    assert (before.json()["last_used_at"], after.json()["last_used_at"]) == (None, world.world.now)
    assert after.headers["etag"] == before.headers["etag"]
    world.put_back()


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "agents/acme-mate/status", {"status": "away"}),
        ("DELETE", "bindings/acme-binding", None),
        ("DELETE", "restrictions/acme-restriction", None),
        ("PUT", "auth/password", {"old_password": "x", "password": "y"}),
        ("GET", "roles/acme-role", None),
    ],
)
def test_where_it_is_not_taken_it_is_refused(
    world: TwoCustomers, method: str, path: str, body: Any
) -> None:
    options = {} if body is None else {"json": body}
    seen = {"If-Match": '"bogus"'}
    answer = world.world.ask("acme-owner", method, f"/v1/{path}", headers=seen, **options)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")
    assert "takes no If-Match" in answer.json()["detail"]


def test_a_version_is_shown_exactly_where_it_is_taken(world: TwoCustomers) -> None:
    for path, operations in world.world.app.openapi()["paths"].items():
        if not path.endswith(_ID) or "get" not in operations:
            continue
        noun = path.split("/")[2]
        found = (target(noun, one, "owner") for one in ("own", "other_team", "client"))
        id = next(one for one in found if one)
        answer = world.world.ask("acme-owner", "GET", path.replace(_ID, id))
        assert answer.status_code == 200, path
        taken = any("412" in operation["responses"] for operation in operations.values())
        assert ("etag" in answer.headers) == taken, path


def test_the_schema_lists_412_exactly_where_it_is_taken(world: TwoCustomers) -> None:
    for path, operations in world.world.app.openapi()["paths"].items():
        for method, operation in operations.items():
            taken = "If-Match" in {one["name"] for one in operation.get("parameters", [])}
            assert taken == ("412" in operation["responses"]), (method, path)
