"""Hostile requests get a clear refusal, and cost little."""

from collections.abc import Iterator
from typing import Any

import pytest

from fakes.two_customers import TwoCustomers, two_customers


@pytest.fixture(scope="module")
def world(either_world: str) -> Iterator[TwoCustomers]:  # noqa: ARG001
    with two_customers() as made:
        yield made


def refusal(answer: Any) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    said = answer.json()
    assert said["status"] == answer.status_code
    assert said["request_id"] == answer.headers["x-request-id"]
    return answer.status_code, said["code"]


def test_a_token_counts_in_the_header_alone(world: TwoCustomers) -> None:
    token = world.world.token("acme-owner", "acme")
    request = world.world.client.request
    for path in (f"/v1/agents?access_token={token}", f"/v1/agents?token={token}"):
        assert refusal(request("GET", path)) == (401, "unknown")
    for header in (f"Basic {token}", token, f"Bearer {token} x", "Bearer", f"bearer  {token}x"):
        answer = request("GET", "/v1/agents", headers={"Authorization": header})
        assert refusal(answer) == (401, "unknown")
        assert answer.headers["www-authenticate"].startswith("Bearer")


def test_headers_that_are_given_twice(world: TwoCustomers) -> None:
    token = world.world.token("acme-owner", "acme")
    twice = [("Authorization", f"Bearer {token}"), ("Authorization", "Bearer x")]
    assert refusal(world.world.client.request("GET", "/v1/agents", headers=twice)) == (
        400,
        "bad_request",
    )
    many = [("X-A", "b")] * 100
    assert refusal(world.world.client.request("GET", "/healthz", headers=many))[0] == 400


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"[" * 100_000, 400),
        (b'{"name":' * 40 + b"1" + b"}" * 40, 400),
        (b'{"name": "a\\u0000b"}', 400),
        (b'{"name": "' + b"a" * 1_100_000 + b'"}', 413),
        (b'{"name": "\\ud800"}', 422),
        (b'{"name": ', 422),
        (b"\xff\xfe", 422),
        (b"", 422),
        (b"null", 422),
        (b'{"name": "x", "customer_id": "other"}', 422),
        (b'{"name": 1e999}', 422),
    ],
)
def test_bodies(world: TwoCustomers, body: bytes, status: int) -> None:
    answer = world.world.ask(
        "acme-owner",
        "POST",
        "/v1/tags",
        content=body,
        headers={"Content-Type": "application/json"},
    )
    assert refusal(answer)[0] == status


def test_strings_are_no_brackets(world: TwoCustomers) -> None:
    name = "[" * 60
    answer = world.world.ask("acme-owner", "POST", "/v1/tags", json={"name": name})
    assert answer.status_code == 201
    world.put_back()


@pytest.mark.parametrize(
    "cursor", ["x", "WyJuYW1lIiwxLCJ4Il0", "!!!!", "WyItbmFtZSIsInQxIiwieCJd", "W10"]
)
def test_cursors_that_no_list_has_given(world: TwoCustomers, cursor: str) -> None:
    answer = world.world.ask("acme-owner", "GET", f"/v1/tags?cursor={cursor}")
    assert refusal(answer) == (422, "invalid")
    assert answer.json()["errors"][0]["field"] == "cursor"


@pytest.mark.parametrize("id", ["%00", "..%2f..", "x" * 5000, "%ff", "'; DROP TABLE agents;--"])
def test_ids(world: TwoCustomers, id: str) -> None:
    answer = world.world.ask("acme-owner", "GET", f"/v1/agents/{id}")
    assert answer.status_code in {400, 404, 422}


def test_who_does_not_log_in_learns_nothing_from_his_body(world: TwoCustomers) -> None:
    request = world.world.client.request
    for content in (b"{", b"{}", b'{"name": "x"}'):
        answer = request("POST", "/v1/tags", content=content)
        assert refusal(answer) == (401, "unknown")


def test_who_lacks_the_permission_learns_nothing_from_his_body(world: TwoCustomers) -> None:
    for content in (b"{", b"{}", b'{"name": "x"}'):
        answer = world.world.ask("acme-nobody", "POST", "/v1/tags", content=content)
        assert refusal(answer) == (403, "implicit_deny")


