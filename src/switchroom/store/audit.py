"""The audit log in the database: the only code that writes it, and what shows that nobody else did.

The chain is one for the whole platform. Its head, the newest entry's number and hash, has a row of
its own: whoever appends holds that row until the end of his transaction, so that the chain stays
one line, and entries that vanish from the end are missed.
"""

from collections.abc import Sequence
from threading import Lock

import structlog
from msgspec import Struct
from msgspec.structs import astuple
from sqlalchemy import Connection, Engine, Row, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnectionError

from switchroom.foundation.events import UtcSeconds
from switchroom.history.audit import (
    GENESIS,
    AuditEntry,
    Broken,
    Head,
    StoredEntry,
    fault,
    plain,
    rewritten,
    seal,
)
from switchroom.history.decisions import Decisions
from switchroom.store.database import writing
from switchroom.store.tables import metadata

log = structlog.get_logger()

READ_AT_ONCE = 1000
"Entries that ``verify`` holds in memory."
WAITING_LIMIT = 1000
"Entries in memory that the database did not take; the process's own log has any more alone."

_AWAY = (OperationalError, InterfaceError, NoConnectionError)
"Faults of the database that may pass."
_audit = metadata.tables["audit"]
_head = metadata.tables["audit_head"]


class Verdict(Struct, frozen=True):
    """What ``verify`` has found."""

    entries: int
    "How many entries were looked at and are as they were written."
    head: Head
    "The last of them. Who notes it down elsewhere can prove later that nothing was rewritten."
    broken: Broken | None = None


class AuditFilter(Struct, frozen=True):
    """Which entries are wanted; empty fields do not matter."""

    customer_id: str | None = None
    actor_id: str = ""
    action: str = ""
    target_id: str = ""
    since: UtcSeconds | None = None


def append(connection: Connection, *entries: AuditEntry) -> None:
    """Add the entries, in their order, in the transaction that makes the change.

    Append last in the transaction: from here to its end nobody else can append. On PostgreSQL the
    transaction must be READ COMMITTED, as ``writing`` makes it.
    """
    if not entries:
        return
    head = _lock_head(connection)
    rows = []
    for entry in entries:
        sealed = seal(entry, head.seq + 1, head.hash)
        rows.append(dict(zip(sealed.__struct_fields__, astuple(sealed), strict=True)))
        head = Head(sealed.seq, sealed.hash)
    connection.execute(insert(_audit), rows)
    connection.execute(update(_head).values(seq=head.seq, hash=head.hash))


def verify(engine: Engine, noted: Head | None = None) -> Verdict:
    """Walk the whole chain; names the first entry that is not as it was written.

    Args:
        engine: From ``open_database`` or ``open_to_read``.
        noted: A head that was written down elsewhere earlier; the chain must still pass it.
    """
    last = Head()
    with engine.connect() as connection:
        # Read first: what is appended meanwhile lies behind it.
        head = _read_head(connection)
        while last.seq < head.seq:
            rows = _links_after(connection, last.seq, head.seq)
            for entry in rows:
                broken = fault(entry, last.seq + 1, last.hash) or rewritten(entry, noted)
                if broken is not None:
                    return Verdict(last.seq, last, broken)
                last = Head(entry.seq, entry.hash)
            if not rows:
                break
        beyond = _beyond(connection, head)
    return Verdict(last.seq, last, _at_end(last, head, noted) or beyond)


def entries(engine: Engine, wanted: AuditFilter, *, limit: int) -> list[StoredEntry]:
    """The newest entries that are wanted, newest first, at most ``limit``."""
    query = select(_audit).order_by(_audit.c.seq.desc()).limit(limit)
    if wanted.customer_id is not None:
        query = query.where(_audit.c.customer_id == wanted.customer_id)
    for name in ("actor_id", "action", "target_id"):
        if value := getattr(wanted, name):
            query = query.where(_audit.c[name] == value)
    if wanted.since is not None:
        query = query.where(_audit.c.at >= wanted.since)
    with engine.connect() as connection:
        return [read_stored(row) for row in connection.execute(query)]


