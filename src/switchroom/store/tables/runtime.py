"""The tables that calls fill: facts, call records, and what must survive a restart."""

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    Index,
    Integer,
    String,
    Table,
    Text,
    func,
    text,
)

from switchroom.store.tables.base import Base

facts = Table(
    "facts",
    Base.metadata,
    # Numbers are given by the recorder, the only writer, and never used twice.
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("customer_id", String, nullable=False),
    Column("at", Float(53), nullable=False, index=True),
    Column("name", String, nullable=False),
    Column("call_id", String, nullable=False),
    Column("body", Text, nullable=False),
    # Whose fact it is, between spaces: what a reader may see is decided by the row itself.
    Column("agent_ids", Text, nullable=False),
    Column("number", BigInteger, nullable=False),
    Index("ix_facts_number", "customer_id", "number", unique=True),
)

event_sequences = Table(
    "event_sequences",
    Base.metadata,
    # Each customer's facts are numbered from 1 without holes; no customer hears of another's.
    Column("customer_id", String, primary_key=True),
    Column("next_number", BigInteger, nullable=False),
    # Those before it are purged.
    Column("oldest_number", BigInteger, nullable=False),
    # Another one for every new sequence: numbers of the old one mean nothing in it.
    Column("epoch", String, nullable=False),
)

call_records = Table(
    "call_records",
    Base.metadata,
    Column("call_id", String, primary_key=True),
    Column("customer_id", String, nullable=False),
    Column("client_id", String, nullable=False),
    Column("agent_id", String, nullable=False),
    Column("caller_agent_id", String, nullable=False),
    Column("direction", String, nullable=False),
    Column("caller", String, nullable=False),
    Column("called", String, nullable=False),
    Column("started_at", Float(53), nullable=False, index=True),
    Column("answered_at", Float(53)),
    Column("ended_at", Float(53)),
    Column("waited_s", Float(53), nullable=False),
    Column("talked_s", Float(53), nullable=False),
    Column("status", Integer, nullable=False),
    Column("q850", Integer, nullable=False),
    Column("text", String, nullable=False),
    Column("outcome", String, nullable=False),
    Column("ended_by", String, nullable=False),
    Column("legs", Text, nullable=False),
    # Empty in records of before there was another origin than an extension or a trunk.
    Column("origin", String, nullable=False, server_default=""),
    Column("asked_by", String, nullable=False, server_default=""),
    # Everybody who may see the call, as in ``facts``.
    Column("agent_ids", Text, nullable=False, server_default=""),
)

# PostgreSQL finds the calls of a few agents by this; SQLite has nothing of the kind and reads on.
Index(
    "ix_call_records_agents",
    func.string_to_array(func.btrim(call_records.c.agent_ids), text("' '")),
    postgresql_using="gin",
).ddl_if(dialect="postgresql")

# Finds the latest calls of a small customer among those of a large platform.
Index("ix_call_records_customer", call_records.c.customer_id, call_records.c.started_at)
_is_open = call_records.c.ended_at.is_(None)
# Finds the few calls that have not ended among millions that have.
Index(
    "ix_call_records_open", call_records.c.call_id, sqlite_where=_is_open, postgresql_where=_is_open
)

live_calls = Table(
    "live_calls",
    Base.metadata,
    Column("call_id", String, primary_key=True),
    Column("body", Text, nullable=False),
)

registrations = Table(
    "registrations",
    Base.metadata,
    Column("binding_id", String, primary_key=True),
    Column("body", Text, nullable=False),
)

agent_statuses = Table(
    "agent_statuses",
    Base.metadata,
    # No reference to the agent: the recorder may be behind an apply that has deleted him.
    Column("agent_id", String, primary_key=True),
    Column("customer_id", String, nullable=False, index=True),
    Column("status", String, nullable=False),
    Column("state", String, nullable=False),
    Column("calls", Integer, nullable=False),
    Column("at", Float(53), nullable=False),
)

journal_position = Table(
    "journal_position",
    Base.metadata,
    # One row, id 1: up to where the journal is written down, and the number of the next fact.
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("segment", BigInteger, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("next_seq", BigInteger, nullable=False),
)
