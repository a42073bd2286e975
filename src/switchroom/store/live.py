"""What a restart needs: snapshots of live calls, current registrations, agents' statuses."""

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, Engine, Table, delete, select

from switchroom.history.batch import StatusRow
from switchroom.store.bulk import upsert_rows
from switchroom.store.tables.runtime import agent_statuses, live_calls, registrations

_DELETED_AT_ONCE = 500


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


def keep_statuses(connection: Connection, statuses: Mapping[str, StatusRow]) -> None:
    """Store what was last said of agents, by agent id."""
    rows = [(agent_id, *said) for agent_id, said in statuses.items()]
    upsert_rows(connection, agent_statuses, rows)


def kept_statuses(engine: Engine) -> dict[str, StatusRow]:
    with engine.connect() as connection:
        rows = connection.execute(select(agent_statuses))
        return {agent_id: tuple(said) for agent_id, *said in rows}


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
