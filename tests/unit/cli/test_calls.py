"""``switchroom calls``: which calls are shown, and what about one of them."""

import json
import shutil
from pathlib import Path

import pytest
import typer
from sqlalchemy import create_engine, inspect
from typer.testing import CliRunner, Result

from fakes.answering_node import ask_node
from fakes.call_facts import answered_call, created, dialled, ended
from fakes.node_data import remember
from switchroom.cli.calls import calls
from switchroom.drivers.capture import Capture
from switchroom.drivers.clock import Clock
from switchroom.drivers.control import Command
from switchroom.drivers.control_protocol import Request
from switchroom.drivers.status import CallBegun, CallStatus
from switchroom.foundation.events import Fact
from switchroom.store.database import database_url, migrate, open_database, writing
from switchroom.store.tables.configuration import AgentRow, CustomerRow

app = typer.Typer()
app.add_typer(calls, name="calls")


@app.command()
def other() -> None:
    """So that typer keeps ``calls`` a subcommand."""


def ask(*words: str) -> Result:
    return CliRunner().invoke(app, ["calls", *words])


@pytest.fixture
def data(filled: Path, tmp_path: Path) -> Path:
    """A copy, so that a test may add to it."""
    return Path(shutil.copytree(filled, tmp_path / "data"))


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("filled")
    missed: list[Fact] = [
        created("beef-missed", at=3000.0),
        dialled("beef-missed", "beef-desk", at=3000.0),
        ended("beef-missed", at=3009.0, by="caller", status=487),
    ]
    remember(directory, [*answered_call("cafe-answered", at=1000.0), *missed])
    engine = open_database(database_url(directory))
    with writing(engine) as connection:
        connection.execute(
            CustomerRow.__table__.insert().values(  # type: ignore[attr-defined]
                id="customer-1", name="acme", domain="acme.example", country="US", is_default=True
            )
        )
        connection.execute(
            AgentRow.__table__.insert().values(  # type: ignore[attr-defined]
                id="alice",
                customer_id="customer-1",
                username="alice@acme.example",
                name="Alice",
                number="",
                ring_method="ring_all",
                ring_timeout_s=30.0,
                capacity=1,
                follow_redirects=False,
            )
        )
    engine.dispose()
    return directory


def shown(data: Path, *words: str) -> list[str]:
    """Ids of the calls shown, in order."""
    result = ask("--json", "--data", str(data), *words)
    assert result.exit_code == 0, result.output
    return [record["call_id"] for record in json.loads(result.output)]


def test_latest_calls_come_first(data: Path) -> None:
    assert shown(data) == ["beef-missed", "cafe-answered"]
    assert shown(data, "--limit", "1") == ["beef-missed"]


def test_calls_of_one_agent_include_missed_ones(data: Path) -> None:
    assert shown(data, "--agent", "alice") == ["beef-missed", "cafe-answered"]
    assert shown(data, "--agent", "alice@acme.example") == ["beef-missed", "cafe-answered"]


def test_unknown_agent_is_one_line(data: Path) -> None:
    result = ask("--data", str(data), "--agent", "bob")

    assert (result.exit_code, result.stderr) == (1, "no agent is called 'bob'\n")


def test_since_takes_a_time_or_a_span(data: Path) -> None:
    remember(data, answered_call("new", at=Clock().utc() - 60))

    assert shown(data, "--since", "2h") == ["new"]
    assert shown(data, "--since", "1970-01-01T00:30:00+00:00") == ["new", "beef-missed"]
    result = ask("--data", str(data), "--since", "yesterday")
    assert result.exit_code == 1
    assert "neither a span" in result.stderr


def test_table_names_people_and_outcomes(data: Path) -> None:
    lines = ask("--data", str(data)).output.splitlines()

    assert "abandoned" in lines[1]
    assert "alice@acme.example" in lines[2]
    assert "answered" in lines[2]


def test_call_is_shown_by_the_beginning_of_its_id(data: Path) -> None:
    output = ask("show", "cafe", "--data", str(data)).output

    assert "Call cafe-answered, in" in output
    assert "customer acme" in output
    assert "talked 3.000 s with alice@acme.example" in output


