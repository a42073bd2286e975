"""The tables that say who may do what. Names are stored, never bits; built-in roles are code."""

from sqlalchemy import ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from switchroom.store.tables.base import SEQUENCE, TAGS, Base
from switchroom.store.tables.configuration import owned_by


class TagRow(Base):
    """A team, a queue, a line of business: whatever agents and things are sorted by."""

    __tablename__ = "tags"
    __table_args__ = (UniqueConstraint("customer_id", "name"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    customer_id: Mapped[str] = mapped_column(owned_by("customers.id"))
    name: Mapped[str]
    text: Mapped[str]


class MembershipRow(Base):
    """An agent in a customer he serves: his home, and any other that he was made a member of."""

    __tablename__ = "memberships"
    __table_args__ = (Index("ix_memberships_tag_ids", "tag_ids", postgresql_using="gin"),)

    agent_id: Mapped[str] = mapped_column(owned_by("agents.id"), primary_key=True)
    customer_id: Mapped[str] = mapped_column(owned_by("customers.id"), primary_key=True, index=True)
    tag_ids: Mapped[list[str]] = mapped_column(TAGS)
    disabled_at: Mapped[float | None]


class RoleRow(Base):
    """A customer's own role."""

    __tablename__ = "roles"
    __table_args__ = (
        UniqueConstraint("customer_id", "name"),
        UniqueConstraint("customer_id", "id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    customer_id: Mapped[str] = mapped_column(owned_by("customers.id"))
    name: Mapped[str]
    text: Mapped[str]


class RoleStatementRow(Base):
    __tablename__ = "role_statements"

    role_id: Mapped[str] = mapped_column(owned_by("roles.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    effect: Mapped[str]
    pattern: Mapped[str]
    scope: Mapped[str]
    "``own`` or ``team``; empty: as far as the role is bound."


class BindingRow(Base):
    """Either a customer's own role (``role_id``) or a built-in one (``builtin``)."""

    __tablename__ = "bindings"
    __table_args__ = (
        # Composite, so that a binding cannot point at another customer's role.
        ForeignKeyConstraint(
            ["customer_id", "role_id"],
            ["roles.customer_id", "roles.id"],
            ondelete="CASCADE",
            deferrable=True,
            initially="DEFERRED",
        ),
        Index("ix_bindings_principal", "principal_id", "customer_id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    principal_id: Mapped[str] = mapped_column(owned_by("agents.id"))
    customer_id: Mapped[str] = mapped_column(owned_by("customers.id"))
    role_id: Mapped[str | None]
    builtin: Mapped[str]
    scope_kind: Mapped[str]
    client_ids: Mapped[list[str]]
    not_before: Mapped[float | None]
    expires_at: Mapped[float | None]
    granted_by: Mapped[str]
    "Agent id of whoever granted it; empty: the operator on the machine."
    reason: Mapped[str]
    created_at: Mapped[float]


class RestrictionRow(Base):
    __tablename__ = "restrictions"
    __table_args__ = (Index("ix_restrictions_principal", "principal_id", "customer_id"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    principal_id: Mapped[str] = mapped_column(owned_by("agents.id"))
    customer_id: Mapped[str] = mapped_column(owned_by("customers.id"))
    pattern: Mapped[str]
    scope_kind: Mapped[str]
    client_ids: Mapped[list[str]]
    created_by: Mapped[str]
    reason: Mapped[str]
    created_at: Mapped[float]


class PlanStatementRow(Base):
    """What a customer bought. No rows: no ceiling."""

    __tablename__ = "plan_statements"

    customer_id: Mapped[str] = mapped_column(owned_by("customers.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    pattern: Mapped[str]


class AuthorityEpochRow(Base):
    """Counts changes of anybody's authority in a customer, or of one agent's account.

    Raised in the transaction of the change and read with every request, so that the next request
    obeys on every process and machine. ``subject`` is ``customer:ID`` or ``agent:ID``.
    """

    __tablename__ = "authority_epochs"

    subject: Mapped[str] = mapped_column(primary_key=True)
    epoch: Mapped[int] = mapped_column(SEQUENCE)
    frozen_at: Mapped[float | None]
    "Of a customer: since when only reading is allowed."
