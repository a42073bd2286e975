"""Call records say how the call began, and who asked for one that a command has begun."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    for name in ("origin", "asked_by"):
        column = sa.Column(name, sa.String(), nullable=False, server_default="")
        op.add_column("call_records", column)
