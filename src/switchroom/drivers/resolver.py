"""Addresses of host names, remembered for a while.

Asks the system (hosts file, DNS as configured for the machine) for A records.
"""

import asyncio
import socket
from collections import OrderedDict
from collections.abc import Callable

KEEP_S = 60.0
KEEP_FAILURE_S = 5.0
MAX_NAMES = 1000
MAX_UNDER_WAY = 100
MAX_ADDRESSES = 8
"Of one name; each may cost a caller some seconds."

Addresses = tuple[str, ...]


class Resolver:
    """``resolve`` calls back at once from memory, or later; without addresses on failure."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._known: OrderedDict[str, tuple[float, Addresses]] = OrderedDict()
        self._waiting: dict[str, list[Callable[[Addresses], None]]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def resolve(self, host: str, found: Callable[[Addresses], None]) -> None:
        """Tell ``found`` the IPv4 addresses of ``host``, in the order that the system gives."""
        known = self._known.get(host)
        if known is not None and known[0] > self._clock():
            found(known[1])
            return
        waiting = self._waiting.get(host)
        if waiting is not None:
            waiting.append(found)
        elif len(self._waiting) >= MAX_UNDER_WAY:
            found(())
        else:
            self._waiting[host] = [found]
            task = asyncio.get_running_loop().create_task(self._ask(host))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _ask(self, host: str) -> None:
        addresses: Addresses = ()
        try:
            loop = asyncio.get_running_loop()
            found = await loop.getaddrinfo(
                host, None, family=socket.AF_INET, type=socket.SOCK_DGRAM
            )
            unique = dict.fromkeys(str(address[0]) for *_, address in found)
            addresses = tuple(unique)[:MAX_ADDRESSES]
        except (OSError, UnicodeError):
            pass  # no such name: that there are no addresses says so
        keep_s = KEEP_S if addresses else KEEP_FAILURE_S
        self._known[host] = (self._clock() + keep_s, addresses)
        while len(self._known) > MAX_NAMES:
            self._known.popitem(last=False)
        for found_one in self._waiting.pop(host):
            found_one(addresses)
