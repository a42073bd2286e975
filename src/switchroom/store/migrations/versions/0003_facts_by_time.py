"""Facts can be found by their time, so that old ones are purged without reading all of them."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_index("ix_facts_at", "facts", ["at"])
