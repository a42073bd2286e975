"""Facts are numbered for each customer, and say whose they are; agents' last states are kept."""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

_NUMBERED = """
    UPDATE facts SET number = counted.number FROM (
        SELECT seq, row_number() OVER (PARTITION BY customer_id ORDER BY seq) AS number FROM facts
    ) AS counted WHERE counted.seq = facts.seq
"""


def upgrade() -> None:
    op.add_column("facts", sa.Column("agent_ids", sa.Text(), nullable=False, server_default=""))
    op.add_column("facts", sa.Column("number", sa.BigInteger(), nullable=False, server_default="0"))
    op.execute(_NUMBERED)
    op.create_index("ix_facts_number", "facts", ["customer_id", "number"], unique=True)
    sequences = op.create_table(
        "event_sequences",
        sa.Column("customer_id", sa.String(), nullable=False),
        sa.Column("next_number", sa.BigInteger(), nullable=False),
        sa.Column("oldest_number", sa.BigInteger(), nullable=False),
        sa.Column("epoch", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("customer_id", name="pk_event_sequences"),
    )
    counted = "SELECT customer_id, max(number) FROM facts GROUP BY customer_id"
    rows = [
        {"customer_id": key, "next_number": newest + 1, "oldest_number": 1, "epoch": _epoch()}
        for key, newest in op.get_bind().execute(sa.text(counted)).all()
    ]
    if rows:
        op.bulk_insert(sequences, rows)
    _agent_statuses()


def _epoch() -> str:
    return secrets.token_hex(4)


def _agent_statuses() -> None:
    customer = "SELECT customer_id FROM agents WHERE agents.id = agent_statuses.agent_id"
    for column in (
        sa.Column("customer_id", sa.String(), nullable=False, server_default=""),
        sa.Column("state", sa.String(), nullable=False, server_default="idle"),
        sa.Column("calls", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("at", sa.Float(53), nullable=False, server_default="0"),
    ):
        op.add_column("agent_statuses", column)
    op.execute(f"UPDATE agent_statuses SET customer_id = coalesce(({customer}), '')")
    op.create_index("ix_agent_statuses_customer_id", "agent_statuses", ["customer_id"])
