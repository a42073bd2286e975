"""One wheel of deadlines for everything on a node that waits."""

from collections.abc import Iterator
from heapq import heappop, heappush
from typing import Generic, Protocol, TypeVar

TICK_S = 0.02
"Width of a bucket in seconds: how late a deadline may be seen."


class Waiting(Protocol):
    """Anything with a deadline of its own (monotonic seconds), ``None`` for no longer waiting."""

    @property
    def deadline(self) -> float | None: ...


W = TypeVar("W", bound=Waiting)


class TimerWheel(Generic[W]):
    """Buckets of things that wait, looked at only when their time has come.

    The deadline lives in the thing itself. Moving it later or clearing it costs nothing: the old
    entry is found stale when its bucket comes up, and is filed again or forgotten. Moving it
    *earlier* needs a new ``watch``.
    """

    __slots__ = ("_buckets", "_slots")

    def __init__(self) -> None:
        self._buckets: dict[int, list[W]] = {}
        self._slots: list[int] = []
        "A heap of the keys of ``_buckets``."

    def watch(self, item: W) -> None:
        """File ``item`` under its deadline; does nothing if it has none."""
        when = item.deadline
        if when is None:
            return
        slot = int(when / TICK_S) + 1
        bucket = self._buckets.get(slot)
        if bucket is None:
            self._buckets[slot] = [item]
            heappush(self._slots, slot)
        else:
            bucket.append(item)

    def deadline(self) -> float | None:
        """When to look again, in monotonic seconds; ``None`` if nothing waits.

        Stale entries at the front are dropped or filed again here: nobody is woken for them.
        """
        while self._slots:
            slot = self._slots[0]
            end, items = slot * TICK_S, self._buckets[slot]
            while items:
                when = items[-1].deadline
                if when is not None and when <= end:
                    return end
                self.watch(items.pop())
            del self._buckets[heappop(self._slots)]
        return None

    def due(self, now: float) -> Iterator[W]:
        """Yield what is due at ``now``, once each time it was filed; stale entries are skipped."""
        while self._slots and self._slots[0] * TICK_S <= now:
            items = self._buckets.pop(heappop(self._slots))
            items.reverse()
            try:
                while items:
                    item = items.pop()
                    when = item.deadline
                    if when is None:
                        continue
                    if when > now:
                        self.watch(item)
                    else:
                        yield item
            finally:
                for item in items:  # whoever was given the last one has failed
                    self.watch(item)

    def __len__(self) -> int:
        return sum(map(len, self._buckets.values()))
