"""``switchroom status``: everything the node says is shown, in words and as JSON."""

from pathlib import Path

import msgspec
import typer
from typer.testing import CliRunner, Result

from fakes.answering_node import ask_node
from switchroom.cli.status import status
from switchroom.drivers.status import (
    AgentStatus,
    BanStatus,
    CallStatus,
    JournalStatus,
    LegStatus,
    NodeStatus,
    RefusalStatus,
    RegistrationStatus,
    TrunkStatus,
)

app = typer.Typer()
app.command()(status)

BUSY = NodeStatus(
    version="0.1.0",
    at=10_000.0,
    started_at=2800.0,
    sip=("udp:127.0.0.1:5060",),
    not_ready=("the database takes nothing: disk full",),
    registrations=(
        RegistrationStatus(
            "acme", "1001", "sip:1001@10.0.0.5", "udp:203.0.113.9:1024", 55.0, is_reachable=False
        ),
    ),
    trunks=(TrunkStatus("acme", "carrier", ("127.0.0.1:5090",), 3),),
    calls=(
        CallStatus(
            "c1",
            "acme",
            "in",
            "+12025550123",
            "+12025550100",
            "connected",
            9990.0,
            legs=(LegStatus("l1", "extension:1001", "sip:1001@10.0.0.5", "answered"),),
        ),
    ),
    agents=(AgentStatus("acme", "alice@acme.example", "Alice", "available", "on_call", 1, 1),),
    bans=(BanStatus("198.51.100.66", 59.0, 5, "wrong passwords"),),
    refusals=(RefusalStatus(9999.0, "udp:198.51.100.66:5060", "REGISTER", "evil\x1b[2J"),),
    warnings=("trunk carrier has no password",),
    journal=JournalStatus(segment=7, behind_bytes=123, dropped=4, failure="No space left"),
)


def ask(directory: Path, said: NodeStatus, *words: str) -> Result:
    return ask_node(app, directory, {"status": lambda _request: said}, *words)


def test_everything_is_shown(tmp_path: Path) -> None:
    output = " ".join(ask(tmp_path, BUSY).output.split())

    assert "Switchroom 0.1.0, not ready, up 2.0 h" in output
    assert "not ready: the database takes nothing: disk full" in output
    assert "warning: trunk carrier has no password" in output
    assert "Journal segment 7, database 123 bytes behind No space left; 4 records" in output
    assert "1001 sip:1001@10.0.0.5 udp:203.0.113.9:1024 55 s, does not answer" in output
    assert "acme carrier 127.0.0.1:5090 3" in output
    assert "connected 10 s extension:1001 answered" in output
    assert "alice@acme.example Alice available on_call 1/1" in output
    assert "198.51.100.66 59 s 5 wrong passwords" in output
    assert "udp:198.51.100.66:5060 REGISTER evil·[2J" in output


def test_idle_node_says_so(tmp_path: Path) -> None:
    output = ask(tmp_path, NodeStatus("0.1.0", at=5.0, started_at=0.0)).output

    assert "Switchroom 0.1.0, ready, up 5 s" in output
    assert "Registrations: none" in output
    assert "Live calls: none" in output


def test_json_is_what_the_node_said(tmp_path: Path) -> None:
    output = ask(tmp_path, BUSY, "--json").output

    assert msgspec.json.decode(output, type=NodeStatus) == BUSY


def test_no_node_is_one_line(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["--data", str(tmp_path)])

    assert result.exit_code == 1
    assert result.stderr.startswith(f"no node runs on {tmp_path}; start one with:")
