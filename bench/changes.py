"""How long SIP waits while a large configuration is changed, beside how long it waits otherwise.

A node with thousands of agents is asked for its abilities (OPTIONS) at short intervals from the
other core, first while nothing else happens, then while it puts its stored configuration in force
again and again, as it does after every change over the API.
"""

import argparse
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
from bench.machine import HOST
from bench.node import Node, fresh_node

AIM_MS = 50.0
"Nobody hears that a phone rings so much later."
INTERVAL_S = 0.01
ANSWER_S = 5.0
FIRST_EXTENSION = 10_000
CPU = "process_cpu_seconds_total"


class Asker:
    """One socket that asks and waits for the answer."""

    def __init__(self, port: int) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.connect((HOST, port))
        self._socket.settimeout(ANSWER_S)
        self._own = "{}:{}".format(*self._socket.getsockname())
        self._asked = 0

    def ask(self) -> float:
        """Milliseconds to the answer."""
        self._asked += 1
        request = (
            f"OPTIONS sip:{HOST} SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP {self._own};branch=z9hG4bK{self._asked}\r\n"
            f"Max-Forwards: 70\r\nFrom: <sip:bench@{HOST}>;tag=1\r\nTo: <sip:{HOST}>\r\n"
            f"Call-ID: {self._asked}@{self._own}\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
        )
        began = time.perf_counter()
        self._socket.send(request.encode())
        answer = self._socket.recv(4096)
        assert answer.startswith(b"SIP/2.0 200"), answer
        return (time.perf_counter() - began) * 1000

    def ask_for(self, seconds: float) -> Iterator[float]:
        """The same again and again for so long."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            yield self.ask()
            time.sleep(INTERVAL_S)


def main() -> None:
    """Print the round trips of both, and the CPU time of a change."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--agents", type=int, default=5000)
    parser.add_argument("--changes", type=int, default=20)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "company.yaml"
        file.write_bytes(msgspec.json.encode({"customers": [_company(given.agents)]}))
        with fresh_node(file) as node:
            _measure(node, given.agents, given.changes)


def _measure(node: Node, agents: int, changes: int) -> None:
    asker = Asker(node.port)
    quiet = sorted(asker.ask_for(3.0))
    meanwhile: list[float] = []
    before = node.figures()[CPU]
    for _ in range(changes):
        change = threading.Thread(target=node.reload)
        change.start()
        while change.is_alive():
            meanwhile += asker.ask_for(INTERVAL_S)
    cpu_s = (node.figures()[CPU] - before) / changes
    meanwhile.sort()
    print(f"{agents} agents, {changes} changes, {cpu_s:.2f} s of CPU each; OPTIONS to 200:")
    for name, trips in (("quiet", quiet), ("meanwhile", meanwhile)):
        middle, late = trips[len(trips) // 2], trips[len(trips) * 99 // 100]
        print(f"  {name}: p50 {middle:.1f} ms, p99 {late:.1f} ms, longest {trips[-1]:.1f} ms")
    verdict = "met" if meanwhile[-1] < AIM_MS else "missed"
    print(f"  aim, nobody waits {AIM_MS:g} ms: {verdict}")


def _company(agents: int) -> dict[str, object]:
    numbers = [str(FIRST_EXTENSION + place) for place in range(agents)]
    return {
        "name": "bench",
        "domain": "bench.example",
        "country": "US",
        # Its addresses may ask as often as they like.
        "trunks": [{"name": "asker", "hosts": [f"{HOST}:9"], "allow_from": [f"{HOST}/32"]}],
        "extensions": [{"number": one, "password": f"secret of {one}"} for one in numbers],
        "agents": [
            {
                "username": f"a{one}@bench.example",
                "name": f"Agent {one}",
                "roles": ["agent"],
                "addresses": [{"type": "extension", "target": one}],
            }
            for one in numbers
        ],
    }


if __name__ == "__main__":
    main()
