"""What does not fit an operation, in words that whoever has sent it can do something with."""

from collections.abc import Iterator
from typing import Any

import pytest

from fakes.two_customers import TwoCustomers, two_customers

AGENT: dict[str, Any] = {"username": "new@acme.example", "name": "New"}
JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def world() -> Iterator[TwoCustomers]:
    with two_customers() as made:
        yield made


def faults(answer: Any) -> list[tuple[str, str]]:
    assert answer.status_code == 422, answer.text
    return [(one["field"], one["text"]) for one in answer.json()["errors"]]


@pytest.mark.parametrize(
    ("path", "body", "fault"),
    [
        ("agents", {"name": "New"}, ("username", "is required")),
        ("agents", AGENT | {"name": ""}, ("name", "must not be empty")),
        ("agents", AGENT | {"username": "a"}, ("username", "must have at least 3 characters")),
        ("agents", AGENT | {"capacity": 0}, ("capacity", "must be at least 1")),
        ("agents", AGENT | {"capacity": 101}, ("capacity", "must be at most 100")),
        ("agents", AGENT | {"capacity": 1.5}, ("capacity", "must be a whole number")),
        ("agents", AGENT | {"ring_method": "all"}, ("ring_method", "must be 'ring_all' or 'lin")),
        ("agents", AGENT | {"capcity": 2}, ("capcity", 'there is no such field (did you mean "ca')),
        ("agents", AGENT | {"color": 2}, ("color", "there is no such field; there are username, ")),
        ("agents", ["a"], ("body", "must be an object")),
        ("roles", {"name": "x", "statements": []}, ("statements", "must not be empty")),
        (
            "roles",
            {"name": "x", "statements": [{"pattern": "calls:get"}, {"patern": "calls:get"}]},
            ("statements[1].pattern", "is required"),
        ),
        (
            "groupcalls",
            {"destinations": [{"kind": "number", "name": "1"}, {"kind": "fax", "name": "1"}]},
            ("destinations[1].kind", "must be 'agent', "),
        ),
        (
            "groupcalls",
            {"destinations": [{"kind": "agent", "name": "nobody"}]},
            ("destinations[0].name", "there is no such agent"),
        ),
        ("authz/check", {"permissions": ["calls:get", "calls:fly"]}, ("permissions[1]", "")),
        ("groups", {"name": "x", "member_ids": ["nobody"]}, ("member_ids[0]", "there is no such")),
    ],
)
def test_which_field_and_what_is_wrong(
    world: TwoCustomers, path: str, body: Any, fault: tuple[str, str]
) -> None:
    field, text = faults(world.world.ask("acme-owner", "POST", f"/v1/{path}", json=body))[0]
    assert (field, text[: len(fault[1])]) == fault


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("extensions/acme-ext-mate", {"number": "4711"}),
        ("agents/acme-mate", {"username": "other@acme.example"}),
        ("agent_addresses/acme-addr-mate", {"agent_id": "acme-stranger"}),
        ("tags/acme-t1", {"id": "other"}),
        ("tags/acme-t1", {"customer_id": "other"}),
    ],
)
def test_what_cannot_be_changed_is_said(world: TwoCustomers, path: str, body: Any) -> None:
    answer = world.world.ask("acme-owner", "PATCH", f"/v1/{path}", json=body)
    assert faults(answer) == [(next(iter(body)), "cannot be changed")]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("agents", AGENT | {"capacity": True}),
        ("agents", AGENT | {"capacity": "3"}),
        ("agents", AGENT | {"follow_redirects": "1"}),
        ("agents", AGENT | {"follow_redirects": 0}),
        ("agents", AGENT | {"ring_timeout_s": True}),
        ("agents", AGENT | {"ring_timeout_s": "30"}),
        ("agents", AGENT | {"name": 7}),
        ("accesskeys", {"name": "x", "ceiling": ["calls:get"], "days": "30"}),
        ("accesskeys", {"name": "x", "ceiling": ["calls:get"], "days": True}),
        ("bindings", {"agent_id": "acme-mate", "role_id": "acme-role", "not_before": True}),
    ],
)
def test_other_types_are_not_taken_for_what_was_perhaps_meant(
    world: TwoCustomers, path: str, body: Any
) -> None:
    ((_, text),) = faults(world.world.ask("acme-owner", "POST", f"/v1/{path}", json=body))
    assert text.startswith("must be ")


def test_a_whole_number_is_a_number(world: TwoCustomers) -> None:
    body = AGENT | {"ring_timeout_s": 20}
    assert world.world.ask("acme-owner", "POST", "/v1/agents", json=body).status_code == 201
    world.put_back()


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"", "is required"),
        (b"{", "is not JSON: Expecting property name enclosed in double quotes (line 1, column 2)"),
        (b'{\n "a": 1,\n b}', "is not JSON: "),
    ],
)
def test_a_body_that_cannot_be_read(world: TwoCustomers, body: bytes, text: str) -> None:
    answer = world.world.ask("acme-owner", "POST", "/v1/tags", content=body, headers=JSON)
    ((field, said),) = faults(answer)
    assert (field, said[: len(text)]) == ("body", text)
    if body.count(b"\n"):
        assert said.endswith("(line 3, column 2)")


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b'{"name": "\xff"}', "not UTF-8"),
        (b'{"name": "a\\u0000"}', "the body has a NUL character (byte 11)"),
        (b"[" * 33 + b"]" * 33, "the body has more than 32 levels of nesting"),
    ],
)
def test_bodies_that_nobody_looks_into(world: TwoCustomers, body: bytes, detail: str) -> None:
    answer = world.world.ask("acme-owner", "POST", "/v1/tags", content=body, headers=JSON)
    assert answer.status_code == 400
    assert detail in answer.json()["detail"]


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/v1/tags", "GET, HEAD, POST"),
        ("POST", "/v1/tags/x", "DELETE, GET, HEAD, PATCH"),
        ("GET", "/v1/auth/login", "POST"),
    ],
)
def test_another_method(world: TwoCustomers, method: str, path: str, allowed: str) -> None:
    answer = world.world.ask("acme-owner", method, path)
    assert (answer.status_code, answer.headers["allow"]) == (405, allowed)
    said = answer.json()
    assert said["code"] == "method_not_allowed"
    assert said["detail"] == f"there is no {method} here: this address takes {allowed}"
