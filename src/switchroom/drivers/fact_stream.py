"""Tells everybody who follows on this node up to which number facts are in the database.

Followers read the facts there. So nobody is too slow, a follower in another process is served like
one in this, and what the recorder does for one is what it does for a thousand.
"""

import asyncio
from collections.abc import AsyncIterator, Callable

from switchroom.foundation.errors import SwitchroomError

FOLLOWERS_LIMIT = 16


class TooManyFollowersError(SwitchroomError):
    """No more followers are served at once."""

    code = "too_many_followers"


class FactStream:
    """Lives in the loop."""

    def __init__(self) -> None:
        self._news: set[asyncio.Event] = set()
        self._newest = 0
        self.on_followed: Callable[[bool], None] | None = None
        "Told when the first follower has come and when the last one has gone."

    def publish(self, newest: int) -> None:
        """Facts up to number ``newest`` are in the database; never waits."""
        self._newest = newest
        for news in self._news:
            news.set()

    async def follow(self) -> AsyncIterator[int]:
        """The number of the newest fact: now if one is known, then whenever there are new ones.

        Raises:
            TooManyFollowersError: there are too many already.
        """
        if len(self._news) >= FOLLOWERS_LIMIT:
            raise TooManyFollowersError(f"{FOLLOWERS_LIMIT} followers are the most at once")
        news = asyncio.Event()
        if self._newest:
            news.set()
        self._news.add(news)
        self._tell_followed(1)
        try:
            while await news.wait():
                news.clear()
                yield self._newest
        finally:
            self._news.discard(news)
            self._tell_followed(0)

    def _tell_followed(self, count: int) -> None:
        if self.on_followed is not None and len(self._news) == count:
            self.on_followed(bool(count))
