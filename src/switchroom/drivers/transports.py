"""All sockets of SIP: which one carries a message, and how peers see us through it."""

import asyncio
import errno
import fcntl
import socket
import struct
from collections.abc import Callable

from switchroom.drivers.tcp import TcpTransport
from switchroom.drivers.udp import UdpSocket
from switchroom.foundation.errors import SwitchroomError
from switchroom.foundation.leg import Hop

REMEMBERED = 50_000
"Peers of which we remember the local address or the socket they use."
ANY = "0.0.0.0"
FREE_PORT_TRIES = 100
"How many free ports the system is asked for until one is free for UDP and TCP."
SIOCGIFADDR = 0x8915
"Asks an interface for its address, netdevice(7)."


class SipAddressTakenError(SwitchroomError):
    """A SIP address cannot be listened on."""

    code = "sip_address_taken"


class Transports:
    """Implements ``sip.ports.Network``, and sends what the node wants sent."""

    def __init__(self, advertised: str, *, several: bool) -> None:
        """``several``: it will listen on more than one address."""
        self._advertised = advertised
        self._several = several
        self._udp: list[UdpSocket] = []
        self._socket_of: dict[Hop, UdpSocket] = {}
        self._outside_of: dict[UdpSocket, str] = {}
        self._local_of: dict[str, str] = {}
        self._fixed = ""
        self._port = 0
        self.ports: set[str] = set()
        self.addresses: list[str] = []
        "Where we listen: ``udp:127.0.0.1:5060``."

    def feed(
        self,
        received: Callable[[bytes, Hop], None],
        drained: Callable[[int], None],
        flush: Callable[[], None],
        failed: Callable[[Hop], None],
        closed: Callable[[Hop], None],
    ) -> None:
        """Whom to tell; before ``listen``. ``drained`` hears of UDP, ``flush`` of TCP."""
        self._received = received
        self._drained = drained
        self._failed = failed
        self.tcp = TcpTransport(received, lambda _count: flush(), failed, closed)

    async def listen(self, host: str, port: int) -> int:
        """Bind UDP and TCP; returns the port, also when 0 asked for a free one.

        Sending is possible from now on. What arrives waits for ``start``.

        Raises:
            SipAddressTakenError: nothing can be bound there.
        """
        try:
            udp = await self._bind_both(host, port)
        except OSError as error:
            text = f"SIP cannot listen on {host}:{port}: {error.strerror or error}"
            if error.errno == errno.EADDRINUSE:
                text += f"; {'another program may hold the port' if port else 'no port is free'}"
            raise SipAddressTakenError(text) from error
        outside = self._advertised or (host if host != ANY else "")
        if not self._udp:
            self._port = udp.port
            self._fixed = f"{outside}:{udp.port}" if outside and not self._several else ""
        self._outside_of[udp] = f"{outside}:{udp.port}" if outside else ""
        self._udp.append(udp)
        self.ports.add(str(udp.port))
        self.addresses += [f"udp:{host}:{udp.port}", f"tcp:{host}:{udp.port}"]
        return udp.port

    async def start(self) -> None:
        """Take what arrives, once everybody who is fed by it is ready."""
        for udp in self._udp:
            udp.start()
        await self.tcp.start()

    async def _bind_both(self, host: str, port: int) -> UdpSocket:
        """UDP and TCP on one port.

        A free one that the system gives is free for UDP. A TCP connection may still hold it, even
        one that has ended (TIME_WAIT, RFC 9293 section 3.6.1); then the next one is tried.
        """
        for tries_left in reversed(range(FREE_PORT_TRIES if port == 0 else 1)):
            udp = self._bind(host, port)
            try:
                await self.tcp.listen(host, udp.port)
            except OSError as error:
                udp.close()
                if error.errno != errno.EADDRINUSE or not tries_left:
                    raise
            else:
                return udp
        raise AssertionError("the last try raises")

    def _bind(self, host: str, port: int) -> UdpSocket:
        def received(data: bytes, hop: Hop) -> None:
            # With several sockets, answers leave through the one that the peer knows.
            if len(self._socket_of) >= REMEMBERED:
                self._socket_of.clear()
            self._socket_of[hop] = udp
            self._received(data, hop)

        udp = UdpSocket(host, port, received if self._several else self._received, self._drained)
        return udp

    def send(self, data: bytes, hop: Hop) -> None:
        """Send now, or over a connection that is made for it."""
        if hop[0] != "udp":
            self.tcp.send(data, hop)
            return
        udp = self._socket_for(hop) if self._several else self._udp[0]
        if not udp.send(data, hop):
            # Not from within the turn that sends: its other messages come first.
            asyncio.get_running_loop().call_soon(self._failed, hop)

    def local(self, hop: Hop) -> str:
        """``host:port`` of ours as the peer at ``hop`` sees it."""
        if self._fixed:
            return self._fixed
        if self._several and (outside := self._outside_of[self._socket_for(hop)]):
            return outside
        known = self._local_of.get(hop[1])
        if known is None:
            if len(self._local_of) >= REMEMBERED:
                self._local_of.clear()
            known = self._local_of[hop[1]] = f"{address_towards(hop[1])}:{self._port}"
        return known

    def _socket_for(self, hop: Hop) -> UdpSocket:
        """The socket that the peer knows, else the one whose address packets to it leave from."""
        known = self._socket_of.get(hop)
        if known is None:
            if len(self._socket_of) >= REMEMBERED:
                self._socket_of.clear()
            here = address_towards(hop[1])
            fitting = (u for u, o in self._outside_of.items() if o.partition(":")[0] == here)
            known = self._socket_of[hop] = next(fitting, self._udp[0])
        return known

    async def close(self) -> None:
        for udp in self._udp:
            udp.close()
        self.tcp.closed = lambda _hop: None  # nobody is there any more to hear of it
        await self.tcp.close()


def address_towards(peer: str) -> str:
    """The address of this machine that packets to ``peer`` leave from; sends nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((peer, 9))
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])


def own_addresses() -> frozenset[str]:
    """Addresses that mean this machine: those of all its interfaces (Linux)."""
    found = {"127.0.0.1", "localhost", socket.gethostname().lower()}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        for _, name in socket.if_nameindex():
            asked = struct.pack("256s", name.encode()[:15])
            try:
                answer = fcntl.ioctl(probe, SIOCGIFADDR, asked)
            except OSError:
                continue  # an interface without an IPv4 address
            found.add(socket.inet_ntoa(answer[20:24]))
    return frozenset(found)
