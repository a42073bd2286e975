"""The decision log's memory: what repeats is counted, so that nobody floods the audit log."""

from collections import OrderedDict
from dataclasses import dataclass

from msgspec.structs import replace

from switchroom.foundation.events import UtcSeconds
from switchroom.history.audit import AuditEntry

WINDOW_S = 60.0
"Identical decisions within so long after the first are counted and not written."
REMEMBERED_LIMIT = 10_000
"Different decisions remembered at once; the oldest is forgotten for a new one."
DISTINCT_LIMIT = 30
"Different decisions of one kind written for one actor within a window; more are told as one."

Key = tuple[str, ...]


@dataclass(slots=True)
class _Window:
    entry: AuditEntry
    began_at: UtcSeconds
    repeated: int = 0


class Decisions:
    """Says which decisions are written, and with which count. Changed by one thread at a time."""

    __slots__ = ("_kinds", "_windows")

    def __init__(self) -> None:
        self._windows: OrderedDict[Key, _Window] = OrderedDict()
        self._kinds: OrderedDict[Key, _Window] = OrderedDict()
        "How many different ones an actor has brought about, as ``repeated``."

    def note(self, entry: AuditEntry) -> list[AuditEntry]:
        """What must be written now that this was decided; empty: it is counted."""
        due = self.due(entry.at)
        one = self._told(entry)
        key = _key(one)
        window = self._windows.get(key)
        if window is not None:
            window.repeated += 1
            return due
        self._windows[key] = _Window(one, entry.at)
        if len(self._windows) > REMEMBERED_LIMIT:
            _, oldest = self._windows.popitem(last=False)
            due += _counted(oldest)
        return [*due, one]

    def due(self, now: UtcSeconds) -> list[AuditEntry]:
        """Counts whose window has ended, to be written though nothing more has come."""
        found: list[AuditEntry] = []
        while self._windows:
            key, window = next(iter(self._windows.items()))
            if abs(now - window.began_at) < WINDOW_S:
                break
            del self._windows[key]
            found += _counted(window)
        return found

    def all(self) -> list[AuditEntry]:
        """Every count that is not written yet: the process ends."""
        windows, self._windows = self._windows, OrderedDict()
        return [entry for window in windows.values() for entry in _counted(window)]

    def _told(self, entry: AuditEntry) -> AuditEntry:
        """``entry``, without its target once this actor has tried too many different ones."""
        key = (entry.customer_id, entry.actor_id, entry.token_id, entry.source, entry.decision)
        kind = self._kinds.get(key)
        if kind is None or abs(entry.at - kind.began_at) >= WINDOW_S:
            self._kinds[key] = kind = _Window(entry, entry.at)
            self._kinds.move_to_end(key)
            if len(self._kinds) > REMEMBERED_LIMIT:
                self._kinds.popitem(last=False)
        if _key(entry) in self._windows:
            return entry
        kind.repeated += 1
        if kind.repeated <= DISTINCT_LIMIT:
            return entry
        return replace(entry, target_id="", action="", resource="", reason="many different ones")


def _key(entry: AuditEntry) -> Key:
    return (
        entry.customer_id,
        entry.actor_id,
        entry.token_kind,
        entry.token_id,
        entry.source,
        entry.action,
        entry.decision,
        entry.resource,
        entry.target_id,
        entry.reason,
    )


def _counted(window: _Window) -> list[AuditEntry]:
    if not window.repeated:
        return []
    return [replace(window.entry, repeated=window.repeated)]
