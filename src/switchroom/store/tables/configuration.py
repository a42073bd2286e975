"""The tables that hold the configuration, one per noun of ``directory/model.py``."""

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from switchroom.store.tables.base import TAGS, Base


def reference(column: str) -> ForeignKey:
    """A foreign key that SQLite and PostgreSQL check alike."""
    # Checked at commit, so that one transaction may change owners and owned in any order.
    return ForeignKey(column, deferrable=True, initially="DEFERRED")


def owned_by(column: str) -> ForeignKey:
    """A foreign key of something that goes together with what it belongs to."""
    return ForeignKey(column, ondelete="CASCADE", deferrable=True, initially="DEFERRED")


class CustomerRow(Base):
    __tablename__ = "customers"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    domain: Mapped[str]
    country: Mapped[str]
    is_default: Mapped[bool]


class ClientRow(Base):
    __tablename__ = "clients"
    __table_args__ = (UniqueConstraint("customer_id", "name"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    customer_id: Mapped[str] = mapped_column(reference("customers.id"))
    name: Mapped[str]


class ExtensionRow(Base):
    __tablename__ = "extensions"
    __table_args__ = (UniqueConstraint("customer_id", "number"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    customer_id: Mapped[str] = mapped_column(reference("customers.id"))
    number: Mapped[str]
    ha1_md5: Mapped[str]
    ha1_sha256: Mapped[str]
    secret: Mapped[str]
    "``env:NAME`` or ``file:PATH`` where the password came from; empty: only the HA1s are known."
    max_contacts: Mapped[int]
    dial: Mapped[list[str]]


class TrunkRow(Base):
    __tablename__ = "trunks"
    __table_args__ = (UniqueConstraint("customer_id", "name"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    customer_id: Mapped[str] = mapped_column(reference("customers.id"))
    name: Mapped[str]
    hosts: Mapped[list[str]]
    allow_from: Mapped[list[str]]
    number_format: Mapped[str]
    username: Mapped[str]
    secret: Mapped[str]
    "``env:NAME`` or ``file:PATH``; the password itself is never stored."
    secret_check: Mapped[str]
    "Slow hash of the password at the last apply: shows that it has changed since."
    caller_id: Mapped[str]


class RouteRow(Base):
    __tablename__ = "routes"
    __table_args__ = (UniqueConstraint("customer_id", "prefix"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    customer_id: Mapped[str] = mapped_column(reference("customers.id"))
    prefix: Mapped[str]


class RouteTrunkRow(Base):
    __tablename__ = "route_trunks"

    route_id: Mapped[str] = mapped_column(reference("routes.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    trunk_id: Mapped[str] = mapped_column(reference("trunks.id"))


class AgentRow(Base):
    __tablename__ = "agents"

    id: Mapped[str] = mapped_column(primary_key=True)
    customer_id: Mapped[str] = mapped_column(reference("customers.id"))
    username: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    number: Mapped[str]
    ring_method: Mapped[str]
    ring_timeout_s: Mapped[float]
    capacity: Mapped[int]
    follow_redirects: Mapped[bool]


class AddressRow(Base):
    __tablename__ = "addresses"
    __table_args__ = (UniqueConstraint("customer_id", "type", "target"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    customer_id: Mapped[str] = mapped_column(reference("customers.id"))
    agent_id: Mapped[str] = mapped_column(reference("agents.id"), index=True)
    position: Mapped[int]
    type: Mapped[str]
    target: Mapped[str]
    enabled: Mapped[bool]
    delay_s: Mapped[float]
    timeout_s: Mapped[float | None]
    caller_id: Mapped[str]
    confirm: Mapped[bool]


class GroupRow(Base):
    __tablename__ = "groups"
    __table_args__ = (UniqueConstraint("customer_id", "name"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    customer_id: Mapped[str] = mapped_column(reference("customers.id"))
    name: Mapped[str]
    number: Mapped[str]
    ring_method: Mapped[str]
    ring_timeout_s: Mapped[float]
    tag_ids: Mapped[list[str]] = mapped_column(TAGS)


class GroupMemberRow(Base):
    """``member_id`` is an agent's or a group's; ``directory/validate.py`` sees that it exists."""

    __tablename__ = "group_members"

    group_id: Mapped[str] = mapped_column(reference("groups.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[str]


class NumberRow(Base):
    """The ids in ``to_id`` and ``no_answer_id`` are of the kind (agent, group, …) beside them."""

    __tablename__ = "numbers"

    id: Mapped[str] = mapped_column(primary_key=True)
    customer_id: Mapped[str] = mapped_column(reference("customers.id"))
    e164: Mapped[str] = mapped_column(unique=True)
    client_id: Mapped[str | None] = mapped_column(reference("clients.id"))
    to_kind: Mapped[str]
    to_id: Mapped[str]
    no_answer_kind: Mapped[str | None]
    no_answer_id: Mapped[str | None]
