"""Messages that wait to be sent on one socket: bounded, so that a slow reader costs nobody else."""

import asyncio
from collections import deque

from msgspec import Struct

from switchroom.live.sequence import Cursor

MESSAGES_LIMIT = 256
CHARACTERS_LIMIT = 4 * 1024 * 1024
"Their sum; texts that go to many are shared, so the memory is less."
PATIENT_MESSAGES = 4
"What may wait before somebody who can wait himself does."


Message = tuple[str, Cursor | None]
"A text, and where its reader stands after it, if that is another place than before."


class Closing(Struct, frozen=True):
    """How a socket ends."""

    code: int
    reason: str


class Outbox:
    """Filled without waiting, emptied by the socket's own task."""

    __slots__ = ("_changed", "_characters", "_waiting", "closing", "place")

    def __init__(self) -> None:
        self._waiting: deque[Message] = deque()
        self._characters = 0
        self._changed = asyncio.Event()
        self.closing: Closing | None = None
        "Set once: what is in the outbox still goes out, then the socket closes."
        self.place = Cursor("", 0)
        "Where the reader stands after what has been sent so far."

    def put(self, text: str, place: Cursor | None = None) -> bool:
        """Let ``text`` wait to be sent; ``False``: there is no room."""
        if self.closing is not None:
            return True  # nobody waits for it any more
        has_room = self._characters + len(text) <= CHARACTERS_LIMIT or not self._waiting
        if len(self._waiting) >= MESSAGES_LIMIT or not has_room:
            return False
        self._waiting.append((text, place))
        self._characters += len(text)
        self._changed.set()
        return True

    def close(self, closing: Closing, *last_words: str) -> None:
        """Send only ``last_words`` from now on, then close."""
        if self.closing is None:
            self._waiting = deque((text, None) for text in last_words)
            self._characters = 0
            self.closing = closing
            self._changed.set()

    async def take(self) -> str | None:
        """The next message, as soon as there is one; ``None`` when none will ever come again.

        It counts as sent: whatever comes after it in the socket comes after it at the reader.
        """
        while not self._waiting:
            if self.closing is not None:
                return None
            self._changed.clear()
            await self._changed.wait()
        text, place = self._waiting.popleft()
        self._characters -= len(text)
        self.place = place or self.place
        if len(self._waiting) == PATIENT_MESSAGES:
            self._changed.set()
        return text

    async def room(self) -> None:
        """Wait until little waits."""
        while len(self._waiting) > PATIENT_MESSAGES and self.closing is None:
            self._changed.clear()
            await self._changed.wait()
