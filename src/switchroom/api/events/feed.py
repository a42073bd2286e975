"""The events of one customer, as they come, to everybody who follows them here."""

from collections import deque
from collections.abc import Hashable, Iterable

import msgspec

from switchroom.api.events.listener import Listener
from switchroom.api.events.messages import Heartbeat, Snapshot, write, write_events
from switchroom.api.events.selection import Want, select
from switchroom.live.event import Event, EventReader, Roster, StoredFact, row_of
from switchroom.live.round import Picture
from switchroom.live.sequence import Cursor
from switchroom.live.snapshot import LiveAgent, LiveCall
from switchroom.live.snapshot import Picture as LivePicture
from switchroom.permissions.check import allows
from switchroom.permissions.model import Row

RECENT_LIMIT = 4096
"Events kept in memory, so that many who come back at once need not all read the database."

_encode = msgspec.json.Encoder().encode


class Feed:
    """Belongs to the loop; nothing in here waits."""

    def __init__(self, customer_id: str, picture: Picture, roster: Roster) -> None:
        self.customer_id = customer_id
        self.roster = roster
        self.epoch = 0
        "Of the customer's authority, at which ``roster`` was read."
        self.listeners: set[Listener] = set()
        self._picture = LivePicture(picture.snapshot)
        self._seq = picture.seq
        self._end = picture.sequence.end
        self._recent: deque[Event] = deque(maxlen=RECENT_LIMIT)
        self._known_since = self._end.number
        "Every event after this one is in ``_recent``."

    @property
    def end(self) -> Cursor:
        """Where somebody stands who has got everything."""
        return self._end

    def add(self, facts: Iterable[StoredFact], reader: EventReader, epoch: str) -> list[Event]:
        """Take in what has happened; returns the events among it."""
        events = []
        for stored in facts:
            if stored.seq <= self._seq:
                continue
            self._seq = stored.seq
            self._end = Cursor(epoch or self._end.epoch, stored.number)
            event = reader.event(stored, self.roster)
            if event is not None:
                self._picture.apply(event.fact)
                events.append(event)
        self._remember(events)
        return events

    def deliver(self, events: list[Event]) -> int:
        """Hand ``events`` to everybody who may get them; returns to how many sockets."""
        made: dict[Hashable, list[tuple[str, Cursor]]] = {}
        reached = 0
        for listener in self.listeners:
            if listener.key is None:
                continue
            texts = made.get(listener.key)
            if texts is None:
                chosen = select(events, listener.wants, listener.actor.compiled)
                made[listener.key] = texts = list(write_events(self._end, chosen))
            for text, place in texts:
                listener.send(text, place)
            reached += bool(texts)
        return reached

    def since(self, place: Cursor) -> list[Event] | None:
        """The events after ``place`` if they are all in memory."""
        if place.epoch != self._end.epoch and place.number:
            return None
        if not self._known_since <= place.number <= self._end.number:
            return None
        return [event for event in self._recent if event.number > place.number]

    def show(self, listener: Listener, wants: Iterable[Want]) -> None:
        """Send what is going on now, as far as ``listener`` may see it."""
        for want in wants:
            rows = self._rows(want, listener)
            if rows is not None:
                text = write(Snapshot(want.resource, str(self._end), rows))
                listener.send(text, self._end)

    def beat(self) -> None:
        """Tell everybody that nothing is lost."""
        text = write(Heartbeat(str(self._end)))
        for listener in self.listeners:
            listener.send(text, self._end)

    def _remember(self, events: list[Event]) -> None:
        dropped = len(self._recent) + len(events) - RECENT_LIMIT
        if dropped > 0:
            gone = [*self._recent, *events][dropped - 1]
            self._known_since = gone.number
        self._recent.extend(events)

    def _rows(self, want: Want, listener: Listener) -> tuple[msgspec.Raw, ...] | None:
        things: dict[str, LiveCall] | dict[str, LiveAgent]
        if want.resource == "calls":
            things = self._picture.calls
        elif want.resource == "agent_status":
            things = self._picture.agents
        else:
            return None
        compiled = listener.actor.compiled
        return tuple(
            msgspec.Raw(_encode(thing))
            for id, thing in things.items()
            if (not want.ids or id in want.ids) and allows(compiled, want.bit, self._row(thing))
        )

    def _row(self, thing: LiveCall | LiveAgent) -> Row:
        if isinstance(thing, LiveAgent):
            agent_ids, client_id = frozenset({thing.agent_id}), ""
        else:
            agent_ids, client_id = thing.agent_ids, thing.client_id
        return row_of(self.customer_id, agent_ids, client_id, self.roster)
