"""Groupcalls say how long they ring; ``NULL`` is as configured."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.add_column("groupcalls", sa.Column("ring_timeout_s", sa.Double(), nullable=True))
