"""Finds the latest calls of a small customer among those of a large platform."""

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.create_index("ix_call_records_customer", "call_records", ["customer_id", "started_at"])
