"""The record of a call that has not ended says so: its outcome is ``live``, not empty."""

from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.execute("UPDATE call_records SET outcome = 'live' WHERE outcome = ''")
