"""Where somebody stands in a customer's sequence of events: a cursor, and what it can still get."""

import re
from typing import Literal, TypeAlias

from msgspec import Struct

_CURSOR = re.compile(r"([0-9a-f]{1,16})-([0-9]{1,18})\Z")
NOWHERE = "0"
"The epoch in cursors of a sequence in which nothing has happened yet."


class Cursor(Struct, frozen=True):
    """Everything up to and with ``number`` has been seen."""

    epoch: str
    number: int

    def __str__(self) -> str:
        return f"{self.epoch or NOWHERE}-{self.number}"


Loss: TypeAlias = Literal["", "purged", "epoch", "ahead"]
"""Why events after a cursor cannot all be given: the oldest are gone; the sequence has begun anew;
the cursor is of a future that never came, as after a backup was put back."""


class EventSequence(Struct, frozen=True):
    """A customer's events: which there are."""

    customer_id: str
    epoch: str = ""
    "Empty: nothing has happened yet."
    oldest: int = 1
    "The first that is still stored."
    newest: int = 0

    @property
    def end(self) -> Cursor:
        """Whoever stands here has seen everything."""
        return Cursor(self.epoch, self.newest)

    @property
    def start(self) -> Cursor:
        """Whoever stands here gets everything that is stored."""
        return Cursor(self.epoch, self.oldest - 1)

    def loss(self, cursor: Cursor) -> Loss:
        """What is missing for somebody who stands at ``cursor``; empty for nothing."""
        if cursor.epoch in ("", NOWHERE) and cursor.number == 0:
            return "purged" if self.oldest > 1 else ""
        if cursor.epoch != self.epoch:
            return "epoch"
        if cursor.number > self.newest:
            return "ahead"
        return "purged" if cursor.number < self.oldest - 1 else ""


def cursor_of(text: str) -> Cursor | None:
    """The cursor that ``text`` says, if it is one."""
    found = _CURSOR.match(text)
    return None if found is None else Cursor(found[1], int(found[2]))