def test_a_password_never_comes_out(world: TwoCustomers) -> None:
    secret = "correct horse battery 77"
    body = {"number": "4711", "password": secret}
    made = world.world.ask("acme-owner", "POST", "/v1/extensions", json=body)
    assert made.status_code == 201
    for path in (f"/v1/extensions/{made.json()['id']}", "/v1/extensions", "/v1/audit"):
        said = world.world.ask("acme-owner", "GET", path).text
        assert secret not in said
        assert "ha1" not in said
    world.put_back()


@pytest.mark.parametrize("reference", ["env:PATH", "file:/etc/passwd"])
def test_a_password_is_never_a_place_on_our_machine(world: TwoCustomers, reference: str) -> None:
    body = {"name": "spy", "hosts": ["192.0.2.66"], "username": "us", "password": reference}
    made = world.world.ask("acme-owner", "POST", "/v1/trunks", json=body)
    assert made.status_code == 201
    with world.world.engine.connect() as connection:
        stored = connection.exec_driver_sql("SELECT secret FROM trunks WHERE name = 'spy'").scalar()
    assert stored is not None
    assert stored != reference
    world.put_back()


def test_a_repetition_does_nothing_again(world: TwoCustomers) -> None:
    ask = world.world.ask
    key = {"Idempotency-Key": "only-once"}
    first = ask("acme-owner", "POST", "/v1/tags", json={"name": "once"}, headers=key)
    again = ask("acme-owner", "POST", "/v1/tags", json={"name": "once"}, headers=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert again.headers["idempotency-replayed"] == "true"
    other = ask("acme-owner", "POST", "/v1/tags", json={"name": "twice"}, headers=key)
    assert refusal(other) == (422, "invalid")
    somebody = ask("acme-admin", "POST", "/v1/tags", json={"name": "admin's"}, headers=key)
    assert somebody.status_code == 201
    world.put_back()


def test_an_answer_with_a_secret_is_not_kept(world: TwoCustomers) -> None:
    ask = world.world.ask
    key = {"Idempotency-Key": "a-key"}
    wish = {"name": "k", "ceiling": ["calls:read"]}
    assert ask("acme-owner", "POST", "/v1/accesskeys", json=wish, headers=key).status_code == 201
    again = ask("acme-owner", "POST", "/v1/accesskeys", json=wish, headers=key)
    assert refusal(again) == (409, "conflict")
    with world.world.engine.connect() as connection:
        bodies = connection.exec_driver_sql("SELECT body FROM idempotency_keys").scalars().all()
    assert not any("sr_k_" in body for body in bodies)
    world.put_back()


def test_what_came_to_nothing_may_be_tried_again(world: TwoCustomers) -> None:
    ask = world.world.ask
    key = {"Idempotency-Key": "third-time-lucky"}
    for body, status in (({}, 422), ({"name": "lucky"}, 201)):
        answer = ask("acme-owner", "POST", "/v1/tags", json=body, headers=key)
        assert answer.status_code == status
    world.put_back()


def test_two_changes_of_the_same_thing(world: TwoCustomers) -> None:
    ask = world.world.ask
    seen = ask("acme-owner", "GET", "/v1/tags/acme-t1").headers["etag"]
    match = {"If-Match": seen}
    body = {"text": "first"}
    assert ask("acme-owner", "PATCH", "/v1/tags/acme-t1", json=body, headers=match).is_success
    late = ask("acme-owner", "PATCH", "/v1/tags/acme-t1", json={"text": "late"}, headers=match)
    assert refusal(late) == (412, "precondition_failed")
    assert late.headers["etag"] != seen
    world.put_back()


def test_a_cookie_alone_changes_nothing(world: TwoCustomers) -> None:
    token = world.world.token("acme-owner", "acme")
    cookie = {"Cookie": f"switchroom_session={token}"}
    request = world.world.client.request
    assert request("GET", "/v1/tags", headers=cookie).status_code == 200
    answer = request("POST", "/v1/tags", headers=cookie, json={"name": "x"})
    assert refusal(answer) == (401, "csrf")
