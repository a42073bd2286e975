"""Addresses of host names, remembered for a while.

Asks the system (hosts file, DNS as configured for the machine): one A record is what is used now.
"""

import asyncio
import socket
from collections import OrderedDict
from collections.abc import Callable

KEEP_S = 60.0
KEEP_FAILURE_S = 5.0
MAX_NAMES = 1000
MAX_UNDER_WAY = 100


class Resolver:
    """``resolve`` calls back at once from memory, or later; with an empty text on failure."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._known: OrderedDict[str, tuple[float, str]] = OrderedDict()
        self._waiting: dict[str, list[Callable[[str], None]]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def resolve(self, host: str, found: Callable[[str], None]) -> None:
        """Tell ``found`` the IPv4 address of ``host``."""
        known = self._known.get(host)
        if known is not None and known[0] > self._clock():
            found(known[1])
            return
        waiting = self._waiting.get(host)
        if waiting is not None:
            waiting.append(found)
        elif len(self._waiting) >= MAX_UNDER_WAY:
            found("")
        else:
            self._waiting[host] = [found]
            task = asyncio.get_running_loop().create_task(self._ask(host))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _ask(self, host: str) -> None:
        address = ""
        try:
            loop = asyncio.get_running_loop()
            found = await loop.getaddrinfo(host, None, family=socket.AF_INET)
            address = str(found[0][4][0]) if found else ""
        except (OSError, UnicodeError):
            pass  # no such name: the empty address says so
        keep_s = KEEP_S if address else KEEP_FAILURE_S
        self._known[host] = (self._clock() + keep_s, address)
        while len(self._known) > MAX_NAMES:
            self._known.popitem(last=False)
        for found_one in self._waiting.pop(host):
            found_one(address)
