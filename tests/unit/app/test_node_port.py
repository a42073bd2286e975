"""The node is asked in the same way in this process and through the control socket."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fakes.company import CONFIGURATION
from fakes.quiet_node import quiet_node
from switchroom.api.ports import NodePort, Scalar
from switchroom.app.node_port import NodeElsewhere, NodeHere
from switchroom.drivers.control import ControlServer
from switchroom.drivers.control_client import NoNodeError
from switchroom.drivers.control_protocol import Request
from switchroom.foundation.errors import SwitchroomError

ORDER: dict[str, Scalar] = {
    "customer": "acme",
    "client": "",
    "asked_by": "alice",
    "dial": ["internal"],
    "connect_to": {"number": "202"},
}
"As a route sends it, for somebody who may call inside only."
KINDS = ("here", "elsewhere")


def asking(directory: Path, kind: str, ask: Callable[[NodePort], Any]) -> Any:
    """What ``ask`` returns, asked from a thread while a node runs on an event loop."""

    async def run() -> Any:
        with quiet_node(directory, CONFIGURATION) as node:
            server = ControlServer(directory, node.commands.named)
            await server.start()
            here = NodeHere(asyncio.get_running_loop(), node.commands.named)
            port: NodePort = here if kind == "here" else NodeElsewhere(directory)
            try:
                return await asyncio.to_thread(ask, port)
            finally:
                await server.stop()

    return asyncio.run(run())


def code_of(ask: Callable[[], Any]) -> tuple[str, str]:
    with pytest.raises(SwitchroomError) as raised:
        ask()
    return raised.value.code, str(raised.value)


@pytest.mark.parametrize("kind", KINDS)
def test_answers_are_what_json_has(tmp_path: Path, kind: str) -> None:
    ids = {"ids": '["alice", "nobody"]'}
    found = asking(tmp_path, kind, lambda node: node.ask("agent_states", ids))
    assert found == [{"id": "alice", "status": "available", "state": "idle", "live_calls": 0}]


def test_a_command_that_takes_long_is_not_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("switchroom.app.node_port.ANSWER_S", 0.0)

    async def run() -> str:
        may_end, done = asyncio.Event(), asyncio.get_running_loop().create_future()

        async def slow(_request: Request) -> str:
            await may_end.wait()
            done.set_result("reloaded")
            return "reloaded"

        node = NodeHere(asyncio.get_running_loop(), {"reload": slow})
        with pytest.raises(NoNodeError):
            await asyncio.to_thread(node.ask, "reload", {})
        may_end.set()
        return str(await asyncio.wait_for(done, 30))

    assert asyncio.run(run()) == "reloaded"


@pytest.mark.parametrize("kind", KINDS)
def test_a_status_that_is_chosen_counts_at_once(tmp_path: Path, kind: str) -> None:
    def ask(node: NodePort) -> Any:
        node.ask("choose_status", {"agent_id": "alice", "status": "away"})
        return node.ask("agent_states", {"ids": '["alice"]'})[0]["status"]

    assert asking(tmp_path, kind, ask) == "away"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("command", "arguments", "code"),
    [
        ("hang_up", {"call_id": "none"}, "no_such_call"),
        ("choose_status", {"agent_id": "none", "status": "away"}, "no_such_agent"),
        ("choose_status", {"agent_id": "alice", "status": "lost"}, "no_such_status"),
        ("dance", {}, "unknown_command"),
        ("originate", ORDER | {"destinations": [{"agent": "nobody"}]}, "no_such_destination"),
        ("originate", ORDER | {"destinations": [{"number": "+12025550123"}]}, "no_dial_right"),
        ("originate", ORDER | {"destinations": []}, "bad_order"),
    ],
)
def test_refusals_keep_the_nodes_own_code(
    tmp_path: Path, kind: str, command: str, arguments: dict[str, Scalar], code: str
) -> None:
    found = asking(tmp_path, kind, lambda node: code_of(lambda: node.ask(command, arguments)))
    assert found[0] == code


@pytest.mark.parametrize("kind", KINDS)
def test_reloading_takes_over_what_is_stored(tmp_path: Path, kind: str) -> None:
    assert asking(tmp_path, kind, lambda node: node.ask("reload", {})) == "reloaded"


def test_a_node_that_does_not_run_is_said_to_be_gone(tmp_path: Path) -> None:
    code, text = code_of(lambda: NodeElsewhere(tmp_path).ask("status", {}))
    assert code == "no_node"
    assert str(tmp_path) not in text  # it goes to whoever asks over HTTP
