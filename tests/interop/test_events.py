"""A consumer of events and the node are killed again and again; nothing is missed or told twice."""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread

from sqlalchemy import text

from fakes.event_world import EventWorld, event_world
from interop.event_consumer import lines
from interop.office import (
    DESK,
    MAIN,
    MOBILE_FAILOVER,
    MOBILE_SECURE,
    ONE_PHONE,
    SECURE,
    Office,
)
from interop.programs import Program, needs, until
from interop.sipp import Sipp
from interop.sipp_scenario import answered_call, answers, call_hangs_up, is_hung_up, rings
from switchroom.drivers.control_client import ControlClient, NodeProblemError
from switchroom.drivers.control_news import newest_facts
from switchroom.foundation.errors import SwitchroomError
from switchroom.store.database import database_url, open_database

pytestmark = needs("sipp", "stdbuf")

EVENTS = 10_000
CALLS = 120
"Of each kind in one wave: some 11 events come of each that is answered."
WAVES = 12
"At most; three or four are enough where the machine has time for us."
PATIENCE_S = 180.0
KINDS = ((ONE_PHONE, DESK), (MOBILE_SECURE, SECURE), (MOBILE_FAILOVER, MAIN))


def test_a_consumer_and_the_node_are_killed_during_ten_thousand_events(
    doomed: Office, tmp_path: Path
) -> None:
    node, file = doomed.node, tmp_path / "events.jsonl"
    with api_beside(node.data) as world:
        token = watcher(world)
        consumer, kills = follow(world, token, file, tmp_path), 0
        for wave in range(WAVES):
            callers, phones = calls_begin(doomed)
            while are_calling(callers):
                hears_more(file, callers)
                consumer.kill()
                kills += 1
                if wave < 2 and kills % 2:
                    node.kill_and_restart()
                consumer = follow(world, token, file, tmp_path)
            for phone in phones:
                phone.program.kill()
            # A party that was lost with the killed node says no BYE.
            for left in node.status.calls:
                with suppress(NodeProblemError):  # it has ended by itself meanwhile
                    ControlClient(node.data).ask("hang_up", str, call_id=left.call_id)
            if newest(world) >= EVENTS:
                break
        until(lambda: numbers(file)[-1:] == [newest(world)], "the last event", PATIENCE_S)
        consumer.kill()

        assert kills > 5
        assert newest(world) >= EVENTS
        assert numbers(file) == list(range(1, newest(world) + 1))


def calls_begin(office: Office) -> tuple[list[Sipp], list[Sipp]]:
    """A wave of calls: those who call, and those who are called."""
    phones = [
        office.phone(place, rings(), answers(), is_hung_up(), calls=CALLS) for _, place in KINDS
    ]
    callers = [
        office.caller(number, answered_call(), call_hangs_up(), calls=CALLS, rate=12)
        for number, _ in KINDS
    ]
    return callers, phones


def hears_more(file: Path, callers: list[Sipp]) -> None:
    """Wait until the consumer has heard some hundred events more, or no call comes any more."""
    enough = len(numbers(file)) + 400
    until(lambda: len(numbers(file)) > enough or not are_calling(callers), "more events")


def are_calling(callers: list[Sipp]) -> bool:
    return any(caller.program.runs for caller in callers)


def numbers(file: Path) -> list[int]:
    return [number for line in lines(file) for number in line["numbers"]]


def newest(world: EventWorld) -> int:
    with world.engine.connect() as connection:
        query = "SELECT max(number), count(*) FROM facts WHERE customer_id != ''"
        last, count = connection.execute(text(query)).one()
    assert last == count
    return int(last)


def watcher(world: EventWorld) -> str:
    """Somebody who may see everything of the office's only customer; his token."""
    with world.engine.connect() as connection:
        customer_id = connection.execute(text("SELECT id FROM customers")).scalar_one()
    return world.person("watcher", "owner", str(customer_id))


def follow(world: EventWorld, token: str, file: Path, directory: Path) -> Program:
    script = Path(__file__).with_name("event_consumer.py")
    url = f"ws://127.0.0.1:{world.port}/v1/events"
    command = [sys.executable, str(script), url, token, str(file)]
    return Program("consumer", command, directory, {})


@contextmanager
def api_beside(data: Path) -> Iterator[EventWorld]:
    """The hub here on the database of a node in another process, as ``--role api`` has it."""
    worlds: list[EventWorld] = []
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()

    async def hear(world: EventWorld) -> None:
        while True:
            try:
                async for _ in newest_facts(data):
                    world.hub.hint()
            except SwitchroomError:
                await asyncio.sleep(0.2)

    async def run() -> None:
        engine = open_database(database_url(data))
        async with event_world(engine, is_new=False) as world:
            worlds.append(world)
            hearing = asyncio.create_task(hear(world))
            await stop.wait()
            hearing.cancel()
        engine.dispose()

    thread = Thread(target=loop.run_until_complete, args=(run(),))
    thread.start()
    try:
        until(lambda: worlds, "the server of events")
        yield worlds[0]
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()
