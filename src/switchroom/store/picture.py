"""Reads what is going on in a customer, with the place in its sequence where that is true."""

from collections.abc import Callable

from sqlalchemy import Connection, Engine, select

from switchroom.history.records import CallRecord, LegRecord
from switchroom.live.event import Roster
from switchroom.live.sequence import EventSequence
from switchroom.live.snapshot import LegState, LiveAgent, LiveCall, LiveLeg, Snapshot
from switchroom.store.records import open_records
from switchroom.store.sequences import sequence_of
from switchroom.store.tables import metadata
from switchroom.store.tables.runtime import agent_statuses

CALLS_LIMIT = 100_000
"Live calls of one customer that are read: more than a node can have."

_agents = metadata.tables["agents"]
_addresses = metadata.tables["addresses"]
_extensions = metadata.tables["extensions"]
_memberships = metadata.tables["memberships"]


def one_view(engine: Engine) -> Callable[[], Connection]:
    """Connections of which all queries see the database as it was at one moment."""
    if engine.dialect.name == "postgresql":
        return engine.execution_options(isolation_level="REPEATABLE READ").connect
    return engine.connect  # a transaction of SQLite always does


def read_picture(connection: Connection, customer_id: str) -> tuple[EventSequence, Snapshot]:
    """What is going on now, and up to which event that is so; ``connection`` is of ``one_view``."""
    calls = {
        record.call_id: live_call(record)
        for record in open_records(connection, customer_id, limit=CALLS_LIMIT)
    }
    snapshot = Snapshot(calls, _live_agents(connection, customer_id))
    return sequence_of(connection, customer_id), snapshot


def read_roster(connection: Connection, customer_id: str) -> Roster:
    """What decides who hears of events: teams of agents, owners of extensions."""
    tags = select(_memberships.c.agent_id, _memberships.c.tag_ids).where(
        _memberships.c.customer_id == customer_id
    )
    owners = select(_addresses.c.target, _addresses.c.agent_id).where(
        _addresses.c.customer_id == customer_id, _addresses.c.type == "extension"
    )
    owner_of = {row.target: row.agent_id for row in connection.execute(owners)}
    lines = select(_extensions.c.number, _extensions.c.id).where(
        _extensions.c.customer_id == customer_id
    )
    return Roster(
        {row.agent_id: frozenset(row.tag_ids) for row in connection.execute(tags)},
        {row.number: (row.id, owner_of.get(row.number, "")) for row in connection.execute(lines)},
    )


def live_call(record: CallRecord) -> LiveCall:
    """An open record as a live call."""
    return LiveCall(
        record.call_id,
        record.client_id,
        record.direction,
        record.caller,
        record.called,
        record.agent_id,
        record.caller_agent_id,
        record.asked_by,
        record.started_at,
        record.answered_at,
        tuple(map(_live_leg, record.legs)),
    )


def _live_leg(leg: LegRecord) -> LiveLeg:
    return LiveLeg(leg.leg_id, leg.role, leg.agent_id, leg.address, _state(leg), leg.outcome)


def _state(leg: LegRecord) -> LegState:
    if leg.ended_at is not None:
        return "ended"
    if leg.answered_at is not None:
        return "answered"
    if leg.rang_at is not None:
        return "ringing"
    return "calling" if leg.role == "caller" else "dialled"


def _live_agents(connection: Connection, customer_id: str) -> dict[str, LiveAgent]:
    said = agent_statuses
    query = (
        select(_agents.c.id, said.c.status, said.c.state, said.c.calls)
        .select_from(_agents.outerjoin(said, said.c.agent_id == _agents.c.id))
        .where(_agents.c.customer_id == customer_id)
    )
    return {
        row.id: LiveAgent(row.id)
        if row.status is None
        else LiveAgent(row.id, row.status, row.state, row.calls)
        for row in connection.execute(query)
    }
