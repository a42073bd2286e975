"""A network in memory on a clock of its own: delay, loss, copies and reordering from a seed."""

from heapq import heappop, heappush
from random import Random
from typing import Protocol

from msgspec import Struct

from switchroom.foundation.leg import Hop

Place = tuple[str, int]
"Numeric address and port of a host; the same for UDP and TCP."

START_S = 1000.0
"What the clock shows at first: not zero, since machines may not take zero for never."
MOST_TICKS = 1000
"Wake-ups of one host at one instant; more means that it does not move on."


class Host(Protocol):
    """Whoever is attached: a phone, a node, a peer of a test."""

    def receive(self, data: bytes, source: Hop) -> None: ...

    def tick(self) -> None: ...

    def deadline(self) -> float | None:
        """When ``tick`` must be called, in seconds of the network's clock."""
        ...

    def transport_failed(self, hop: Hop) -> None:
        """Nobody accepts connections at ``hop``."""
        ...


class Link(Struct, frozen=True):
    """One direction between two addresses. A stream (TCP) is delayed only, never harmed."""

    delay_s: float = 0.001
    jitter_s: float = 0.0
    "At most so much more, evenly spread; enough of it changes the order."
    loss: float = 0.0
    "Part of the datagrams that never arrive, 0 to 1."
    duplication: float = 0.0
    "Part that arrives twice."
    reordering: float = 0.0
    "Part that is late by ``late_s``."
    late_s: float = 0.05


USUAL = Link()


class Sent(Struct, frozen=True):
    """One message as it left, for the log."""

    at: float
    source: Place
    to: Hop
    data: bytes
    lost: bool


class Network:
    """Hosts and what is under way between them.

    The same seed and the same calls give the same course, to the microsecond.
    """

    def __init__(self, seed: int = 0, link: Link = USUAL) -> None:
        self.now = START_S
        self.sent: list[Sent] = []
        "Everything that was sent; a test that sends without end may clear it."
        self._random = Random(seed)
        self._link = link
        self._links: dict[tuple[str, str], Link] = {}
        self._hosts: dict[Place, Host] = {}
        self._shown: dict[Place, Place] = {}
        "How a host behind NAT looks from outside."
        self._under_way: list[tuple[float, int, Hop, Hop, bytes]] = []
        self._count = 0
        self._stream_free: dict[tuple[Place, Place], float] = {}
        self._last_sent_at = START_S

    def clock(self) -> float:
        """Seconds, to be given to hosts as their monotonic clock."""
        return self.now

    @property
    def lossy(self) -> bool:
        """Whether the ordinary link loses datagrams."""
        return self._link.loss > 0

    def attach(self, host: Host, place: Place, shown_as: Place | None = None) -> None:
        """Put ``host`` at ``place``; behind NAT others see it as ``shown_as``."""
        self._hosts[shown_as or place] = host
        if shown_as is not None:
            self._shown[place] = shown_as

    def detach(self, place: Place) -> None:
        """Nobody is at ``place`` (as others see it) from now on."""
        self._hosts.pop(place, None)

    def between(self, source: str, to: str, link: Link) -> None:
        """Set the link from one address to another, this direction only."""
        self._links[source, to] = link

    def send(self, data: bytes, source: Place, to: Hop) -> None:
        """Take a message of the host at ``source``."""
        seen = self._shown.get(source, source)
        link = self._links.get((seen[0], to[1]), self._link)
        self._last_sent_at = self.now
        if to[0] != "udp":
            self.sent.append(Sent(self.now, source, to, data, lost=False))
            self._stream(data, seen, to, link)
            return
        lost = self._random.random() < link.loss
        self.sent.append(Sent(self.now, source, to, data, lost))
        if lost:
            return
        self._file(self.now + self._delay(link), ("udp", *seen), to, data)
        if self._random.random() < link.duplication:
            self._file(self.now + self._delay(link), ("udp", *seen), to, data)

    def run_until(self, when: float) -> None:
        """Let everything happen that happens up to ``when``; then it is ``when``."""
        while self._step(when):
            pass
        self.now = max(self.now, when)

    def run(self, seconds: float) -> None:
        """Let ``seconds`` pass."""
        self.run_until(self.now + seconds)

    def run_until_quiet(self, silence_s: float = 40.0, most_s: float = 600.0) -> None:
        """Run until nobody has said anything for ``silence_s``, but ``most_s`` at most."""
        end = self.now + most_s
        self._last_sent_at = self.now
        while self._step(min(self._last_sent_at + silence_s, end)):
            pass
        self.now = min(self._last_sent_at + silence_s, end)

    # --- below: how ---------------------------------------------------------------------------

    def _step(self, limit: float) -> bool:
        """Let the next thing happen, if it happens by ``limit``."""
        arrival = self._under_way[0][0] if self._under_way else None
        wake, host = self._next_wake()
        if arrival is not None and arrival <= limit and (wake is None or arrival <= wake):
            self._arrive()
            return True
        if wake is None or host is None or wake > limit:
            return False
        self.now = max(self.now, wake)
        for _ in range(MOST_TICKS):
            host.tick()
            when = host.deadline()
            if when is None or when > self.now:
                return True
        raise RuntimeError(f"{host!r} wants to be woken at {wake} for ever")

    def _next_wake(self) -> tuple[float | None, Host | None]:
        first: float | None = None
        who: Host | None = None
        for host in self._hosts.values():
            when = host.deadline()
            if when is not None and (first is None or when < first):
                first, who = when, host
        return first, who

    def _arrive(self) -> None:
        at, _, source, to, data = heappop(self._under_way)
        self.now = max(self.now, at)
        host = self._hosts.get((to[1], to[2]))
        if host is not None:
            host.receive(data, source)
        elif to[0] != "udp":
            sender = self._hosts.get((source[1], source[2]))
            if sender is not None:
                sender.transport_failed(to)

    def _delay(self, link: Link) -> float:
        delay = link.delay_s + self._random.random() * link.jitter_s
        return delay + (link.late_s if self._random.random() < link.reordering else 0.0)

    def _stream(self, data: bytes, seen: Place, to: Hop, link: Link) -> None:
        key = (seen, (to[1], to[2]))
        at = max(self.now + self._delay(link), self._stream_free.get(key, 0.0))
        self._stream_free[key] = at
        self._file(at, (to[0], *seen), to, data)

    def _file(self, at: float, source: Hop, to: Hop, data: bytes) -> None:
        self._count += 1
        heappush(self._under_way, (at, self._count, source, to, data))
