"""Puts the hub of events together, and lets it hear of new facts while somebody listens."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from sqlalchemy import Engine

from switchroom.api.events.hub import Hub, HubParts
from switchroom.api.events.listing import EventListing
from switchroom.api.events.ports import Door
from switchroom.app.asyncapi import document
from switchroom.app.catalog import catalog
from switchroom.app.facts import kinds
from switchroom.foundation.errors import SwitchroomError
from switchroom.foundation.events import UtcSeconds
from switchroom.live.event import EventReader
from switchroom.store.events import DatabaseEvents

RETRY_S = 1.0
"Pause before a node that is not there is looked for again. Until then events come a little late."

News = Callable[[], AsyncIterator[int]]
"Yields whenever there are new facts: of this process's node, or of another's."


async def no_news() -> AsyncIterator[int]:
    """Where nobody hints; a hub looks by itself."""
    await asyncio.Event().wait()
    yield 0


def make_hub(
    engine: Engine, door: Door, utc: Callable[[], UtcSeconds], monotonic: Callable[[], float]
) -> Hub:
    """A hub over this database, the same whether the node is in this process or not."""
    reader = EventReader(kinds())
    return Hub(HubParts(DatabaseEvents(engine), door, reader, catalog(), utc, monotonic))


def make_listing(engine: Engine) -> EventListing:
    """Pages of events out of this database."""
    return EventListing(DatabaseEvents(engine), EventReader(kinds()), catalog().bit, document())


@asynccontextmanager
async def handing_out(hub: Hub, news: News) -> AsyncIterator[None]:
    """The hub runs while the block does.

    ``news`` is followed only while somebody listens, so that nobody hurries for nothing.
    """
    listening = _Listening(hub, news)
    hub.on_followed = listening.wanted
    running = asyncio.create_task(hub.run(), name="events")
    try:
        yield
    finally:
        hub.on_followed = None
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
