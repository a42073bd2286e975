"""Events out of the database: rounds for those who follow, pages for those who have missed some."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

import msgspec
from sqlalchemy import (
    ARRAY,
    Column,
    ColumnElement,
    Connection,
    Engine,
    Select,
    String,
    Table,
    any_,
    bindparam,
    func,
    select,
)

from switchroom.foundation.events import UtcSeconds
from switchroom.live.event import StoredFact
from switchroom.live.round import FACTS_AT_ONCE, Asked, Missed, Picture, Round
from switchroom.store.picture import one_view, read_picture, read_roster
from switchroom.store.sequences import sequence_of
from switchroom.store.tables import metadata
from switchroom.store.tables.runtime import event_sequences, facts, journal_position

_epochs = metadata.tables["authority_epochs"]
_sessions = metadata.tables["sessions"]
_keys = metadata.tables["accesskeys"]


class DatabaseEvents:
    """Any thread may ask."""

    def __init__(self, engine: Engine) -> None:
        self._view = one_view(engine)

    def newest_seq(self) -> int:
        """The number of the newest fact of the platform; 0 if nothing has happened."""
        with self._view() as connection:
            return _newest(connection)

    def round(self, asked: Asked) -> Round:
        """Everything that is asked for, as it was at one moment."""
        with self._view() as connection:
            newest = _newest(connection)
            found = _facts_after(connection, asked) if newest > asked.after_seq else ()
            is_all = len(found) < FACTS_AT_ONCE
            return Round(
                found,
                newest if is_all else found[-1].seq,
                is_all,
                _read_epochs(connection, asked),
                frozenset(_live_tokens(connection, asked)),
                _sequence_epochs(connection, {fact.customer_id for fact in found}),
                {one: _picture(connection, one, newest) for one in asked.pictures_of},
                {one: read_roster(connection, one) for one in asked.rosters_of},
            )

    def after(self, customer_id: str, number: int, limit: int = FACTS_AT_ONCE) -> Missed:
        """The customer's events after ``number``, at most ``limit``."""
        wanted = (
            _stored_facts()
            .where(facts.c.customer_id == customer_id, facts.c.number > number)
            .order_by(facts.c.number)
            .limit(limit)
        )
        with self._view() as connection:
            return Missed(
                sequence_of(connection, customer_id),
                tuple(_rows(connection, wanted)),
                read_roster(connection, customer_id),
            )


def _newest(connection: Connection) -> int:
    next_seq = connection.scalar(select(journal_position.c.next_seq))
    return 0 if next_seq is None else next_seq - 1


def _picture(connection: Connection, customer_id: str, newest: int) -> Picture:
    sequence, snapshot = read_picture(connection, customer_id)
    return Picture(sequence, snapshot, newest)


def _facts_after(connection: Connection, asked: Asked) -> tuple[StoredFact, ...]:
    wanted = _stored_facts().where(
        facts.c.seq > asked.after_seq, _among(connection, facts.c.customer_id, asked.customer_ids)
    )
    return tuple(_rows(connection, wanted.order_by(facts.c.seq).limit(FACTS_AT_ONCE)))


def _stored_facts() -> Select[Any]:
    columns = facts.c
    return select(
        columns.seq,
        columns.number,
        columns.customer_id,
        columns.name,
        columns.agent_ids,
        columns.body,
    )


def _rows(connection: Connection, query: Select[Any]) -> Iterator[StoredFact]:
    for seq, number, customer_id, name, agent_ids, body in connection.execute(query):
        yield StoredFact(seq, number, customer_id, name, frozenset(agent_ids.split()), body)


def _read_epochs(connection: Connection, asked: Asked) -> dict[str, int]:
    subjects = [f"customer:{one}" for one in asked.customer_ids]
    subjects += [f"agent:{one}" for one in asked.agent_ids]
    query = select(_epochs.c.subject, _epochs.c.epoch)
    rows = connection.execute(query.where(_among(connection, _epochs.c.subject, subjects)))
    return dict.fromkeys(subjects, 0) | {subject: epoch for subject, epoch in rows}


def _sequence_epochs(connection: Connection, customer_ids: set[str]) -> dict[str, str]:
    if not customer_ids:
        return {}
    query = select(event_sequences.c.customer_id, event_sequences.c.epoch)
    wanted = _among(connection, event_sequences.c.customer_id, customer_ids)
    return {customer_id: epoch for customer_id, epoch in connection.execute(query.where(wanted))}


def _live_tokens(connection: Connection, asked: Asked) -> Iterator[str]:
    yield from _live(connection, _sessions, "ends_at", asked.session_ids, asked.now)
    yield from _live(connection, _keys, "expires_at", asked.accesskey_ids, asked.now)


def _live(
    connection: Connection, table: Table, end: str, ids: frozenset[str], now: UtcSeconds
) -> Sequence[str]:
    if not ids:
        return ()
    is_live = (table.c.revoked_at.is_(None), table.c[end] > now)
    query = select(table.c.id).where(_among(connection, table.c.id, ids), *is_live)
    return connection.scalars(query).all()


def _among(
    connection: Connection, column: Column[str], ids: Collection[str]
) -> ColumnElement[bool]:
    """Whether ``column`` is one of these, however many, with one bound value.

    A value for each would be the larger part of a round's work when a thousand people listen.
    """
    if connection.dialect.name == "postgresql":
        return column == any_(bindparam(None, list(ids), type_=ARRAY(String)))
    listed = func.json_each(msgspec.json.encode(list(ids)).decode()).table_valued("value")
    return column.in_(select(listed.c.value))
