"""Connections on the loopback: who may hold how many, for how long, and what ends them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from switchroom.drivers import tcp
from switchroom.drivers.tcp import TcpTransport
from switchroom.foundation.leg import Hop

HOST = "127.0.0.1"
MESSAGE = b"OPTIONS sip:a SIP/2.0\r\nContent-Length: 0\r\n\r\n"
Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Connect = Callable[[], Awaitable[Stream]]


class Node:
    """Remembers what the transport told it."""

    def __init__(self) -> None:
        self.received: list[bytes] = []
        self.failed: asyncio.Queue[Hop] = asyncio.Queue()
        self.closed: asyncio.Queue[Hop] = asyncio.Queue()
        self.transport = TcpTransport(
            lambda data, _hop: self.received.append(data),
            lambda _count: None,
            self.failed.put_nowait,
            self.closed.put_nowait,
        )


@asynccontextmanager
async def listening(is_needed: Callable[[Hop], bool]) -> AsyncIterator[tuple[Node, Connect]]:
    """A transport, and how to connect to it; all is closed at the end."""
    node = Node()
    node.transport.is_needed = is_needed
    await node.transport.listen(HOST, 0)
    await node.transport.start()
    server = node.transport._servers[0]  # the port that was free
    port = server.sockets[0].getsockname()[1]
    open_streams: list[Stream] = []

    async def connect() -> Stream:
        stream = await asyncio.open_connection(HOST, port)
        open_streams.append(stream)
        return stream

    try:
        yield node, connect
    finally:
        for _, writer in open_streams:
            writer.close()
        await node.transport.close()


async def answer_to(stream: Stream, data: bytes) -> bytes:
    reader, writer = stream
    writer.write(data)
    return await asyncio.wait_for(reader.read(100), 5)


async def is_kept(stream: Stream) -> bool:
    """Whether a keep-alive is answered."""
    try:
        return await answer_to(stream, b"\r\n\r\n") == b"\r\n"
    except ConnectionError:
        return False


def brief(monkeypatch: pytest.MonkeyPatch, **seconds: float) -> None:
    """Shorten what would take half a minute."""
    times = {"SETTLE_S": 0.01, "FIRST_MESSAGE_S": 0.05, "IDLE_S": 60.0, **seconds}
    for name, value in times.items():
        monkeypatch.setattr(tcp, name, value)


def test_a_stranger_cannot_hold_every_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tcp, "MAX_STRANGERS", 2)

    async def run() -> None:
        async with listening(lambda _hop: False) as (node, connect):
            kept = [await connect(), await connect()]
            for stream in kept:
                assert await is_kept(stream)
            assert not await is_kept(await connect())
            assert node.transport.refused == 1
            kept[0][1].close()
            await asyncio.wait_for(node.closed.get(), 5)
            assert await is_kept(await connect())

    asyncio.run(run())


def test_who_has_registered_is_no_stranger(monkeypatch: pytest.MonkeyPatch) -> None:
    brief(monkeypatch)
    monkeypatch.setattr(tcp, "MAX_STRANGERS", 1)
    settled = asyncio.Event()

    def is_needed(_hop: Hop) -> bool:
        settled.set()
        return True

    async def run() -> None:
        async with listening(is_needed) as (node, connect):
            await connect()
            await asyncio.wait_for(settled.wait(), 5)
            assert await is_kept(await connect())
            assert len(node.transport.connections) == 2

    asyncio.run(run())


@pytest.mark.parametrize("said", [b"", b"OPTIONS sip:a SIP/2.0\r\nVia: x", b"\r\n\r\n"])
def test_who_says_no_whole_message_is_disconnected(
    said: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    brief(monkeypatch)

    async def run() -> None:
        async with listening(lambda _hop: False) as (node, connect):
            _, writer = await connect()
            writer.write(said)
            await asyncio.wait_for(node.closed.get(), 5)
            assert not node.received
            assert not node.transport.strangers

    asyncio.run(run())


def test_who_falls_silent_is_disconnected_unless_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    brief(monkeypatch, IDLE_S=0.05)

    async def run(is_needed: bool) -> None:
        looks: asyncio.Queue[bool] = asyncio.Queue()

        def look(_hop: Hop) -> bool:
            looks.put_nowait(is_needed)
            return is_needed

        async with listening(look) as (node, connect):
            _, writer = await connect()
            writer.write(MESSAGE)
            for _ in range(3):  # settled, first message, idle
                await asyncio.wait_for(looks.get(), 5)
            assert node.received == [MESSAGE]
            if is_needed:
                await asyncio.wait_for(looks.get(), 5)
                assert node.closed.empty()
            else:
                await asyncio.wait_for(node.closed.get(), 5)

    for is_needed in (True, False):
        asyncio.run(run(is_needed))


def test_keep_alives_keep_a_connection_that_has_spoken(monkeypatch: pytest.MonkeyPatch) -> None:
    brief(monkeypatch, IDLE_S=0.2)

    async def run() -> None:
        looks: asyncio.Queue[None] = asyncio.Queue()

        def look(_hop: Hop) -> bool:
            looks.put_nowait(None)
            return False

        async with listening(look) as (node, connect):
            stream = await connect()
            stream[1].write(MESSAGE)
            await asyncio.wait_for(looks.get(), 5)
            await asyncio.wait_for(looks.get(), 5)
            for _ in range(2):
                assert await is_kept(stream)
                await asyncio.wait_for(looks.get(), 5)
                assert node.transport.connections
            await asyncio.wait_for(node.closed.get(), 5)

    asyncio.run(run())


def test_what_waits_for_a_connection_without_room_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tcp, "MAX_CONNECTIONS", 0)

    async def run() -> None:
        server = await asyncio.start_server(lambda _reader, writer: writer.close(), HOST, 0)
        hop: Hop = ("tcp", HOST, server.sockets[0].getsockname()[1])
        node = Node()
        node.transport.send(MESSAGE, hop)
        assert await asyncio.wait_for(node.failed.get(), 5) == hop
        server.close()
        await node.transport.close()

    asyncio.run(run())


def test_a_message_without_length_is_handed_up_once_and_ends_the_connection() -> None:
    async def run() -> None:
        async with listening(lambda _hop: True) as (node, connect):
            message = b"OPTIONS sip:a SIP/2.0\r\nVia: x\r\n\r\n"
            assert await answer_to(await connect(), message + MESSAGE) == b""
            assert node.received == [message]

    asyncio.run(run())
