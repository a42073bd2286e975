"""A Switchroom node under load: shipped defaults, database on disk, one core of its own."""

import os
import re
import sqlite3
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import msgspec
from bench.company import DOMAIN
from bench.machine import HOST, PEER_CORE, folder_on_disk, holds_within, pinned
from bench.peer import Peer, Team
from msgspec import Struct
from prometheus_client.parser import text_string_to_metric_families

from switchroom.drivers.status import NodeStatus

PROGRAM = Path(sys.executable).with_name("switchroom")
START_S = 30.0
STOP_S = 40.0
ZERO = (
    "switchroom_agents_reconciled_total",
    "switchroom_journal_failures_total",
    "switchroom_journal_dropped_total",
    "switchroom_recorder_failures_total",
)
"Figures that tell of a fault of ours unless they are 0."
RECORDED_S = 20.0
"Longest time from the end of a call to its record in the database."
READY = re.compile(r"ready: SIP on udp:[0-9.]+:(\d+).*HTTP on port (\d+)")


class NodeError(Exception):
    """The node did not start, stopped, or cannot be asked."""


class Records(Struct, frozen=True):
    """Call records of a node."""

    all: int
    ended: int
    "Those whose call is over, with its outcome."


class Node:
    """One running node; ``running_node`` makes it."""

    def __init__(self, process: subprocess.Popen[bytes], folder: Path) -> None:
        self.process_id = process.pid
        self.port = 0
        self.http_port = 0
        self._process = process
        self._log = folder / "node.log"
        self._data = folder / "data"

    def wait_until_ready(self) -> None:
        """Return when it takes calls.

        Raises:
            NodeError: it ended, or START_S have passed.
        """
        ready: list[re.Match[str]] = []

        def is_settled() -> bool:
            ready.extend(READY.finditer(self._log.read_text()))
            return bool(ready) or self._process.poll() is not None

        if not holds_within(is_settled, START_S) or not ready:
            raise NodeError(f"the node did not start: {self._log.read_text()[-2000:]}")
        self.port, self.http_port = int(ready[0][1]), int(ready[0][2])

    def reached_by(self, team: Team) -> Peer:
        """What the generator must know to call ``team`` here."""
        return Peer("switchroom", self.process_id, self.port, DOMAIN, team)

    def figures(self) -> dict[str, float]:
        """Everything ``/metrics`` shows now, by name."""
        address = f"http://{HOST}:{self.http_port}/metrics"
        with urllib.request.urlopen(address, timeout=10) as answer:
            text = answer.read().decode()
        return {
            sample.name: sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }

    def records(self) -> Records:
        """What the database says."""
        path = self._data / "switchroom.db"
        query = "select count(*), count(ended_at) from call_records"
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
            every, ended = database.execute(query).fetchone()
        return Records(every, ended)

    def record_faults(self, calls: int, turned_away: int) -> list[str]:
        """What is wrong with the records of so many calls; waits for the last, RECORDED_S at most.

        Args:
            turned_away: So many of the calls may have no record.
        """
        expected = calls - turned_away
        holds_within(lambda: self.records().ended >= expected, RECORDED_S)
        found = self.records()
        if found.all == found.ended and expected <= found.all <= calls:
            return []
        refused = f" ({turned_away} turned away)" if turned_away else ""
        return [f"{calls} calls{refused}, but {found.all} records, {found.ended} ended"]

    def agents_in_calls(self) -> list[tuple[str, str]]:
        """Agents whom calls keep from being idle: name and state."""
        words = [str(PROGRAM), "status", "--json", "--data", str(self._data)]
        said = subprocess.run(words, capture_output=True, timeout=30, check=True)
        status = msgspec.json.decode(said.stdout, type=NodeStatus)
        return [(one.username, one.state) for one in status.agents if one.live_calls]

    def make_owner(self, username: str, customer: str, password: str) -> None:
        """Give the customer an owner who can log in."""
        words = [str(PROGRAM), "init", username, "--customer", customer, "--password", "env:OWNERS"]
        environ = {**os.environ, "OWNERS": password}
        words += ["--data", str(self._data)]
        subprocess.run(words, env=environ, capture_output=True, timeout=30, check=True)

    def kill(self) -> None:
        """End it at once, calls and all: after an overload there is nothing to wait for."""
        self._process.kill()

    def faults(self) -> list[str]:
        """What the node itself says went wrong: figures that must be zero, errors in its log."""
        figures = self.figures()
        found = [f"{name} is {count:.0f}" for name in ZERO if (count := figures[name])]
        marks = ('"level": "error"', '"level": "critical"', "Traceback")
        for line in self._log.read_text(errors="replace").splitlines():
            if any(mark in line for mark in marks):
                found.append(f"log: {line}")
        return found


@contextmanager
def running_node(folder: Path, configuration: Path) -> Iterator[Node]:
    """Serve ``configuration`` from a fresh database in ``folder`` while the block runs.

    Raises:
        NodeError: it does not start.
    """
    words = [*pinned(PEER_CORE), str(PROGRAM), "serve", "--data", str(folder / "data")]
    words += ["--sip", f"{HOST}:0", "--http", f"{HOST}:0", "--apply", str(configuration)]
    plain = {key: text for key, text in os.environ.items() if not key.startswith("SWITCHROOM_")}
    with (folder / "node.log").open("wb") as log:
        process = subprocess.Popen(
            words, cwd=folder, env=plain, stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
    try:
        node = Node(process, folder)
        node.wait_until_ready()
        yield node
    finally:
        process.terminate()
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(STOP_S)


@contextmanager
def fresh_node(configuration: Path) -> Iterator[Node]:
    """A node in a folder of its own that is gone afterwards."""
    with folder_on_disk() as folder, running_node(folder, configuration) as node:
        yield node