def test_timeline_has_every_leg_with_its_outcome_and_milliseconds(data: Path) -> None:
    lines = ask("show", "cafe", "--data", str(data)).output.splitlines()
    words = [" ".join(line.split()) for line in lines]

    assert "0 trunk:carrier calls from udp:192.0.2.7:5060" in words
    assert "500 extension:1001 rings" in words
    assert "2000 connected" in words
    assert "2100 extension:1001 over: elsewhere (SIP 487, Q.850 26)" in words
    assert "5000 call answered, ended by caller" in words


@pytest.mark.parametrize(
    ("call_id", "line"),
    [
        ("dead", "no call has an id that begins with 'dead'\n"),
        ("", "'' may mean several calls: beef-missed, cafe-answered\n"),
    ],
)
def test_id_of_no_call_or_of_several_is_one_line(data: Path, call_id: str, line: str) -> None:
    result = ask("show", call_id, "--data", str(data))

    assert (result.exit_code, result.stderr) == (1, line)


def test_directory_without_a_database_is_one_line_and_stays_empty(tmp_path: Path) -> None:
    result = ask("--data", str(tmp_path))

    assert result.exit_code == 1
    assert result.stderr.endswith("holds no database; name the node's directory with --data\n")
    assert list(tmp_path.iterdir()) == []


def invite(call_id: str, media: str) -> bytes:
    return (
        f"INVITE sip:x@acme.example SIP/2.0\r\nCall-ID: {call_id}\r\nCSeq: 1 INVITE\r\n"
        f"Content-Type: application/sdp\r\n\r\nv=0\r\nc=IN IP4 {media}\r\n"
    ).encode()


def test_ladder_shows_both_sides_and_warns_about_media_behind_nat(data: Path) -> None:
    capture = Capture(data / "capture")
    caller, phone = ("udp", "192.0.2.7", 5060), ("udp", "192.0.2.9", 5060)
    capture.add(1000.0, "in", caller, invite("cafe-answered-caller@192.0.2.7", "10.0.0.5"))
    capture.add(1000.001, "out", phone, invite("cafe-answered-desk", "10.0.0.5"))
    ringing = b"SIP/2.0 180 Ringing\r\nCall-ID: cafe-answered-desk\r\nCSeq: 1 INVITE\r\n\r\n"
    capture.add(1000.5, "in", phone, ringing)
    capture.close()

    lines = ask("show", "cafe", "--sip", "--data", str(data)).output.splitlines()

    head = next(n for n, line in enumerate(lines) if "switchroom" in line)
    assert lines[head].split() == ["udp:192.0.2.7:5060", "switchroom", "udp:192.0.2.9:5060"]
    assert [line.split()[0] for line in lines[head + 1 : head + 4]] == ["0.0", "1.0", "500.0"]
    assert "INVITE + SDP ──" in lines[head + 1]
    assert "▶" in lines[head + 2]
    assert "◀" in lines[head + 3]
    assert "wants media at 10.0.0.5, but its packets come from 192.0.2.7" in lines[head + 4]
    assert len(lines) == head + 5


def test_a_long_request_that_nobody_answered_is_told_with_its_size(data: Path) -> None:
    capture = Capture(data / "capture")
    phone, silent = ("udp", "192.0.2.9", 5060), ("udp", "192.0.2.8", 5060)
    stream = ("tcp", "192.0.2.7", 5060)
    long = invite("cafe-answered-desk", "192.0.2.9") + b"a=x\r\n" * 300
    for hop in (phone, silent, stream):
        capture.add(1000.001, "out", hop, long)
    trying = b"SIP/2.0 100 Trying\r\nCall-ID: cafe-answered-desk\r\nCSeq: 1 INVITE\r\n\r\n"
    capture.add(1000.5, "in", phone, trying)
    capture.close()

    output = ask("show", "cafe", "--sip", "--data", str(data)).output

    assert output.count("Warning") == 1
    assert f"udp:192.0.2.8:5060 said nothing to a request of {len(long)} bytes" in output


