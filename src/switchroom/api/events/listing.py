"""Events for those who ask now and then: a page of what somebody has missed."""

from collections.abc import Callable

from msgspec import Struct

from switchroom.api.events.messages import Wanted
from switchroom.api.events.ports import EventStore
from switchroom.api.events.selection import select, want_of
from switchroom.live.event import EventReader
from switchroom.live.sequence import Cursor, Loss
from switchroom.permissions.check import holds
from switchroom.permissions.compile import Compiled


class EventPage(Struct, frozen=True):
    """Events in order, and where to go on."""

    texts: tuple[str, ...]
    "JSON of each event."
    cursor: Cursor
    is_all: bool
    "Whether there were no more when it was read."
    loss: Loss
    "Why events after the given cursor are not there; empty for none."
    oldest: int
    "The first event that is still stored."


class EventListing:
    """Pages of events; waits for the database."""

    def __init__(
        self, store: EventStore, reader: EventReader, bit: Callable[[str], int], description: str
    ) -> None:
        """``description``: the AsyncAPI document."""
        self._store = store
        self._reader = reader
        self._bit = bit
        self.description = description

    @property
    def resources(self) -> frozenset[str]:
        """Of which there are events."""
        return frozenset().union(*(kind.resources for kind in self._reader.kinds.values()))

    def page(
        self, compiled: Compiled, after: Cursor | None, wanted: tuple[Wanted, ...], limit: int
    ) -> EventPage:
        """What happened after a cursor, or from the oldest event on, as far as it may be seen.

        ``limit`` events are looked at; those that are not wanted or may not be seen count, so a
        page can be empty and not the last one.
        """
        wants = {one.resource: want_of(one, self._bit(f"{one.resource}:get")) for one in wanted}
        kept = {name: want for name, want in wants.items() if holds(compiled, want.bit)}
        number = 0 if after is None else after.number
        missed = self._store.after(compiled.customer_id, number, limit)
        sequence = missed.sequence
        loss = "" if after is None else sequence.loss(after)
        if loss:
            start = sequence.start.number
            missed = self._store.after(compiled.customer_id, start, limit)
            number = start
        events = [self._reader.event(fact, missed.roster) for fact in missed.facts]
        known = [event for event in events if event is not None]
        end = missed.facts[-1].number if missed.facts else max(number, sequence.start.number)
        return EventPage(
            tuple(text for _, text in select(known, kept, compiled)),
            Cursor(missed.sequence.epoch, end),
            len(missed.facts) < limit,
            loss,
            sequence.oldest,
        )
