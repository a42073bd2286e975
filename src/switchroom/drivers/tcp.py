"""TCP connections of SIP: framing in, bytes out, one connection per far address."""

import asyncio
from collections.abc import Callable
from typing import cast

from switchroom.foundation.leg import Hop
from switchroom.sip.message import Framer, FramingError, KeepAlive

MAX_CONNECTIONS = 5000
MAX_WAITING = 64
"Messages kept while a connection is being made."
WRITE_LIMIT = 1024 * 1024
"Bytes a slow reader may leave unread before it is disconnected."
CONNECT_S = 10.0


class TcpTransport:
    """Listens and connects; what was received goes up message by message."""

    def __init__(
        self,
        received: Callable[[bytes, Hop], None],
        drained: Callable[[int], None],
        failed: Callable[[Hop], None],
        closed: Callable[[Hop], None],
    ) -> None:
        self.received = received
        self.drained = drained
        self.failed = failed
        self.closed = closed
        self.connections: dict[Hop, _Connection] = {}
        self._connecting: dict[Hop, list[bytes]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.refused = 0

    async def listen(self, host: str, port: int) -> None:
        """Accept connections.

        Raises:
            OSError: the address is taken or not ours.
        """
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Connection(self), host, port)

    def send(self, data: bytes, hop: Hop) -> None:
        """Send over the connection to ``hop``, made now if there is none; failures come later."""
        connection = self.connections.get(hop)
        if connection is not None:
            connection.write(data)
            return
        waiting = self._connecting.get(hop)
        if waiting is not None:
            if len(waiting) < MAX_WAITING:
                waiting.append(data)
            return
        self._connecting[hop] = [data]
        task = asyncio.get_running_loop().create_task(self._connect(hop))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _connect(self, hop: Hop) -> None:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(CONNECT_S):
                _, protocol = await loop.create_connection(
                    lambda: _Connection(self), hop[1], hop[2]
                )
        except (OSError, TimeoutError, OverflowError):
            del self._connecting[hop]
            self.failed(hop)
            return
        for data in self._connecting.pop(hop):
            protocol.write(data)

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        if self._server is not None:
            self._server.close()
        for connection in list(self.connections.values()):
            connection.abort()


class _Connection(asyncio.Protocol):
    """One connection; ends when the far side talks nonsense or does not read."""

    def __init__(self, owner: TcpTransport) -> None:
        self._owner = owner
        self._framer = Framer()
        self._transport: asyncio.Transport | None = None
        self._hop: Hop = ("tcp", "", 0)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        peer = transport.get_extra_info("peername")
        if peer is None or len(self._owner.connections) >= MAX_CONNECTIONS:
            self._owner.refused += 1
            self._transport.abort()
            return
        self._hop = ("tcp", peer[0], peer[1])
        self._owner.connections[self._hop] = self

    def data_received(self, data: bytes) -> None:
        frames = self._framer.feed(data)
        for frame in frames:
            if isinstance(frame, KeepAlive):
                self.write(b"\r\n")  # pong, RFC 5626 section 4.4.1
            elif isinstance(frame, FramingError):
                self._give_up(frame)
                break
            else:
                self._owner.received(frame, self._hop)
        self._owner.drained(len(frames))

    def connection_lost(self, _exc: Exception | None) -> None:
        if self._owner.connections.get(self._hop) is self:
            del self._owner.connections[self._hop]
            self._owner.closed(self._hop)

    def write(self, data: bytes) -> None:
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        transport.write(data)
        if transport.get_write_buffer_size() > WRITE_LIMIT:
            transport.abort()

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def _give_up(self, error: FramingError) -> None:
        """The stream cannot be followed any more: answer if possible, then close."""
        if error.message:
            self._owner.received(error.message, self._hop)
            self._owner.drained(1)
        if self._transport is not None:
            self._transport.close()
