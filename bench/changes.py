"""How long SIP waits while a large configuration is changed, beside how long it waits otherwise.

A node with thousands of agents is asked for its abilities (OPTIONS) at a fixed rate from the other
core, first while nothing else happens, then while an owner renames an agent over the API again and
again. An answer's time counts from when the question was due, so that a pause is seen in all
questions that it holds up.
"""

import argparse
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import msgspec
from bench.machine import HOST
from bench.node import Node, fresh_node

AIM_MS = 50.0
"Nobody hears that a phone rings so much later."
INTERVAL_S = 0.01
ANSWER_S = 5.0
QUIET_S = 3.0
FIRST_EXTENSION = 10_000
OWNER, PASSWORD = "owner@bench.example", "a pass phrase for the bench"
CPU = "process_cpu_seconds_total"


class Asker:
    """One socket that asks and waits for the answer."""

    def __init__(self, port: int) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.connect((HOST, port))
        self._socket.settimeout(ANSWER_S)
        self._own = "{}:{}".format(*self._socket.getsockname())
        self._asked = 0

    def ask_while(self, goes_on: Callable[[], bool]) -> Iterator[float]:
        """Milliseconds to each answer, from when it was due to be asked for."""
        due = time.perf_counter()
        while goes_on():
            time.sleep(max(0.0, due - time.perf_counter()))
            self._ask()
            yield (time.perf_counter() - due) * 1000
            due += INTERVAL_S

    def _ask(self) -> None:
        self._asked += 1
        request = (
            f"OPTIONS sip:{HOST} SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP {self._own};branch=z9hG4bK{self._asked}\r\n"
            f"Max-Forwards: 70\r\nFrom: <sip:bench@{HOST}>;tag=1\r\nTo: <sip:{HOST}>\r\n"
            f"Call-ID: {self._asked}@{self._own}\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
        )
        self._socket.send(request.encode())
        answer = self._socket.recv(4096)
        assert answer.startswith(b"SIP/2.0 200"), answer


class Owner:
    """Changes one agent, of the many that there are."""

    def __init__(self, node: Node) -> None:
        node.make_owner(OWNER, "bench", PASSWORD)
        self._api = httpx.Client(base_url=f"http://{HOST}:{node.http_port}/v1", timeout=60)
        body = {"username": OWNER, "password": PASSWORD}
        token = self._said("POST", "/auth/login", body)["access_token"]
        self._api.headers["Authorization"] = f"Bearer {token}"
        self._agent_id = self._said("GET", "/agents?limit=1")["items"][0]["id"]

    def change(self, times: int) -> None:
        """Rename the agent so often."""
        for number in range(times):
            self._said("PATCH", f"/agents/{self._agent_id}", {"name": f"Renamed {number}"})

    def _said(self, method: str, path: str, body: object = None) -> Any:
        answer = self._api.request(method, path, json=body)
        answer.raise_for_status()
        return answer.json()


def main() -> None:
    """Print the waits of both, and the CPU time of a change."""
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
    owner, asker = Owner(node), Asker(node.port)
    before = node.figures()[CPU]
    owner.change(changes)
    cpu_s = (node.figures()[CPU] - before) / changes
    until = time.monotonic() + QUIET_S
    quiet = sorted(asker.ask_while(lambda: time.monotonic() < until))
    with ThreadPoolExecutor(1) as beside:
        changing: Future[None] = beside.submit(owner.change, changes)
        meanwhile = sorted(asker.ask_while(lambda: not changing.done()))
        changing.result()
    print(f"{agents} agents, {changes} changes, {cpu_s:.2f} s of CPU each; OPTIONS to 200:")
    for name, waits in (("quiet", quiet), ("meanwhile", meanwhile)):
        middle, late = waits[len(waits) // 2], waits[len(waits) * 99 // 100]
        print(f"  {name}: p50 {middle:.1f} ms, p99 {late:.1f} ms, longest {waits[-1]:.1f} ms")
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
