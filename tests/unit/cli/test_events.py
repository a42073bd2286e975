"""``switchroom events``: facts in the order of their numbers, none twice, none left out."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import typer
from typer.testing import CliRunner, Result

from fakes.call_facts import answered_call
from fakes.node_data import remember
from switchroom.cli.events import events
from switchroom.drivers.control import ControlServer
from switchroom.drivers.control_protocol import Request
from switchroom.history.numbered import NumberedFact
from switchroom.sip.events import RegistrationAdded
from switchroom.store.database import database_url, open_database
from switchroom.store.facts import facts_after

app = typer.Typer()
app.command()(events)


def ask(data: Path, *words: str) -> Result:
    return CliRunner().invoke(app, ["--data", str(data), *words])


def all_facts(data: Path) -> list[NumberedFact]:
    engine = open_database(database_url(data))
    found = facts_after(engine, 0, limit=1000)
    engine.dispose()
    return found


def test_latest_facts_are_shown_oldest_first(tmp_path: Path) -> None:
    remember(tmp_path, answered_call("c1"))

    lines = ask(tmp_path, "--limit", "2").output.splitlines()

    assert [line.split()[0] for line in lines] == ["13", "14"]
    assert "call.ended" in lines[1]
    assert "by=caller" in lines[1]


def test_json_has_one_numbered_fact_per_line(tmp_path: Path) -> None:
    remember(tmp_path, answered_call("c1"))

    lines = [json.loads(line) for line in ask(tmp_path, "--json").output.splitlines()]

    assert [line["seq"] for line in lines] == list(range(1, 15))
    assert [line["number"] for line in lines] == list(range(1, 15))
    assert lines[0]["fact"]["fact"] == "call.created"


def test_no_value_is_shown_as_python_has_it(tmp_path: Path) -> None:
    registered = RegistrationAdded(
        at=1.0, customer_id="acme", binding_id="b1", extension="1001",
        contact="sip:1001@127.0.0.1", hop=("udp", "127.0.0.1", 38705), expires_at=3601.0,
        registered_at=1.0, sip_call_id="r1", cseq=1,
    )  # fmt: skip
    remember(tmp_path, [registered])

    (line,) = ask(tmp_path).output.splitlines()

    assert "hop=udp:127.0.0.1:38705" in line
    assert not set(line) & set("[]'\"")
    assert "is_refresh=false" in line


def test_following_leaves_no_hole_and_shows_nothing_twice(tmp_path: Path) -> None:
    remember(tmp_path, [*answered_call("c1"), *answered_call("c2")])
    facts = all_facts(tmp_path)

    async def late_and_twice(_request: Request) -> AsyncIterator[object]:
        # What a follower gets who came while facts were being written.
        for seq in (4, 21, 21, len(facts)):
            yield seq

    async def run() -> Result:
        server = ControlServer(tmp_path, {}, {"events": late_and_twice})
        await server.start()
        try:
            return await asyncio.to_thread(ask, tmp_path, "--follow", "--limit", "1", "--json")
        finally:
            await server.stop()

    result = asyncio.run(run())

    numbers = [json.loads(line)["seq"] for line in result.stdout.splitlines()]
    assert numbers == [28]
    assert (result.exit_code, result.stderr) == (1, f"the node on {tmp_path} has stopped\n")


def test_facts_written_before_following_began_are_shown(tmp_path: Path) -> None:
    remember(tmp_path, answered_call("c1"))

    async def more(_request: Request) -> AsyncIterator[object]:
        await asyncio.to_thread(remember, tmp_path, answered_call("c2"))
        yield all_facts(tmp_path)[-1].seq

    async def run() -> Result:
        server = ControlServer(tmp_path, {}, {"events": more})
        await server.start()
        try:
            return await asyncio.to_thread(ask, tmp_path, "--follow", "--limit", "1", "--json")
        finally:
            await server.stop()

    result = asyncio.run(run())

    numbers = [json.loads(line)["seq"] for line in result.stdout.splitlines()]
    assert numbers == list(range(14, 29))


def test_following_without_a_node_is_one_line(tmp_path: Path) -> None:
    remember(tmp_path, answered_call("c1"))

    result = ask(tmp_path, "--follow", "--limit", "0")

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith(f"no node runs on {tmp_path}; start one with:")
