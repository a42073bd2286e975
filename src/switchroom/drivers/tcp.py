"""TCP connections of SIP: framing in, bytes out, one connection per far address."""

import asyncio
import socket
from collections import Counter
from collections.abc import Callable
from typing import cast

from switchroom.foundation.leg import Hop
from switchroom.sip.message import Framer, FramingError, KeepAlive

MAX_CONNECTIONS = 5000
MAX_STRANGERS = 100
"Accepted connections from one address that nothing hangs on: no registration, no call."
BACKLOG = 100
"Connections that wait in the kernel to be accepted."
MAX_WAITING = 64
"Messages kept while a connection is being made."
WRITE_LIMIT = 1024 * 1024
"Bytes a slow reader may leave unread before it is disconnected."
CONNECT_S = 10.0
SETTLE_S = 1.0
"After so long a phone has registered, and counts no longer as a stranger."
FIRST_MESSAGE_S = 30.0
"Who has connected and not said one whole message by then is disconnected."
IDLE_S = 600.0
"Who is not needed and says nothing for so long, not even a keep-alive, is disconnected."


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
        self.is_needed: Callable[[Hop], bool] = lambda _hop: True
        "Whether a registration or a call hangs on a connection; unless set, all are needed."
        self.connections: dict[Hop, _Connection] = {}
        self.strangers: Counter[str] = Counter()
        "Accepted connections that nothing hangs on yet, by address."
        self._connecting: dict[Hop, list[bytes]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._servers: list[asyncio.Server] = []
        self.refused = 0

    async def listen(self, host: str, port: int) -> None:
        """Take an address; who connects waits in the kernel until ``start``.

        Raises:
            OSError: the address is taken or not ours.
        """
        listening = socket.create_server((host, port), backlog=BACKLOG)
        self._servers.append(
            await asyncio.get_running_loop().create_server(
                lambda: _Connection(self, is_accepted=True),
                sock=listening,
                backlog=BACKLOG,
                start_serving=False,
            )
        )

    async def start(self) -> None:
        """Accept connections."""
        for server in self._servers:
            await server.start_serving()

    def has_room(self, address: str, *, is_accepted: bool) -> bool:
        """Whether one more connection with ``address`` may be kept."""
        if len(self.connections) >= MAX_CONNECTIONS:
            return False
        return not is_accepted or self.strangers[address] < MAX_STRANGERS

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
                    lambda: _Connection(self, is_accepted=False), hop[1], hop[2]
                )
        except (OSError, TimeoutError, OverflowError):
            del self._connecting[hop]
            self.failed(hop)
            return
        waiting = self._connecting.pop(hop)
        if not protocol.is_open:
            self.failed(hop)  # no room for it, or closed at once: nothing was sent
            return
        for data in waiting:
            protocol.write(data)

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        for server in self._servers:
            server.close()
        for connection in list(self.connections.values()):
            connection.abort()


class _Connection(asyncio.Protocol):
    """One connection; ends when the far side talks nonsense or does not read."""

    def __init__(self, owner: TcpTransport, *, is_accepted: bool) -> None:
        self._owner = owner
        self._framer = Framer()
        self._transport: asyncio.Transport | None = None
        self._hop: Hop = ("tcp", "", 0)
        self._is_stranger = is_accepted
        self._is_new = is_accepted
        "Until the first look only whole messages count as speaking."
        self._has_spoken = not is_accepted
        self._timer: asyncio.TimerHandle | None = None

    @property
    def is_open(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        peer = transport.get_extra_info("peername")
        owner = self._owner
        if peer is None or not owner.has_room(peer[0], is_accepted=self._is_stranger):
            owner.refused += 1
            self._is_stranger = False  # it was never counted
            self._transport.abort()
            return
        self._hop = ("tcp", peer[0], peer[1])
        owner.connections[self._hop] = self
        if self._is_stranger:
            owner.strangers[peer[0]] += 1
        self._look_in(SETTLE_S, self._settle)

    def data_received(self, data: bytes) -> None:
        frames = self._framer.feed(data)
        for frame in frames:
            if isinstance(frame, KeepAlive):
                self._has_spoken |= not self._is_new
                self.write(b"\r\n")  # pong, RFC 5626 section 4.4.1
            elif isinstance(frame, FramingError):
                self._give_up(frame)
                break
            else:
                self._has_spoken = True
                self._owner.received(frame, self._hop)
        self._owner.drained(len(frames))

    def connection_lost(self, _exc: Exception | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._count_no_longer()
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

    def _look_in(self, seconds: float, look: Callable[[], None]) -> None:
        self._timer = asyncio.get_running_loop().call_later(seconds, look)

    def _settle(self) -> None:
        self._is_needed()
        self._look_in(max(0.0, FIRST_MESSAGE_S - SETTLE_S), self._look)

    def _look(self) -> None:
        """Close if nobody needs this connection and nobody speaks."""
        if not self._is_needed() and not self._has_spoken:
            self.abort()
            return
        self._is_new = False
        self._has_spoken = False
        self._look_in(IDLE_S, self._look)

    def _is_needed(self) -> bool:
        is_needed = self._owner.is_needed(self._hop)
        if is_needed:
            self._count_no_longer()
        return is_needed

    def _count_no_longer(self) -> None:
        if self._is_stranger:
            self._is_stranger = False
            strangers, address = self._owner.strangers, self._hop[1]
            strangers[address] -= 1
            if not strangers[address]:
                del strangers[address]

    def _give_up(self, error: FramingError) -> None:
        """The stream cannot be followed any more: answer if possible, then close."""
        if error.message:
            self._owner.received(error.message, self._hop)
            self._owner.drained(1)
        if self._transport is not None:
            self._transport.close()
