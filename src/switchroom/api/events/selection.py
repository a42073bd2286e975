"""Which events somebody gets: those he wants, of things that he may see as things are now."""

from collections.abc import Hashable, Iterable, Mapping

from msgspec import Struct

from switchroom.api.events.messages import Wanted
from switchroom.live.event import Event
from switchroom.permissions.check import allows, holds
from switchroom.permissions.compile import Compiled
from switchroom.permissions.model import Row


class Want(Struct, frozen=True):
    """Which events of one resource somebody wants, and the bit of its ``get``."""

    resource: str
    bit: int
    types: frozenset[str] = frozenset()
    "Empty: all."
    ids: frozenset[str] = frozenset()

    def covers(self, event: Event) -> bool:
        """Whether this event is wanted."""
        return (
            self.resource in event.resources
            and (not self.types or event.name in self.types)
            and (not self.ids or event.id in self.ids)
        )


Wants = Mapping[str, Want]
"By resource."


def want_of(wanted: Wanted, bit: int) -> Want:
    """What a client asked for."""
    return Want(wanted.resource, bit, frozenset(wanted.types), frozenset(wanted.ids))


def select(events: Iterable[Event], wants: Wants, compiled: Compiled) -> list[tuple[int, str]]:
    """Numbers and texts of what is sent, in order.

    Whoever saw a thing and may not see what it has become is told that it is hidden.
    """
    found = []
    for event in events:
        text = _text(event, wants, compiled)
        if text:
            found.append((event.number, text))
    return found


def sharing_key(wants: Wants, compiled: Compiled) -> Hashable:
    """The same for all who get exactly the same: what is selected for one is sent to all."""
    kept = frozenset(wants.values())
    mask = sum({want.bit for want in kept})
    if compiled.project & mask or mask & ~compiled.full:
        # Some rows only: what these are depends on who asks.
        return kept, id(compiled)
    return kept


def may_see(compiled: Compiled, want: Want, row: Row) -> bool:
    """Whether a thing that belongs to ``row`` may be shown."""
    return allows(compiled, want.bit, row)


def lost(wants: Wants, compiled: Compiled) -> tuple[str, ...]:
    """Resources that are wanted and of which nothing at all may be seen any more."""
    return tuple(name for name, want in wants.items() if not holds(compiled, want.bit))


def _text(event: Event, wants: Wants, compiled: Compiled) -> str:
    was_seen = False
    for name in event.resources:
        want = wants.get(name)
        if want is None or not want.covers(event):
            continue
        if allows(compiled, want.bit, event.row):
            return event.text
        was_seen = was_seen or (event.was is not None and allows(compiled, want.bit, event.was))
    return event.hidden_text if was_seen else ""
