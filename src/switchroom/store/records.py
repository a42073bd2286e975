"""Stored call records: written by the recorder, read by people."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import Connection, Engine, Row, delete, exists, func, or_, select

from switchroom.history.records import CallRecord, LegRecord
from switchroom.store.bulk import upsert_rows
from switchroom.store.overlaps import SpacedIds
from switchroom.store.tables.runtime import call_records, live_calls

TOUCHED = SpacedIds(call_records.c.agent_ids)
"All agents of a call: who called, who was rung, who asked for it."

_ENCODE_LEGS = msgspec.json.Encoder().encode
_DECODE_LEGS = msgspec.json.Decoder(tuple[LegRecord, ...]).decode

CANDIDATES_LIMIT = 5
"How many records an ambiguous beginning of an id returns at most."


class RecordFilter(Struct, frozen=True):
    """Which call records are wanted; empty fields do not matter."""

    agent_ids: tuple[str, ...] = ()
    "Calls that have touched one of these."
    since: float | None = None
    "Unix time in seconds: only calls that began then or later."


def upsert_records(connection: Connection, records: Iterable[CallRecord]) -> None:
    upsert_rows(connection, call_records, [_row(record) for record in records])


def newest_records(engine: Engine, wanted: RecordFilter, *, limit: int) -> list[CallRecord]:
    """The last calls, newest first, at most ``limit``."""
    query = select(call_records).order_by(call_records.c.started_at.desc()).limit(limit)
    if wanted.agent_ids:
        query = query.where(or_(*map(TOUCHED.has, wanted.agent_ids)))
    if wanted.since is not None:
        query = query.where(call_records.c.started_at >= wanted.since)
    with engine.connect() as connection:
        return [_record(row) for row in connection.execute(query)]


def records_beginning(engine: Engine, prefix: str) -> list[CallRecord]:
    """Records whose id is ``prefix``, else those whose id begins with it, newest first."""
    exact = find_record(engine, prefix)
    if exact is not None:
        return [exact]
    beginning = func.substr(call_records.c.call_id, 1, len(prefix)) == prefix
    query = select(call_records).where(beginning).order_by(call_records.c.started_at.desc())
    with engine.connect() as connection:
        return [_record(row) for row in connection.execute(query.limit(CANDIDATES_LIMIT))]


def find_record(engine: Engine, call_id: str) -> CallRecord | None:
    query = select(call_records).where(call_records.c.call_id == call_id)
    with engine.connect() as connection:
        row = connection.execute(query).first()
    return None if row is None else _record(row)


def open_records(connection: Connection, customer_id: str, *, limit: int) -> list[CallRecord]:
    """Records of a customer's calls that have not ended, at most ``limit``."""
    is_open = call_records.c.ended_at.is_(None)
    query = select(call_records).where(is_open, call_records.c.customer_id == customer_id)
    return [_record(row) for row in connection.execute(query.limit(limit))]


def abandoned_records(engine: Engine, *, limit: int) -> list[CallRecord]:
    """Records of calls that have not ended and of which no snapshot is kept."""
    is_kept = exists().where(live_calls.c.call_id == call_records.c.call_id)
    query = select(call_records).where(call_records.c.ended_at.is_(None), ~is_kept).limit(limit)
    with engine.connect() as connection:
        return [_record(row) for row in connection.execute(query)]


def purge_records(connection: Connection, before: float, most: int) -> int:
    """Delete ended calls that began before ``before``, oldest first, at most ``most``."""
    oldest: Sequence[str] = connection.scalars(
        select(call_records.c.call_id)
        .where(call_records.c.started_at < before, call_records.c.ended_at.is_not(None))
        .order_by(call_records.c.started_at)
        .limit(most)
    ).all()
    if not oldest:
        return 0
    return connection.execute(
        delete(call_records).where(call_records.c.call_id.in_(oldest))
    ).rowcount


def _row(record: CallRecord) -> tuple[Any, ...]:
    return (
        record.call_id,
        record.customer_id,
        record.client_id,
        record.agent_id,
        record.caller_agent_id,
        record.direction,
        _storable(record.caller),
        _storable(record.called),
        record.started_at,
        record.answered_at,
        record.ended_at,
        record.waited_s,
        record.talked_s,
        record.status,
        record.q850,
        _storable(record.text),
        record.outcome,
        record.ended_by,
        _ENCODE_LEGS(record.legs).decode(),
        record.origin,
        record.asked_by,
        record.agent_ids,
    )


def _storable(text: str) -> str:
    # PostgreSQL refuses NUL; one hostile caller must not stop everybody's records.
    return text.replace("\0", "")


def _record(row: Row[Any]) -> CallRecord:
    columns = row._asdict()
    return CallRecord(**(columns | {"legs": _DECODE_LEGS(columns["legs"])}))
