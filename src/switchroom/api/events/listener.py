"""One open socket as the hub sees it: who listens, what he wants, and what waits to be sent."""

import asyncio
from collections.abc import Hashable

from switchroom.api.events.messages import (
    CLOSE_FORBIDDEN,
    CLOSE_LAGGING,
    CLOSE_LOGGED_OUT,
    Lagging,
    Unsubscribed,
    write,
)
from switchroom.api.events.outbox import Closing, Outbox
from switchroom.api.events.selection import Want, lost, sharing_key
from switchroom.foundation.events import UtcSeconds
from switchroom.identity.model import Actor, Refused
from switchroom.live.sequence import Cursor
from switchroom.permissions.check import holds

Epochs = tuple[int, int]
"Of the customer and of the agent."


class Listener:
    """Belongs to the loop. Its feed is the customer's that its actor acts in."""

    __slots__ = ("_subscribe_bit", "actor", "epochs", "key", "outbox", "ready", "subjects", "wants")

    def __init__(self, actor: Actor, subscribe_bit: int) -> None:
        self.actor = actor
        self.subjects = (f"customer:{actor.customer_id}", f"agent:{actor.principal_id}")
        "Whose epochs count for it."
        self.outbox = Outbox()
        self.wants: dict[str, Want] = {}
        self.epochs: Epochs | None = None
        "At which ``actor`` is what he may do; ``None``: to be asked again before anything else."
        self.key: Hashable = None
        "Listeners with the same key get the same; ``None``: nothing."
        self.ready = asyncio.Event()
        "Set once it is known what the actor may do."
        self._subscribe_bit = subscribe_bit

    @property
    def is_limited(self) -> bool:
        """Whether some rows only may be seen."""
        return isinstance(self.key, tuple)

    def want(self, wants: dict[str, Want]) -> None:
        """Follow ``wants`` from now on."""
        self.wants = wants
        self.key = sharing_key(wants, self.actor.compiled) if wants else None

    def is_stale(self, epochs: Epochs, *, is_live: bool, now: UtcSeconds) -> bool:
        """Whether it must be asked again who this is before anything is sent."""
        ends = (self.actor.compiled.valid_until, self.actor.proof_until)
        has_ended = any(end is not None and end <= now for end in ends)
        return not is_live or epochs != self.epochs or has_ended

    def renew(self, actor: Actor | Refused, epochs: Epochs) -> bool:
        """Go on as ``actor``; returns whether what he sees may be another from now on."""
        self.ready.set()
        if isinstance(actor, Refused):
            code = CLOSE_FORBIDDEN if actor.code in _FORBIDDEN else CLOSE_LOGGED_OUT
            self.outbox.close(Closing(code, actor.code))
            return False
        if not holds(actor.compiled, self._subscribe_bit) or actor.must_enrol:
            self.outbox.close(Closing(CLOSE_FORBIDDEN, "events:subscribe"))
            return False
        is_first, before = self.epochs is None, self.actor.compiled
        self.actor, self.epochs = actor, epochs
        if gone := lost(self.wants, actor.compiled):
            self.send(write(Unsubscribed(gone)))
        self.want({name: want for name, want in self.wants.items() if name not in gone})
        return not is_first or before != actor.compiled

    def send(self, text: str, place: Cursor | None = None) -> None:
        """Let ``text`` wait; a reader that is too slow for it is cut off.

        ``place``: where he stands after it.
        """
        if not self.outbox.put(text, place):
            last_words = write(Lagging(str(self.outbox.place)))
            self.outbox.close(Closing(CLOSE_LAGGING, "lagging"), last_words)


_FORBIDDEN = frozenset({"disabled", "network", "frozen"})
