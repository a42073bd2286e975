"""Call records say which agents they have touched, and a customer's are found among many."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

_LEGS = {
    "sqlite": "SELECT json_extract(value, '$.agent_id') AS id FROM json_each(call_records.legs)",
    "postgresql": "SELECT value ->> 'agent_id' AS id FROM json_array_elements(legs::json)",
}
_JOIN = {"sqlite": "group_concat(id, ' ')", "postgresql": "string_agg(id, ' ')"}


def upgrade() -> None:
    column = sa.Column("agent_ids", sa.Text(), nullable=False, server_default="")
    op.add_column("call_records", column)
    dialect = op.get_bind().dialect.name
    everybody = f"SELECT asked_by AS id UNION SELECT caller_agent_id UNION {_LEGS[dialect]}"
    joined = f"SELECT {_JOIN[dialect]} FROM ({everybody}) AS touched WHERE id <> ''"
    op.execute(f"UPDATE call_records SET agent_ids = coalesce(' ' || ({joined}) || ' ', '')")
    if dialect == "postgresql":
        op.create_index(
            "ix_call_records_agents",
            "call_records",
            [sa.text("string_to_array(btrim(agent_ids), ' ')")],
            postgresql_using="gin",
        )
    op.create_index("ix_call_records_customer", "call_records", ["customer_id", "started_at"])
