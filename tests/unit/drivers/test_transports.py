"""Sockets are bound first and read later: in between, what comes waits in the kernel."""

import asyncio
import socket
from dataclasses import dataclass, field

import pytest

from switchroom.drivers.transports import FREE_PORT_TRIES, SipAddressTakenError, Transports
from switchroom.foundation.leg import Hop

HOST = "127.0.0.1"
OPTIONS = (
    b"OPTIONS sip:a@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1;branch=z9hG4bK1\r\n"
    b"From: <sip:a@b>;tag=1\r\nTo: <sip:a@b>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\n"
    b"Content-Length: 0\r\n\r\n"
)


@dataclass
class Fed:
    """Two addresses of a node and what has arrived there."""

    transports: Transports = field(default_factory=lambda: Transports("", several=True))
    heard: list[str] = field(default_factory=list)
    came: asyncio.Event = field(default_factory=asyncio.Event)

    def receive(self, _data: bytes, hop: Hop) -> None:
        self.heard.append(hop[0])
        if len(self.heard) == 4:
            self.came.set()


async def _arrive_early() -> list[str]:
    fed = Fed()
    transports = fed.transports
    transports.feed(
        fed.receive, lambda _count: None, lambda: None, lambda _hop: None, lambda _hop: None
    )
    ports = [await transports.listen(HOST, 0) for _ in range(2)]
    streams = []
    for port in ports:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
            datagrams.sendto(OPTIONS, (HOST, port))
        stream = await asyncio.open_connection(HOST, port)
        stream[1].write(OPTIONS)
        streams.append(stream)
    assert fed.heard == [], "nobody was ready to hear it"
    await transports.start()
    async with asyncio.timeout(5):
        await fed.came.wait()
    for _, writer in streams:
        writer.close()
    await transports.close()
    for port in ports:
        with socket.create_server((HOST, port)):
            pass  # every address is free again
    return sorted(fed.heard)


def test_what_comes_before_the_start_is_heard_after_it_on_every_address() -> None:
    assert asyncio.run(_arrive_early()) == ["tcp", "tcp", "udp", "udp"]


def test_an_address_that_is_taken_is_an_error_that_names_it() -> None:
    async def listen() -> None:
        with socket.create_server((HOST, 0)) as taken:
            port = taken.getsockname()[1]
            transports = Transports("", several=False)
            ignore = (lambda _hop: None,) * 2
            transports.feed(lambda _data, _hop: None, lambda _count: None, lambda: None, *ignore)
            with pytest.raises(SipAddressTakenError, match=f"cannot listen on {HOST}:{port}"):
                await transports.listen(HOST, port)

    asyncio.run(listen())


def _listen_while_others_are_faster(times: int) -> int:
    """The port that we get if so often somebody else takes TCP between our UDP and our TCP."""
    others: list[socket.socket] = []

    async def listen() -> int:
        transports = Transports("", several=False)
        ignore = (lambda _hop: None,) * 2
        transports.feed(lambda _data, _hop: None, lambda _count: None, lambda: None, *ignore)
        tcp_listen = transports.tcp.listen

        async def too_late(host: str, port: int) -> None:
            if len(others) < times:
                others.append(socket.create_server((host, port)))
            await tcp_listen(host, port)

        transports.tcp.listen = too_late  # type: ignore[method-assign]
        port = await transports.listen(HOST, 0)
        await transports.close()
        return port

    try:
        return asyncio.run(listen())
    finally:
        for other in others:
            other.close()


def test_a_free_port_is_one_that_is_free_for_both() -> None:
    assert _listen_while_others_are_faster(10) > 0


def test_a_free_port_is_not_looked_for_for_ever() -> None:
    with pytest.raises(SipAddressTakenError, match="no port is free"):
        _listen_while_others_are_faster(FREE_PORT_TRIES)
