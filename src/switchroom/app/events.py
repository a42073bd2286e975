"""Puts the hub of events together, and lets it hear of new facts while somebody listens."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from sqlalchemy import Engine

from switchroom.api.events.hub import Hub, HubParts
from switchroom.api.events.ports import Door
from switchroom.app.catalog import catalog
from switchroom.app.facts import kinds
from switchroom.drivers.clock import Clock
from switchroom.foundation.errors import SwitchroomError
from switchroom.live.event import EventReader
from switchroom.store.events import DatabaseEvents

RETRY_S = 1.0
"Pause before a node that is not there is looked for again. Until then events come a little late."

News = Callable[[], AsyncIterator[int]]
"Yields whenever there are new facts: of this process's node, or of another's."


@asynccontextmanager
async def running_hub(engine: Engine, door: Door, news: News, clock: Clock) -> AsyncIterator[Hub]:
    """A hub that runs while the block does; the same whether the node is in this process or not.

    Args:
        engine: Where the facts are.
        door: Who is behind a socket, as he is now.
        news: Followed only while somebody listens, so that nobody hurries for nothing.
        clock: The time.
    """
    hub = Hub(
        HubParts(
            DatabaseEvents(engine),
            door,
            EventReader(kinds()),
            catalog(),
            clock.utc,
            clock.monotonic,
        )
    )
    listening = _Listening(hub, news)
    hub.on_followed = listening.wanted
    running = asyncio.create_task(hub.run(), name="events")
    try:
        yield hub
    finally:
        listening.wanted(False)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


class _Listening:
    def __init__(self, hub: Hub, news: News) -> None:
        self._hub = hub
        self._news = news
        self._task: asyncio.Task[None] | None = None

    def wanted(self, is_wanted: bool) -> None:
        if self._task is not None:
            self._task.cancel()
        self._task = asyncio.create_task(self._listen()) if is_wanted else None

    async def _listen(self) -> None:
        while True:
            try:
                async for _ in self._news():
                    self._hub.hint()
            except SwitchroomError:
                pass  # the node is stopping or starting; the hub looks by itself meanwhile
            await _pause(RETRY_S)


async def _pause(seconds: float) -> None:
    loop, over = asyncio.get_running_loop(), asyncio.Event()
    loop.call_later(seconds, over.set)
    await over.wait()
