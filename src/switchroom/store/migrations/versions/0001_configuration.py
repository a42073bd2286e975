"""Tables of the configuration. Constraints are named by the convention in ``tables/base.py``."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "customers",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("name", sa.String(), nullable=False, unique=True),
        sa.Column("domain", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
    )
    _of_customer("clients", _text("name"), sa.UniqueConstraint("customer_id", "name"))
    _create_extensions_and_trunks()
    _create_routes()
    _create_agents()
    _create_groups()
    _create_numbers()


def _create_extensions_and_trunks() -> None:
    _of_customer(
        "extensions",
        _text("number"),
        _text("ha1_md5"),
        _text("ha1_sha256"),
        _text("secret"),
        sa.Column("max_contacts", sa.Integer(), nullable=False),
        sa.Column("dial", sa.JSON(), nullable=False),
        sa.UniqueConstraint("customer_id", "number"),
    )
    _of_customer(
        "trunks",
        _text("name"),
        sa.Column("hosts", sa.JSON(), nullable=False),
        sa.Column("allow_from", sa.JSON(), nullable=False),
        _text("number_format"),
        _text("username"),
        _text("secret"),
        _text("secret_check"),
        _text("caller_id"),
        sa.UniqueConstraint("customer_id", "name"),
    )


def _create_routes() -> None:
    _of_customer("routes", _text("prefix"), sa.UniqueConstraint("customer_id", "prefix"))
    op.create_table(
        "route_trunks",
        sa.Column("route_id", sa.String(), _reference("routes.id"), primary_key=True),
        sa.Column("position", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("trunk_id", sa.String(), _reference("trunks.id"), nullable=False),
    )


def _create_agents() -> None:
    _of_customer(
        "agents",
        sa.Column("username", sa.String(), nullable=False, unique=True),
        _text("name"),
        _text("number"),
        _text("ring_method"),
        sa.Column("ring_timeout_s", sa.Double(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("follow_redirects", sa.Boolean(), nullable=False),
        sa.Column("dial", sa.JSON(), nullable=False),
    )
    _of_customer(
        "addresses",
        sa.Column("agent_id", sa.String(), _reference("agents.id"), nullable=False, index=True),
        sa.Column("position", sa.Integer(), nullable=False),
        _text("type"),
        _text("target"),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("delay_s", sa.Double(), nullable=False),
        sa.Column("timeout_s", sa.Double(), nullable=True),
        _text("caller_id"),
        sa.Column("confirm", sa.Boolean(), nullable=False),
        sa.UniqueConstraint("customer_id", "type", "target"),
    )


def _create_groups() -> None:
    _of_customer(
        "groups",
        _text("name"),
        _text("number"),
        _text("ring_method"),
        sa.Column("ring_timeout_s", sa.Double(), nullable=False),
        sa.UniqueConstraint("customer_id", "name"),
    )
    op.create_table(
        "group_members",
        sa.Column("group_id", sa.String(), _reference("groups.id"), primary_key=True),
        sa.Column("position", sa.Integer(), primary_key=True, autoincrement=False),
        _text("member_id"),
    )


def _create_numbers() -> None:
    _of_customer(
        "numbers",
        sa.Column("e164", sa.String(), nullable=False, unique=True),
        sa.Column("client_id", sa.String(), _reference("clients.id"), nullable=True),
        _text("to_kind"),
        _text("to_id"),
        sa.Column("no_answer_kind", sa.String(), nullable=True),
        sa.Column("no_answer_id", sa.String(), nullable=True),
    )


def _of_customer(name: str, *parts: "sa.Column[object] | sa.UniqueConstraint") -> None:
    op.create_table(
        name,
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("customer_id", sa.String(), _reference("customers.id"), nullable=False),
        *parts,
    )


def _text(name: str) -> "sa.Column[object]":
    return sa.Column(name, sa.String(), nullable=False)


def _reference(column: str) -> sa.ForeignKey:
    return sa.ForeignKey(column, deferrable=True, initially="DEFERRED")
