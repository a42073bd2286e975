"""How the demo waits: for what happens on sockets and in other processes, or for people to look."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from switchroom.drivers.timer import Every

T = TypeVar("T")

LOOK_S = 0.02
"Between two looks at what another process has written."


async def pause(seconds: float) -> None:
    """Let the show stand still; calls go on."""
    try:
        async with asyncio.timeout(seconds):
            await asyncio.Event().wait()
    except TimeoutError:
        pass


async def until(holds: Callable[[], bool], limit_s: float) -> bool:
    """Wait until ``holds``; false if it does not within the limit."""
    if holds():
        return True
    done = asyncio.Event()

    def look() -> None:
        if holds():
            done.set()

    looking = Every(LOOK_S, look)
    try:
        async with asyncio.timeout(limit_s):
            await done.wait()
    except TimeoutError:
        return holds()
    finally:
        looking.stop()
    return True


async def found(find: Callable[[], Awaitable[T | None]], limit_s: float) -> T | None:
    """The first result of ``find`` that is not ``None``; ``None`` if none comes in time."""
    try:
        async with asyncio.timeout(limit_s):
            while (result := await find()) is None:
                await pause(LOOK_S)
            return result
    except TimeoutError:
        return None
