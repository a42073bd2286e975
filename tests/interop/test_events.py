"""A consumer of events and the node are killed again and again; nothing is missed or told twice.

It logs in over HTTP and follows the WebSocket of ``switchroom serve``: once that of the node
itself, once that of ``--role api`` in a process beside it, which is killed as well.
"""

import sys
from contextlib import ExitStack, suppress
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Engine, text

from interop.event_consumer import lines
from interop.node import HOST, Node
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
from switchroom.store.database import database_url, open_to_read

pytestmark = needs("sipp", "stdbuf")

CALLS = 120
"Of each kind in one wave: some 11 events come of each that is answered."
WAVES = 12
"At most; three or four are enough where the machine has time for us."
PATIENCE_S = 180.0
KINDS = ((ONE_PHONE, DESK), (MOBILE_SECURE, SECURE), (MOBILE_FAILOVER, MAIN))
PASSWORD = "watching all day long"


@pytest.mark.parametrize(
    ("is_beside", "events", "fewest_kills"), [(False, 10_000, 6), (True, 3_000, 3)]
)
def test_a_consumer_and_the_node_are_killed_during_ten_thousand_events(
    doomed: Office, tmp_path: Path, is_beside: bool, events: int, fewest_kills: int
) -> None:
    node, file = doomed.node, tmp_path / "events.jsonl"
    with ExitStack() as stack:
        api = Beside(node) if is_beside else None
        if api is not None:
            stack.callback(api.kill)
        follows = Following(node, file, is_beside)
        stack.callback(follows.stop)
        engine = open_to_read(database_url(node.data))
        stack.callback(engine.dispose)
        kills = 0
        for wave in range(WAVES):
            callers, phones = calls_begin(doomed)
            while are_calling(callers):
                hears_more(file, callers)
                follows.stop()
                kills += 1
                if wave < 2 and kills % 2:
                    node.kill_and_restart()
                    if api is not None:
                        api.kill_and_restart()
                follows.begin()
            hang_up_all(node, phones)
            if newest(engine) >= events and kills >= fewest_kills:
                break
        until(lambda: numbers(file)[-1:] == [newest(engine)], "the last event", PATIENCE_S)
        follows.stop()

        assert kills >= fewest_kills
        # A call that ends by itself may be written down meanwhile; it was heard of to the end.
        heard = numbers(file)
        assert len(heard) >= events
        assert heard == list(range(1, len(heard) + 1))


def hang_up_all(node: Node, phones: list[Sipp]) -> None:
    for phone in phones:
        phone.program.kill()
    # A party that was lost with the killed node says no BYE.
    for left in node.status.calls:
        with suppress(NodeProblemError):  # it has ended by itself meanwhile
            ControlClient(node.data).ask("hang_up", str, call_id=left.call_id)


class Beside:
    """The API in a process beside the node."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._program = node.api_beside()

    def kill(self) -> None:
        self._program.kill()

    def kill_and_restart(self) -> None:
        self.kill()
        self._program = self._node.api_beside()


class Following:
    """The consumer's lives, one after the other, all with one log-in."""

    def __init__(self, node: Node, file: Path, is_beside: bool) -> None:
        self._node = node
        self._file = file
        self._is_beside = is_beside
        node.ask(
            *("init", "watcher@acme.example", "--customer", "acme", "--password", "env:WATCHER"),
            WATCHER=PASSWORD,
        )
        body = {"username": "watcher@acme.example", "password": PASSWORD}
        answer = httpx.post(f"http://{HOST}:{self._port}/v1/auth/login", json=body, trust_env=False)
        assert answer.status_code == 200, answer.text
        self._token = str(answer.json()["access_token"])
        self.begin()

    def begin(self) -> None:
        script = Path(__file__).with_name("event_consumer.py")
        url = f"ws://{HOST}:{self._port}/v1/events"
        command = [sys.executable, str(script), url, self._token, str(self._file)]
        self._program = Program("consumer", command, self._file.parent, {})

    def stop(self) -> None:
        """At once, in the middle of whatever it does."""
        self._program.kill()

    @property
    def _port(self) -> int:
        return self._node.api_port if self._is_beside else self._node.http_port


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


def newest(engine: Engine) -> int:
    with engine.connect() as connection:
        query = "SELECT max(number), count(*) FROM facts WHERE customer_id != ''"
        last, count = connection.execute(text(query)).one()
    assert last == count
    return int(last)
