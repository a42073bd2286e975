"""One timer of the event loop for everything on a node that waits."""

import asyncio
from collections.abc import Callable


class WakeUp:
    """Calls ``tick`` at the earliest time asked for. Asking again for a later time is free."""

    def __init__(self, tick: Callable[[], None], clock: Callable[[], float]) -> None:
        self._tick = tick
        self._clock = clock
        self._loop = asyncio.get_running_loop()
        self._handle: asyncio.TimerHandle | None = None
        self._at = 0.0

    def at(self, when: float | None) -> None:
        """Tick at ``when`` (seconds of ``clock``), or earlier if that was asked for before."""
        if when is None or (self._handle is not None and self._at <= when):
            return
        if self._handle is not None:
            self._handle.cancel()
        self._at = when
        self._handle = self._loop.call_later(max(0.0, when - self._clock()), self._fire)

    def stop(self) -> None:
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def _fire(self) -> None:
        self._handle = None
        self._tick()


class Every:
    """Calls ``act`` again and again, ``period_s`` seconds apart, until it is stopped."""

    def __init__(self, period_s: float, act: Callable[[], None]) -> None:
        self._period_s = period_s
        self._act = act
        self._loop = asyncio.get_running_loop()
        self._handle = self._loop.call_later(period_s, self._fire)

    def stop(self) -> None:
        self._handle.cancel()

    def _fire(self) -> None:
        self._handle = self._loop.call_later(self._period_s, self._fire)
        self._act()
