"""The UDP socket: read what is there, then let the node answer all of it at once."""

import asyncio
import errno
import socket
from collections.abc import Callable

from switchroom.foundation.leg import Hop

DRAIN = 64
"Datagrams read per wake-up, so that timers and other sockets get their turn."
BUFFER_BYTES = 4 * 1024 * 1024
LARGEST = 65_535
UNREACHABLE = (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EHOSTDOWN)


class UdpSocket:
    """One bound socket. ``received`` is called per datagram, ``drained`` once per wake-up."""

    def __init__(
        self,
        host: str,
        port: int,
        received: Callable[[bytes, Hop], None],
        drained: Callable[[int], None],
    ) -> None:
        """Bind.

        Raises:
            OSError: the address is taken or not ours.
        """
        self._received = received
        self._drained = drained
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
            self._socket.setsockopt(socket.SOL_SOCKET, option, BUFFER_BYTES)
        self._socket.setblocking(False)
        try:
            self._socket.bind((host, port))
        except OSError:
            self._socket.close()
            raise
        self._recvfrom = self._socket.recvfrom
        self._sendto = self._socket.sendto
        self.port: int = self._socket.getsockname()[1]
        self.unsent = 0
        "Datagrams that the kernel refused: no route, or no room."

    def start(self) -> None:
        """Begin to read; what has come since ``bind`` waits in the kernel."""
        asyncio.get_running_loop().add_reader(self._socket.fileno(), self._readable)

    def send(self, data: bytes, hop: Hop) -> bool:
        """Send now; false if the kernel says that it cannot."""
        try:
            self._sendto(data, (hop[1], hop[2]))
        except OverflowError:
            self.unsent += 1
        except OSError as error:
            self.unsent += 1
            # Anything else is this datagram's fault (too large, no room): as if it were lost.
            return error.errno not in UNREACHABLE
        return True

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self._socket.fileno())
        self._socket.close()

    def _readable(self) -> None:
        count = 0
        recvfrom = self._recvfrom
        received = self._received
        while count < DRAIN:
            try:
                data, address = recvfrom(LARGEST)
            except (BlockingIOError, InterruptedError):
                break
            except OSError:
                continue  # an ICMP error for something sent earlier; the timers will notice
            finally:
                count += 1
            received(data, ("udp", address[0], address[1]))
        self._drained(count)
