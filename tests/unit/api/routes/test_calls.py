"""Calls over HTTP: what the node is asked, and what the audit log says of it."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from fakes.api_world import NoDialRightError, World, company_world
from fakes.locked_database import refusing_writes
from switchroom.api.ports import Scalar
from switchroom.drivers.control_client import NoNodeError
from switchroom.store.epochs import raise_customer

TO = {"to": {"kind": "number", "name": "1001"}}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with company_world(tmp_path) as made:
        yield made


def ask(world: World, method: str, path: str, status: int, **options: Any) -> Any:
    """What Alice is answered; her request is called ``request-1``."""
    headers = {"X-Request-Id": "request-1"}
    answer = world.ask("alice", method, path, headers=headers, **options)
    assert answer.status_code == status, answer.text
    return answer.json() if answer.content else None


def newest(world: World, *fields: str) -> tuple[Any, ...]:
    """These fields of the newest audit entry."""
    entry = world.ask("olga", "GET", "/v1/audit?limit=1").json()["items"][0]
    who = (entry["actor_id"], entry["token_kind"], entry["customer_id"], entry["request_id"])
    assert who == ("alice", "session", "acme", "request-1")
    return tuple(entry[name] for name in fields)


def add_call(world: World, id: str) -> None:
    texts = ("client_id", "caller_agent_id", "caller", "called", "text", "outcome", "ended_by")
    numbers = ("started_at", "waited_s", "talked_s", "status", "q850")
    known = {"agent_id": "alice", "direction": "in", "legs": "[]", "agent_ids": " alice "}
    row = known | dict.fromkeys(texts, "") | dict.fromkeys(numbers, 0)
    world.insert("call_records", call_id=id, customer_id="acme", **row)


def test_who_begins_a_call_is_in_the_audit_log(world: World) -> None:
    made = ask(world, "POST", "/v1/calls", 201, json=TO)

    action, decision, resource, target, after = newest(
        world, "action", "decision", "resource", "target_id", "after"
    )
    assert (action, decision, resource, target) == ("calls:create", "done", "calls", made["id"])
    assert after["connect_to"] == {"number": "1001"}
    assert after["asked_by"] == "alice"


def test_who_begins_a_groupcall_is_in_the_audit_log(world: World) -> None:
    body = {"destinations": [{"kind": "number", "name": "1001"}]}
    made = ask(world, "POST", "/v1/groupcalls", 201, json=body)

    said = newest(world, "action", "decision", "target_id")
    assert said == ("groupcalls:create", "done", made["id"])


def test_a_call_that_the_node_refuses_is_in_the_audit_log(world: World) -> None:
    world.node.refusal = NoDialRightError("you may not dial that")
    ask(world, "POST", "/v1/calls", 403, json=TO)

    said = newest(world, "action", "decision", "reason")
    assert said == ("calls:create", "refused", "no_dial_right: you may not dial that")


def test_a_node_that_does_not_answer_has_refused_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ask_nobody(_command: str, _arguments: Mapping[str, Scalar]) -> Any:
        raise NoNodeError("the node does not answer within 10 s")

    monkeypatch.setattr(world.node, "ask", ask_nobody)
    ask(world, "POST", "/v1/calls", 503, json=TO)
    said = newest(world, "action", "decision", "reason")
    assert said == ("calls:create", "failed", "no_node: the node does not answer within 10 s")
    add_call(world, "c1")
    headers = {"X-Request-Id": "request-1"}
    answer = world.ask("alice", "POST", "/v1/calls/c1/hangup", headers=headers)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert newest(world, "action", "decision", "target_id") == ("calls:hangup", "failed", "c1")
    assert len(world.ask("olga", "GET", "/v1/audit?decision=failed").json()["items"]) == 2


def test_a_call_in_somebody_elses_name_is_refused_and_noted(world: World) -> None:
    ask(world, "POST", "/v1/calls", 403, json=TO | {"agent_id": "olga"})

    assert newest(world, "action", "decision") == ("calls:create", "refused")
    assert not world.node.told("originate")


def test_who_asks_for_somebody_elses_call_is_who_asks(world: World) -> None:
    for who, agent_id in (("olga", "alice"), ("olga", ""), ("alice", "")):
        answer = world.ask(who, "POST", "/v1/calls", json=TO | {"agent_id": agent_id})
        assert answer.status_code == 201
        asked = world.node.asked[-1][1]
        assert (asked["asked_by"], asked["for_agent"]) == (who, agent_id or who)
        assert asked["destinations"] == [{"agent": agent_id or who}]


@pytest.mark.parametrize(
    ("who", "kind", "text"),
    [
        ("olga", "agent", "there is no such agent: its id is wanted here, as GET /v1/agents has"),
        ("alice", "agent", "there is no such agent: its id is wanted here"),
        ("olga", "group", "there is no such group: its id is wanted here, as GET /v1/groups has"),
        ("alice", "group", "this takes the permission groups:use; groups with a number can be"),
    ],
)
def test_a_name_where_an_id_is_wanted_is_refused_with_what_to_do(
    world: World, who: str, kind: str, text: str
) -> None:
    body = {"destinations": [{"kind": kind, "name": "sales"}]}
    answer = world.ask(who, "POST", "/v1/groupcalls", json=body)
    assert answer.status_code == 422
    (fault,) = answer.json()["errors"]
    assert fault["field"] == "destinations[0].name"
    assert fault["text"].startswith(text)


def test_who_hangs_up_is_in_the_audit_log(world: World) -> None:
    add_call(world, "c1")
    ask(world, "POST", "/v1/calls/c1/hangup", 409)
    said = newest(world, "action", "decision", "target_id", "reason")
    assert said == ("calls:hangup", "refused", "c1", "no_such_call: no such call is live")

    world.node.live.add("c1")
    ask(world, "POST", "/v1/calls/c1/hangup", 204)
    said = newest(world, "action", "decision", "target_id", "reason")
    assert said == ("calls:hangup", "done", "c1", "")


def test_who_hangs_up_a_groupcall_is_in_the_audit_log(world: World) -> None:
    body = {"destinations": [{"kind": "number", "name": "1001"}]}
    id = ask(world, "POST", "/v1/groupcalls", 201, json=body)["id"]
    world.node.live.add(id)
    ask(world, "POST", f"/v1/groupcalls/{id}/hangup", 204)

    assert newest(world, "action", "decision", "target_id") == ("groupcalls:hangup", "done", id)


def test_sip_addresses_elsewhere_are_a_right_of_their_own(world: World) -> None:
    def dial(who: str) -> object:
        assert world.ask(who, "POST", "/v1/calls", json=TO).status_code == 201
        return world.node.asked[-1][1]["dial"]

    assert dial("alice") == ["internal", "national"]
    assert dial("olga") == ["internal", "national", "international", "premium", "sip"]
    for name in ("dial:international", "dial:sip"):
        world.people.restriction(f"no {name}", "olga", pattern=name)
        with world.engine.begin() as connection:
            raise_customer(connection, "acme")
        assert ("sip" in dial("olga")) == (name == "dial:international")  # type: ignore[operator]


@contextmanager
def locked_once_the_node_has_said_yes(world: World) -> Iterator[None]:
    """From the node's next answer on the database takes nothing, until the block ends."""
    ask_node = world.node.ask
    with ExitStack() as stack, pytest.MonkeyPatch.context() as patched:

        def answer(command: str, arguments: Mapping[str, Scalar]) -> Any:
            answered = ask_node(command, arguments)
            stack.enter_context(refusing_writes(world.engine))
            return answered

        patched.setattr(world.node, "ask", answer)
        yield


