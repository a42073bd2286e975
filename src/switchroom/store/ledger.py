"""The ledger: one transaction per batch of the journal, its position included.

The position is stored in the same transaction as what was read up to it, so after kill -9 at any
moment every fact is in the database exactly once.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, select
from sqlalchemy.exc import SQLAlchemyError

from switchroom.history.batch import Batch, Position, StatusRow
from switchroom.history.ports import LedgerError
from switchroom.history.records import CallRecord
from switchroom.store import facts, live, records
from switchroom.store.bulk import upsert_rows
from switchroom.store.database import writing
from switchroom.store.tables.runtime import journal_position


class DatabaseLedger:
    """The recorder's ledger in a database that ``open_database`` has opened."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def position(self) -> Position:
        """Up to where the journal has been written down."""
        with _failing(), self._engine.connect() as connection:
            return _place(connection)[0]

    def newest_seq(self) -> int:
        """The number of the newest fact; 0 if there never was one."""
        with _failing(), self._engine.connect() as connection:
            return _place(connection)[1] - 1

    def live_call_ids(self) -> set[str]:
        """Calls whose snapshot is kept."""
        with _failing():
            return live.kept_call_ids(self._engine)

    def record(self, call_id: str) -> CallRecord | None:
        with _failing():
            return records.find_record(self._engine, call_id)

    def commit(self, batch: Batch, position: Position) -> int:
        """Write everything in one transaction; returns the number of the batch's first fact."""
        with _failing(), writing(self._engine) as connection:
            _, first_seq = _place(connection)
            next_seq = first_seq + len(batch.facts)
            facts.insert_facts(connection, first_seq, batch.facts)
            records.upsert_records(connection, batch.records.values())
            live.keep_states(connection, batch.states)
            live.forget_states(connection, batch.gone)
            live.keep_registrations(connection, batch.registrations)
            live.keep_statuses(connection, batch.statuses)
            place = (1, position.segment, position.offset, next_seq)
            upsert_rows(connection, journal_position, [place])
        return first_seq

    def make_durable(self) -> bool:
        """Whether everything committed so far now survives a power cut."""
        if self._engine.dialect.name != "sqlite":
            return True
        # With synchronous=NORMAL only a checkpoint waits for the disk.
        with _failing(), self._engine.connect() as connection:
            driver = connection.connection.cursor()
            is_busy, *_ = driver.execute("PRAGMA wal_checkpoint(FULL)").fetchone()
            driver.close()
            return not is_busy

    def purge(self, before: float, most: int) -> int:
        """Forget facts and ended calls older than ``before``, ``most`` of each."""
        with _failing(), writing(self._engine) as connection:
            gone = facts.purge_facts(connection, before, most)
            return gone + records.purge_records(connection, before, most)

    def live_states(self) -> list[bytes]:
        """Kept snapshots of live calls: JSON of ``CallState``."""
        with _failing():
            return live.kept_states(self._engine)

    def abandoned_records(self, most: int) -> list[CallRecord]:
        """Records of calls that have not ended and of which no snapshot is kept."""
        with _failing():
            return records.abandoned_records(self._engine, limit=most)

    def registrations(self) -> list[bytes]:
        """Current registrations: JSON of the fact that last added each."""
        with _failing():
            return live.kept_registrations(self._engine)

    def statuses(self) -> dict[str, StatusRow]:
        """What was last said of agents, by agent id; who is not in it is available and idle."""
        with _failing():
            return live.kept_statuses(self._engine)


def _place(connection: Connection) -> tuple[Position, int]:
    """Up to where the journal is written down, and the number of the next fact."""
    row = connection.execute(select(journal_position)).first()
    if row is None:
        return Position(), 1
    return Position(row.segment, row.position), row.next_seq


@contextmanager
def _failing() -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        text = str(getattr(error, "orig", None) or error)
        raise LedgerError(f"the database takes nothing: {text}") from error
