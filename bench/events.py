"""Events to many sockets: how many a second, at which CPU, beside a broadcast that checks nothing.

The server runs in a process of its own, the sockets are opened by this one. Three modes:
``plain`` sends the same messages to everybody without database, permissions or cursors;
``customer`` is the hub with people who see everything; ``own`` is the hub with agents who see
their own calls only, so each event is checked for each socket and goes to one of them.
"""

import argparse
import asyncio
import base64
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.event_server import serve

ROUND_S = 60.0
"Longest time for one mode."


class Reader(asyncio.Protocol):
    """Shakes hands, asks for events, then counts bytes; a few also look at what they get."""

    def __init__(self, port: int, token: str, looks: bool) -> None:
        self._request = (
            f"GET /v1/events HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}\r\n"
            f"Authorization: Bearer {token}\r\n\r\n"
        ).encode()
        self._looks = looks
        self._buffer = b""
        self._is_open = False
        self.bytes = 0
        self.late_s: list[float] = []
        self.events = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        self.bytes += len(data)
        if self._is_open and not self._looks:
            return
        self._buffer += data
        if not self._is_open:
            head, found, rest = self._buffer.partition(b"\r\n\r\n")
            if not found:
                return
            assert b" 101 " in head, head
            self._is_open, self._buffer = True, rest
            wanted = {"type": "subscribe", "to": [{"resource": "calls"}]}
            self._transport.write(masked(json.dumps(wanted).encode()))
        if self._looks:
            self._read_frames()

    def _read_frames(self) -> None:
        while (found := frame(self._buffer)) is not None:
            payload, self._buffer = found
            if payload.startswith(b'{"type":"events"'):
                now = time.time()
                events = json.loads(payload)["events"]
                self.events += len(events)
                self.late_s += [now - event["at"] for event in events]


def masked(payload: bytes) -> bytes:
    """A text frame of a client; RFC 6455 section 5.2."""
    return bytes((0x81, 0x80 | len(payload), 0, 0, 0, 0)) + payload


def frame(data: bytes) -> tuple[bytes, bytes] | None:
    """The payload of the first frame, and what follows."""
    if len(data) < 2:
        return None
    length, start = data[1] & 0x7F, 2
    if length >= 126:
        start = 4 if length == 126 else 10
        length = int.from_bytes(data[2:start], "big")
    if len(data) < start + length:
        return None
    return data[start : start + length], data[start + length :]


def main() -> None:
    """Run all modes and print one line for each."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--sockets", type=int, default=1000)
    options.add_argument("--seconds", type=float, default=8.0)
    options.add_argument("--calls", type=int, default=20, help="calls a second, 10 events each")
    options.add_argument("--mode", choices=("plain", "customer", "own"))
    options.add_argument("--serve", help=argparse.SUPPRESS)
    given = options.parse_args()
    _allow_sockets(given.sockets)
    if given.serve:
        serve(given.mode, given.sockets, given.seconds, given.calls, Path(given.serve))
        return
    modes = (given.mode,) if given.mode else ("plain", "customer", "own")
    results = {mode: asyncio.run(_measure(mode, given)) for mode in modes}
    for mode, result in results.items():
        print(_line(mode, result))
    if "plain" in results:
        base = results["plain"]["cpu_us"]
        for mode in modes[1:]:
            print(
                f"{mode}: {base / results[mode]['cpu_us']:.2f} of plain, by CPU per socket's event"
            )


def _allow_sockets(count: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(max(soft, count * 2 + 200), hard), hard))


async def _measure(mode: str, given: argparse.Namespace) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as directory:
        command = [sys.executable, "-m", "bench.events", "--mode", mode, "--serve", directory]
        command += ["--sockets", str(given.sockets), "--seconds", str(given.seconds)]
        command += ["--calls", str(given.calls)]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            assert server.stdout is not None
            ready = json.loads(await asyncio.to_thread(server.stdout.readline))
            readers = await _open(ready["port"], ready["tokens"])
            async with asyncio.timeout(ROUND_S):
                said: dict[str, Any] = json.loads(await asyncio.to_thread(server.stdout.readline))
        finally:
            server.kill()
            server.wait()
    late = sorted(one for reader in readers for one in reader.late_s)
    seen = [reader.events for reader in readers if reader.late_s]
    checked = said["events_per_s"] * said["seconds"] * said["sockets"]
    return said | {
        "seen": sum(seen) / max(len(seen), 1),
        "p50_ms": late[len(late) // 2] * 1000 if late else 0.0,
        "p99_ms": late[len(late) * 99 // 100] * 1000 if late else 0.0,
        "cpu_us": said["cpu_s"] * 1e6 / max(checked, 1),
    }


async def _open(port: int, tokens: list[str]) -> list[Reader]:
    loop, readers = asyncio.get_running_loop(), []
    for place, token in enumerate(tokens):
        reader = Reader(port, token, looks=place % 50 == 0)
        await loop.create_connection(lambda one=reader: one, "127.0.0.1", port)  # type: ignore[misc]
        readers.append(reader)
    return readers


def _line(mode: str, said: dict[str, Any]) -> str:
    return (
        f"{mode:<9} {said['sockets']} sockets, {said['events_per_s']:.0f} events/s in,"
        f" {said['delivered'] / said['seconds']:.0f} delivered/s,"
        f" {said['cpu_s'] / said['seconds'] * 100:.0f} % of a core,"
        f" {said['cpu_us']:.2f} us per event and socket,"
        f" p50 {said['p50_ms']:.0f} ms, p99 {said['p99_ms']:.0f} ms"
    )


if __name__ == "__main__":
    main()
