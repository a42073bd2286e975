"""What the hub of events needs from outside. Everything here waits for a database."""

from typing import Protocol

from switchroom.foundation.events import UtcSeconds
from switchroom.identity.model import Actor, Refused
from switchroom.live.round import FACTS_AT_ONCE, Asked, Missed, Round


class EventStore(Protocol):
    """Events as they are stored; any thread may ask."""

    def newest_seq(self) -> int:
        """The number of the newest fact of the platform; 0 if nothing has happened."""
        ...

    def round(self, asked: Asked) -> Round:
        """Everything that is asked for, as it was at one moment."""
        ...

    def after(self, customer_id: str, number: int, limit: int = FACTS_AT_ONCE) -> Missed:
        """The customer's events after ``number``, at most ``limit``."""
        ...


class Door(Protocol):
    """Who is behind a socket that stays open."""

    def again(self, actor: Actor, now: UtcSeconds) -> Actor | Refused:
        """The same actor with the authority that he has now, or why he has none."""
        ...
