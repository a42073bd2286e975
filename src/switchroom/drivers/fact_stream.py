"""Numbered facts to everybody who follows them on this node, each with a bounded queue."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import ClassVar

from switchroom.foundation.errors import SwitchroomError
from switchroom.history.numbered import NumberedFact

QUEUE_LIMIT = 20_000
"Facts that wait for one follower; one that is slower is cut off."
FOLLOWERS_LIMIT = 16


class FollowerTooSlowError(SwitchroomError):
    """Facts came faster than this follower took them."""

    code: ClassVar[str] = "too_slow"


class TooManyFollowersError(SwitchroomError):
    """No more followers are served at once."""

    code: ClassVar[str] = "too_many_followers"


class FactStream:
    """Lives in the loop; the recorder's thread reaches it by ``call_soon_threadsafe``."""

    def __init__(self) -> None:
        self._followers: set[asyncio.Queue[NumberedFact | None]] = set()

    def publish(self, facts: Sequence[NumberedFact]) -> None:
        """Give ``facts`` to every follower; never waits."""
        for follower in list(self._followers):
            if follower.qsize() + len(facts) > QUEUE_LIMIT:
                self._followers.discard(follower)
                follower.put_nowait(None)
                continue
            for fact in facts:
                follower.put_nowait(fact)

    async def follow(self) -> AsyncIterator[NumberedFact]:
        """All facts published from the first step of this iterator on.

        Raises:
            FollowerTooSlowError: the follower was cut off.
            TooManyFollowersError: there are too many already.
        """
        if len(self._followers) >= FOLLOWERS_LIMIT:
            raise TooManyFollowersError(f"{FOLLOWERS_LIMIT} followers are the most at once")
        queue: asyncio.Queue[NumberedFact | None] = asyncio.Queue()
        self._followers.add(queue)
        try:
            while (fact := await queue.get()) is not None:
                yield fact
            raise FollowerTooSlowError("facts came faster than they were taken; follow again")
        finally:
            self._followers.discard(queue)