@pytest.mark.parametrize("path", ["/v1/calls", "/v1/groupcalls"])
def test_a_call_that_rings_is_told_though_nothing_can_be_written(world: World, path: str) -> None:
    body = TO if path == "/v1/calls" else {"destinations": [TO["to"]]}
    headers = {"Idempotency-Key": "click-1"}
    with capture_logs() as logged, locked_once_the_node_has_said_yes(world):
        answer = world.ask("alice", "POST", path, headers=headers, json=body)
    assert (answer.status_code, bool(answer.json()["id"])) == (201, True), answer.text
    assert [one["event"] for one in logged if one["log_level"] == "error"] == [
        "audit entry not written",
        *(["groupcall not kept"] if path == "/v1/groupcalls" else []),
        "answer not stored",
    ]

    again = world.ask("alice", "POST", path, headers=headers, json=body)
    assert again.status_code == 409
    assert world.node.told("originate") == 1
    world.settle()
    entry = world.ask("olga", "GET", "/v1/audit?limit=1").json()["items"][0]
    assert (entry["decision"], entry["target_id"]) == ("done", answer.json()["id"])


def test_a_hang_up_is_told_though_nothing_can_be_written(world: World) -> None:
    add_call(world, "c1")
    world.node.live.add("c1")
    with locked_once_the_node_has_said_yes(world):
        ask(world, "POST", "/v1/calls/c1/hangup", 204)

    world.settle()
    assert newest(world, "action", "decision", "target_id") == ("calls:hangup", "done", "c1")
