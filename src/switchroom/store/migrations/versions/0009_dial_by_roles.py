"""What agents may dial is what their roles say."""

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    with op.batch_alter_table("agents") as agents:
        agents.drop_column("dial")
