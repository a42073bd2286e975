"""The command that begins a call, as programs give it."""

import asyncio
import inspect
from pathlib import Path

import msgspec
import pytest

from fakes.company import CONFIGURATION
from fakes.quiet_node import QuietNode, quiet_node
from switchroom.calls.events import CallCreated, CallEnded
from switchroom.drivers.control_protocol import Request
from switchroom.drivers.status import CallBegun
from switchroom.foundation.errors import SwitchroomError
from switchroom.foundation.events import Fact

CLICK = {
    "destinations": [{"number": "+12025550144"}],
    "connect_to": {"agent": "ben"},
    "dial": ["internal", "national"],
}


def originate(node: QuietNode, **arguments: object) -> str:
    """What the command answers to these arguments, sent as JSON."""
    request = msgspec.json.encode({"command": "originate", "arguments": arguments})
    command = node.commands.named["originate"](msgspec.json.decode(request, type=Request))
    assert inspect.iscoroutine(command)
    answer = asyncio.run(command)
    assert isinstance(answer, CallBegun)
    return answer.call_id


def refused(node: QuietNode, **arguments: object) -> tuple[str, str]:
    with pytest.raises(SwitchroomError) as caught:
        originate(node, **arguments)
    assert not node.parts.node.calls.calls
    return caught.value.code, str(caught.value)


def test_the_call_is_begun_at_once_and_can_be_hung_up_by_its_id(tmp_path: Path) -> None:
    said: list[Fact] = []
    with quiet_node(tmp_path, CONFIGURATION) as node:
        node.parts.node.watchers.append(said.append)
        call_id = originate(node, **CLICK, customer="acme", client="Zeta", asked_by="ben")
        assert b"INVITE sip:+12025550144@192.0.2.90" in node.sent[0][0]
        (call,) = node.status.calls()
        assert (call.call_id, call.state, call.client) == (call_id, "ringing", "Zeta")
        assert (call.caller, call.called, call.direction) == ("+12025550144", "202", "out")
        node.commands.named["hang_up"](Request("hang_up", {"call_id": call_id}))
        assert not node.parts.node.calls.calls
        assert ending(said) == ("system", "Hung up by operator")
    created = said[0]
    assert isinstance(created, CallCreated)
    assert (created.origin, created.origin_id, created.origin_name) == (
        "command",
        "ben",
        "ben@acme.example",
    )
    assert isinstance(said[-1], CallEnded)


def ending(said: list[Fact]) -> tuple[str, str]:
    """By whom the last call was ended, and its text."""
    ended = said[-1]
    assert isinstance(ended, CallEnded)
    return ended.by, ended.text


def test_an_agent_of_the_customer_who_hangs_up_is_on_record(tmp_path: Path) -> None:
    said: list[Fact] = []
    with quiet_node(tmp_path, CONFIGURATION) as node:
        node.parts.node.watchers.append(said.append)
        for by, expected in (
            ("alice", ("caller", "Hung up by alice@acme.example")),
            ("ben", ("caller", "Hung up by ben@acme.example")),
            ("cara", ("system", "Hung up by cara@acme.example")),
            ("staff", ("system", "Hung up by operator")),
        ):
            call_id = originate(node, **CLICK, asked_by="ben", for_agent="alice")
            request = Request("hang_up", {"call_id": call_id, "by": by})
            node.commands.named["hang_up"](request)
            assert ending(said) == expected
    assert not any(b"acme.example" in line for line in reasons(node))


def reasons(node: QuietNode) -> list[bytes]:
    """The Reason headers of everything that was sent."""
    lines = [line for data, _ in node.sent for line in data.split(b"\r\n")]
    return [line for line in lines if line.startswith(b"Reason:")]


def test_that_nobody_can_be_reached_is_no_refusal(tmp_path: Path) -> None:
    said: list[Fact] = []
    with quiet_node(tmp_path, CONFIGURATION) as node:
        node.parts.node.watchers.append(said.append)
        assert originate(node, destinations=[{"agent": "ben"}], dial=["internal"])
    ended = said[-1]
    assert isinstance(ended, CallEnded)
    assert (ended.status, ended.q850) == (480, 20)


@pytest.mark.parametrize(
    ("changes", "code", "text"),
    [
        ({"destinations": []}, "bad_order", "not an order: Expected `array` of length >= 1"),
        ({"destinations": [{}]}, "bad_order", "not an order: Expected `object` of length >= 1"),
        ({"destinations": [{"agent": "a", "sip": "b"}]}, "bad_order", "not an order: "),
        ({"destinations": [{"queue": "a"}]}, "bad_order", "not an order: Invalid enum value"),
        ({"destinations": ["alice"]}, "bad_order", "not an order: Expected `object`"),
        ({"destinations": [{"agent": "a" * 257}]}, "bad_order", "not an order: Expected `str`"),
        ({"ring_method": "random"}, "bad_order", "not an order: Invalid enum value 'random'"),
        ({"ring_timeout_s": 0}, "bad_order", "not an order: Expected `float` >= 1"),
        ({"ring_timeout_s": 1e9}, "bad_order", "not an order: Expected `float` <= 180"),
        ({"speed": 1}, "bad_order", "not an order: Object contains unknown field `speed`"),
        ({"customer": "nobody"}, "bad_order", "there is no customer 'nobody'"),
        ({"client": "nobody"}, "bad_order", "there is no client 'nobody'"),
        ({"asked_by": "nobody"}, "bad_order", "there is no agent 'nobody'"),
        ({"customer": "other", "asked_by": "ben@acme.example"}, "bad_order", "there is no agent"),
        ({"customer": "other", "for_agent": "ben"}, "bad_order", "there is no agent 'ben'"),
        ({"connect_to": {"agent": "x"}}, "no_such_destination", "There is no agent x"),
        ({"destinations": [{"agent": "x"}]}, "no_such_destination", "There is no agent x"),
        (
            {"destinations": [{"agent": "ben"}, {"agent": "x"}]},
            "no_such_destination",
            "destinations[1]: There is no agent x",
        ),
        ({"dial": ["internal"]}, "no_dial_right", "No right to make national calls"),
        ({"dial": None}, "no_dial_right", "No right to make internal calls"),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_reason(
    tmp_path: Path, changes: dict[str, object], code: str, text: str
) -> None:
    with quiet_node(tmp_path, CONFIGURATION) as node:
        found, said = refused(node, **(CLICK | changes))
    assert found == code
    assert said.startswith(text)


def test_without_classes_the_askers_own_count(tmp_path: Path) -> None:
    abroad = {"number": "+442071838750"}
    with quiet_node(tmp_path, CONFIGURATION) as node:
        assert refused(node, destinations=[abroad], asked_by="alice")[0] == "no_dial_right"
        assert originate(node, destinations=[abroad], asked_by="ben")


def test_a_node_that_is_about_to_stop_begins_only_emergency_calls(tmp_path: Path) -> None:
    with quiet_node(tmp_path, CONFIGURATION) as node:
        node.parts.node.calls.drain(node.status.now())
        assert refused(node, **CLICK) == ("no_room", "Server is about to stop")
        assert originate(node, **(CLICK | {"connect_to": {"number": "911"}}))
