"""What a running node answers on its control socket."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import msgspec
import pytest

from fakes.company import CONFIGURATION
from fakes.configuration import ENVIRON, EXAMPLE
from fakes.quiet_node import QuietNode, quiet_node
from switchroom.app.parts import Successor, successor_of
from switchroom.cli.apply import apply_without_node
from switchroom.drivers.control_protocol import Request
from switchroom.drivers.settings import Settings
from switchroom.drivers.status import AgentStatus
from switchroom.foundation.errors import SwitchroomError
from switchroom.foundation.events import Fact, name_of
from switchroom.store.apply.run import ApplyResult

WITH_PASSWORD = EXAMPLE.replace(
    "number_format: e164}", "username: us, password: 'env:CARRIER', caller_id: '2025550100'}"
)
T = TypeVar("T")
COPIED = (b"Via", b"From", b"Call-ID", b"CSeq")


def ask(node: QuietNode, command: str, kind: type[T], **arguments: str | bool) -> T:
    """What the command answers."""

    async def answer() -> object:
        given = node.commands.named[command](Request(command, dict(arguments)))
        return await given if isinstance(given, Awaitable) else given

    answered = asyncio.run(answer())
    assert isinstance(answered, kind)
    return answered


def apply(node: QuietNode, text: str, environ: dict[str, str], *, dry_run: bool = False) -> bool:
    variables = msgspec.json.encode(environ).decode()
    result = ask(node, "apply", ApplyResult, text=text, environ=variables, dry_run=dry_run)
    assert result.faults == ()
    return result.applied


def customers(node: QuietNode) -> list[str]:
    return [customer.name for customer in node.parts.directory.customers]


def test_what_is_in_the_database_is_taken_over_even_if_the_file_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in ENVIRON.items():
        monkeypatch.setenv(name, value)
    with quiet_node(tmp_path) as node:
        apply_without_node(Settings(data_dir=tmp_path), EXAMPLE, dry_run=False)
        assert not apply(node, EXAMPLE, ENVIRON, dry_run=True)
        assert customers(node) == []
        assert not apply(node, EXAMPLE, ENVIRON)
        assert customers(node) == ["acme"]


def test_what_a_new_configuration_changes_is_told_by_name(tmp_path: Path) -> None:
    said: list[Fact] = []
    with quiet_node(tmp_path) as node:
        node.parts.node.watchers.append(said.append)
        apply(node, EXAMPLE, ENVIRON)
        first = [name_of(type(fact)) for fact in said]
        apply(node, EXAMPLE, ENVIRON)
    assert first[0] == "customer.created"
    assert len(first) == len(said)


def test_a_change_is_told_once_if_the_node_is_told_of_it_several_times_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in ENVIRON.items():
        monkeypatch.setenv(name, value)
    said: list[Fact] = []
    with quiet_node(tmp_path) as node:
        node.parts.node.watchers.append(said.append)
        apply_without_node(Settings(data_dir=tmp_path), EXAMPLE, dry_run=False)

        async def reload() -> None:
            command = cast(Callable[[Request], Awaitable[str]], node.commands.named["reload"])
            await asyncio.gather(*(command(Request("reload", {})) for _ in range(3)))

        asyncio.run(reload())
        assert customers(node) == ["acme"]
    told = [(name_of(type(fact)), getattr(fact, "id", "")) for fact in said]
    assert ("customer.created", node.parts.directory.customers[0].id) in told
    assert len(told) == len(set(told))


def test_calls_go_on_while_a_configuration_is_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded_in: list[threading.Thread] = []

    def told(*given: Any) -> Successor:
        loaded_in.append(threading.current_thread())
        return successor_of(*given)

    monkeypatch.setattr("switchroom.app.commands.successor_of", told)
    with quiet_node(tmp_path) as node:
        apply(node, EXAMPLE, ENVIRON)
    assert loaded_in
    assert threading.main_thread() not in loaded_in


def test_a_trunk_without_its_password_is_a_warning_and_no_obstacle(tmp_path: Path) -> None:
    with quiet_node(tmp_path) as node:
        apply(node, WITH_PASSWORD, ENVIRON)
        assert node.status.node().warnings == ()
    with quiet_node(tmp_path) as node:
        (trunk,) = node.parts.directory.configuration.trunks
        assert node.parts.access.credentials(trunk.id) is None
        node.status.warn(["trunk carrier has no password"])
        assert node.status.node().warnings == ("trunk carrier has no password",)
        assert node.status.node().not_ready == ()
        apply(node, WITH_PASSWORD, ENVIRON)
        assert node.parts.access.credentials(trunk.id) == ("us", "carrier secret")
        assert node.status.node().warnings == ()


def test_an_agent_who_is_away_is_not_offered_calls(tmp_path: Path) -> None:
    said: list[object] = []
    with quiet_node(tmp_path, CONFIGURATION) as node:
        node.parts.node.watchers.append(said.append)
        away = ask(node, "set_status", AgentStatus, agent="alice@acme.example", status="away")
        assert (away.username, away.status, away.number) == ("alice@acme.example", "away", "201")
        assert not node.parts.availability.is_available("alice")
        agents = cast(tuple[AgentStatus, ...], ask(node, "agents", tuple))
        assert [agent.status for agent in agents] == ["away", "available", "available"]
        ask(node, "set_status", AgentStatus, agent="alice", status="available")
        assert node.parts.availability.is_available("alice")
    assert [getattr(fact, "status", "") for fact in said] == ["away", "available"]


def test_an_agent_keeps_his_status_over_a_restart(tmp_path: Path) -> None:
    for chosen, is_rung in (("away", False), ("available", True)):
        with quiet_node(tmp_path, CONFIGURATION) as node:
            ask(node, "set_status", AgentStatus, agent="alice@acme.example", status=chosen)
        for _ in range(2):  # the second finds it in the database, not in the journal
            with quiet_node(tmp_path, CONFIGURATION) as node:
                agents = cast(tuple[AgentStatus, ...], ask(node, "agents", tuple))
                assert [agent.status for agent in agents] == [chosen, "available", "available"]
                assert node.parts.availability.is_available("alice") is is_rung


@pytest.mark.parametrize(
    ("agent", "status", "why"),
    [
        ("nobody@acme.example", "away", "no agent is called 'nobody@acme.example'"),
        ("alice@acme.example", "lost", "a status is one of available, away, busy, offline"),
    ],
)
def test_a_status_needs_an_agent_and_a_known_word(
    tmp_path: Path, agent: str, status: str, why: str
) -> None:
    with quiet_node(tmp_path, CONFIGURATION) as node, pytest.raises(SwitchroomError, match=why):
        ask(node, "set_status", AgentStatus, agent=agent, status=status)


def test_a_peer_cannot_send_names_that_hide_the_status(tmp_path: Path) -> None:
    """A lone byte that is no UTF-8 would break the JSON that the commands read."""
    with quiet_node(tmp_path, CONFIGURATION) as node:
        live = node.parts.node
        live.receive(
            b"INVITE sip:+12025550100@127.0.0.1 SIP/2.0\r\n"
            b"Via: SIP/2.0/UDP 192.0.2.90;branch=z9hG4bK1\r\nFrom: <sip:1@x>;tag=1\r\n"
            b"To: <sip:+12025550100@127.0.0.1>\r\nCall-ID: 1\r\nCSeq: 1 INVITE\r\n"
            b"Contact: <sip:1@192.0.2.90>\r\nContent-Length: 0\r\n\r\n",
            ("udp", "192.0.2.90", 5060),
        )
        live.flush()
        (invite,) = [data for data, hop in node.sent if hop[1] == "198.51.100.1"]
        _, _, head = invite.partition(b"\r\n")
        fields = [line for line in head.split(b"\r\n") if line.split(b":")[0] in COPIED]
        answer = [b"SIP/2.0 200 OK", *fields, b'To: "\x90" <sip:\x90@x>;tag=2']
        answer += [b"Contact: <sip:\x90@198.51.100.1>", b"Content-Length: 0", b"", b""]
        live.receive(b"\r\n".join(answer), ("udp", "198.51.100.1", 5091))
        live.flush()
        (call,) = node.status.calls()
        assert call.state == "connected"
        assert b"198.51.100.1" in msgspec.json.encode(node.status.node())


def test_an_idle_node_has_no_live_calls(tmp_path: Path) -> None:
    with quiet_node(tmp_path, CONFIGURATION) as node:
        assert ask(node, "calls", tuple) == ()
