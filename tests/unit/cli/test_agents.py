"""``switchroom agents``: who is free, and how a status is set."""

import json
from pathlib import Path

import pytest

from fakes.answering_node import ask_node
from switchroom.cli.agents import agents
from switchroom.drivers.control_protocol import Request
from switchroom.drivers.status import AgentStatus
from switchroom.foundation.errors import SwitchroomError

ALICE = AgentStatus(
    "acme", "alice@acme.example", "Alice", "available", "on_call", 1, 2, number="201"
)


def test_every_agent_is_a_line(tmp_path: Path) -> None:
    result = ask_node(agents, tmp_path, {"agents": lambda _request: [ALICE]})

    assert result.exit_code == 0
    words = result.output.splitlines()[1].split()
    assert words == ["acme", "alice@acme.example", "Alice", "201", "available", "on_call", "1/2"]


def test_json_is_what_the_node_said(tmp_path: Path) -> None:
    result = ask_node(agents, tmp_path, {"agents": lambda _request: [ALICE]}, "--json")

    (agent,) = json.loads(result.output)
    assert (agent["username"], agent["status"], agent["number"]) == (
        "alice@acme.example",
        "available",
        "201",
    )


def test_a_status_is_set_and_said(tmp_path: Path) -> None:
    asked: list[Request] = []

    def set_status(request: Request) -> AgentStatus:
        asked.append(request)
        return AgentStatus("acme", "alice@acme.example", "Alice", "away", "idle")

    words = ("status", "alice@acme.example", "away")
    result = ask_node(agents, tmp_path, {"set_status": set_status}, *words)

    assert result.output == "alice@acme.example is away\n"
    assert asked[0].arguments == {"agent": "alice@acme.example", "status": "away"}


@pytest.mark.parametrize("name", ["bob@acme.example", "\x1b[2J"])
def test_a_refusal_is_one_line(tmp_path: Path, name: str) -> None:
    def refuse(_request: Request) -> object:
        raise SwitchroomError("no agent has this user name")

    result = ask_node(agents, tmp_path, {"set_status": refuse}, "status", name, "away")

    assert (result.exit_code, result.stderr) == (1, "no agent has this user name\n")
