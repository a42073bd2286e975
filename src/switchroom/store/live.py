"""What a restart needs: snapshots of live calls, current registrations, agents' statuses."""

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, Engine, Table, delete, select

from switchroom.store.bulk import upsert_rows
from switchroom.store.tables.runtime import agent_statuses, live_calls, registrations

_DELETED_AT_ONCE = 500
_USUAL = "available"
"The status of whoever has no row."


def keep_states(connection: Connection, states: Mapping[str, bytes]) -> None:
    """Store the snapshots by call id, each replacing the one before."""
    rows = [(call_id, body.decode()) for call_id, body in states.items()]
    upsert_rows(connection, live_calls, rows)


def forget_states(connection: Connection, call_ids: Iterable[str]) -> None:
    _forget(connection, live_calls, call_ids)


def keep_registrations(connection: Connection, changes: Mapping[str, bytes | None]) -> None:
    """Store registrations by binding id; ``None`` deletes one."""
    _forget(connection, registrations, [key for key, body in changes.items() if body is None])
    rows = [(key, body.decode()) for key, body in changes.items() if body is not None]
    upsert_rows(connection, registrations, rows)


def keep_statuses(connection: Connection, statuses: Mapping[str, str]) -> None:
    """Store what agents chose by agent id; only those who are not available need a row."""
    _forget(connection, agent_statuses, [key for key, one in statuses.items() if one == _USUAL])
    upsert_rows(connection, agent_statuses, [row for row in statuses.items() if row[1] != _USUAL])


def kept_statuses(engine: Engine) -> dict[str, str]:
    with engine.connect() as connection:
        return {row.agent_id: row.status for row in connection.execute(select(agent_statuses))}


def kept_call_ids(engine: Engine) -> set[str]:
    with engine.connect() as connection:
        return set(connection.scalars(select(live_calls.c.call_id)))


def kept_states(engine: Engine) -> list[bytes]:
    return _bodies(engine, live_calls)


def kept_registrations(engine: Engine) -> list[bytes]:
    return _bodies(engine, registrations)


def _bodies(engine: Engine, table: Table) -> list[bytes]:
    with engine.connect() as connection:
        return [body.encode() for body in connection.scalars(select(table.c.body))]


def _forget(connection: Connection, table: Table, keys: Iterable[str]) -> None:
    (key,) = table.primary_key
    gone = list(keys)
    for start in range(0, len(gone), _DELETED_AT_ONCE):
        connection.execute(delete(table).where(key.in_(gone[start : start + _DELETED_AT_ONCE])))
