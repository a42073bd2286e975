"""Compiled authorities of this process, those that were used last."""

from collections import OrderedDict
from threading import Lock

from switchroom.identity.ports import CacheKey
from switchroom.permissions.compile import Compiled

LIMIT = 10_000
"Some kilobytes each; with more principals at work at once, some are compiled again."


class LastUsedAuthorities:
    """A bounded cache; every method may be called from any thread.

    Nothing here is ever invalidated: the epochs are part of the key, so what has changed is asked
    for under another one, and the old one is dropped when room is needed.
    """

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._kept: OrderedDict[CacheKey, Compiled] = OrderedDict()
        self._lock = Lock()

    def get(self, key: CacheKey, now: float) -> Compiled | None:
        """What was compiled, unless a binding has begun or ended since."""
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                return None
            if found.valid_until is not None and now >= found.valid_until:
                del self._kept[key]
                return None
            self._kept.move_to_end(key)
            return found

    def put(self, key: CacheKey, compiled: Compiled) -> None:
        with self._lock:
            self._kept[key] = compiled
            self._kept.move_to_end(key)
            while len(self._kept) > self._limit:
                self._kept.popitem(last=False)

    def __len__(self) -> int:
        return len(self._kept)