def test_missing_capture_is_said(data: Path) -> None:
    output = ask("show", "cafe", "--sip", "--data", str(data)).output

    assert "No SIP messages" in output


def test_strangers_cannot_command_the_terminal(data: Path) -> None:
    remember(data, [dialled("evil", "\x1b[2Jdesk\x9b"), ended("evil", at=9000.0)])

    for words in (["show", "evil"], []):
        output = ask(*words, "--data", str(data)).output
        assert "\x1b" not in output
        assert "\x9b" not in output


def live(call_id: str) -> CallStatus:
    return CallStatus(call_id, "acme", "in", "+12025550123", "201", "connected", 1.0)


def test_live_calls_that_no_record_has_yet_are_shown(data: Path) -> None:
    commands = {"calls": lambda _request: [live("fresh"), live("cafe-answered")]}

    lines = ask_node(app, data, commands, "calls").output.splitlines()

    assert [line.split()[0] for line in lines] == ["Call", "fresh", "beef-missed", "cafe-answered"]


@pytest.mark.parametrize(
    ("beginning", "ended", "said"),
    [
        ("b", "beef", "hung up beef\n"),
        ("c", None, "'c' may mean several live calls: cafe, coffee\n"),
        ("d", None, "no live call has an id that begins with 'd'\n"),
    ],
)
def test_a_live_call_is_hung_up_by_the_beginning_of_its_id(
    tmp_path: Path, beginning: str, ended: str | None, said: str
) -> None:
    asked: list[object] = []

    def hang_up(request: Request) -> str:
        asked.append(request.arguments["call_id"])
        return "hung up"

    commands: dict[str, Command] = {
        "calls": lambda _request: [live("beef"), live("cafe"), live("coffee")],
        "hang_up": hang_up,
    }
    result = ask_node(app, tmp_path, commands, "calls", "hang-up", beginning)

    assert result.output == said
    assert asked == ([ended] if ended else [])


@pytest.mark.parametrize(
    ("words", "destinations", "to", "asked_by", "dial"),
    [
        (["201"], [{"number": "201"}], None, "", True),
        (
            ["agent:alice", "sip:a@b", "--to", "group:sales", "--as", "ben"],
            [{"agent": "alice"}, {"sip": "sip:a@b"}],
            {"group": "sales"},
            "ben",
            False,
        ),
    ],
)
def test_a_call_is_created(
    tmp_path: Path,
    words: list[str],
    destinations: list[dict[str, str]],
    to: dict[str, str] | None,
    asked_by: str,
    *,
    dial: bool,
) -> None:
    asked: list[Request] = []

    def originate(request: Request) -> CallBegun:
        asked.append(request)
        return CallBegun("beef")

    result = ask_node(app, tmp_path, {"originate": originate}, "calls", "create", *words)

    assert result.output == "beef\n"
    arguments = asked[0].arguments
    assert arguments["destinations"] == destinations
    assert arguments["connect_to"] == to
    assert arguments["asked_by"] == asked_by
    assert (arguments["dial"] is not None) == dial


def test_a_call_is_created_for_a_client_and_rings_as_long_as_asked(tmp_path: Path) -> None:
    asked: list[Request] = []

    def originate(request: Request) -> CallBegun:
        asked.append(request)
        return CallBegun("beef")

    words = ["alice", "--client", "zeta", "--ring-timeout", "12.5"]
    ask_node(app, tmp_path, {"originate": originate}, "calls", "create", *words)

    assert (asked[0].arguments["client"], asked[0].arguments["ring_timeout_s"]) == ("zeta", 12.5)


def test_looking_does_not_migrate(tmp_path: Path) -> None:
    engine = create_engine(database_url(tmp_path))
    migrate(engine, "0002")

    result = ask("--data", str(tmp_path))

    assert result.exit_code == 1
    assert "has schema 0002, this version of Switchroom reads" in result.stderr
    assert result.stderr.count("\n") == 1
    with engine.connect() as connection:
        assert inspect(connection).get_indexes("facts") == []
    engine.dispose()