class DecisionLog:
    """Refusals and sensitive allows of this process: written, and counted when they repeat.

    Any thread may call it. What tells of something that has happened already never fails: while
    the database takes nothing, it waits here, and stands in the process's own log.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._decisions = Decisions()
        self._waiting: list[AuditEntry] = []
        self._lock = Lock()

    def note(self, entry: AuditEntry) -> None:
        """Write down a decision, or count it if it is the same as a moment ago."""
        with self._lock:
            self._write_or_keep(self._decisions.note(entry))

    def done(self, entry: AuditEntry) -> None:
        """Write down what was done, however often."""
        with self._lock:
            self._write_or_keep([entry])

    def permit(self, entry: AuditEntry) -> None:
        """Write down what is about to be shown; it may not be if this fails.

        Raises:
            SQLAlchemyError: The database did not take it.
        """
        with self._lock:
            self._write([entry])

    def settle(self, now: UtcSeconds) -> None:
        """Write what waits, and counts whose minute is over; cheap when there are none."""
        with self._lock:
            self._write_waiting()
            self._write_or_keep(self._decisions.due(now))

    def close(self) -> None:
        """Write everything that is left."""
        with self._lock:
            self._write_waiting()
            self._write_or_keep(self._decisions.all())

    def _write_or_keep(self, due: Sequence[AuditEntry]) -> None:
        why = "others wait"
        if not self._waiting:  # else nobody waits for the database again, and the order stays
            try:
                self._write(due)
            except SQLAlchemyError as error:
                why = type(error).__name__
            else:
                return
        for entry in due:
            has_room = len(self._waiting) < WAITING_LIMIT
            log.error("audit entry not written", entry=plain(entry), why=why, waits=has_room)
            if has_room:
                self._waiting.append(entry)

    def _write_waiting(self) -> None:
        while self._waiting:
            try:
                self._write(self._waiting[:1])
            except _AWAY:
                return
            except SQLAlchemyError as error:
                # One that the database will never take must not hold up the rest.
                why = type(error).__name__
                log.error("audit entry lost", entry=plain(self._waiting[0]), why=why)
            del self._waiting[0]

    def _write(self, due: Sequence[AuditEntry]) -> None:
        if due:
            with writing(self._engine) as connection:
                for entry in due:
                    append(connection, entry)


def _lock_head(connection: Connection) -> Head:
    # SQLite has one writer and ignores FOR UPDATE; PostgreSQL lets the next one wait here.
    locked = select(_head.c.seq, _head.c.hash).with_for_update()
    row = connection.execute(locked).first()
    if row is None:
        make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
        first = make(_head).values(id=1, seq=0, hash=GENESIS).on_conflict_do_nothing()
        connection.execute(first)
        row = connection.execute(locked).one()
    return Head(row.seq, row.hash)


def _read_head(connection: Connection) -> Head:
    row = connection.execute(select(_head.c.seq, _head.c.hash)).first()
    return Head() if row is None else Head(row.seq, row.hash)


def _links_after(connection: Connection, seq: int, last: int) -> list[StoredEntry]:
    query = (
        select(_audit)
        .where(_audit.c.seq > seq, _audit.c.seq <= last)
        .order_by(_audit.c.seq)
        .limit(READ_AT_ONCE)
    )
    return [read_stored(row) for row in connection.execute(query)]


def read_stored(row: Row[tuple[object, ...]]) -> StoredEntry:
    """One row as a link of the chain."""
    return StoredEntry(**row._mapping)


def _at_end(last: Head, head: Head, noted: Head | None) -> Broken | None:
    if last.seq < head.seq:
        return Broken(last.seq + 1, f"entries from {last.seq + 1} to {head.seq} are missing")
    if last.hash != head.hash:
        return Broken(last.seq, f"entry {last.seq} is not the one that was written last")
    if noted is not None and noted.seq > last.seq:
        return Broken(last.seq + 1, f"entry {noted.seq} was noted down and is missing")
    return None


def _beyond(connection: Connection, head: Head) -> Broken | None:
    """Entries behind the head that nobody appended."""
    newer = _read_head(connection)
    outside = select(_audit.c.seq).where((_audit.c.seq > newer.seq) | (_audit.c.seq < 1))
    seq = connection.execute(outside.order_by(_audit.c.seq).limit(1)).scalar()
    if seq is None or newer.seq < head.seq:
        return None
    return Broken(seq, f"entry {seq} stands outside the chain")
