"""Of a log-in password there is one hash, the slow one, and apply asks that."""

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.drop_column("accounts", "secret_check")
