"""The table of groupcalls: what somebody wanted; what became of it is in the call records."""

from sqlalchemy import JSON, Index
from sqlalchemy.orm import Mapped, mapped_column

from switchroom.store.tables.base import Base


class GroupcallRow(Base):
    __tablename__ = "groupcalls"
    __table_args__ = (Index("ix_groupcalls_customer", "customer_id", "created_at"),)

    # No references: agents, clients and call records may be deleted before it.
    id: Mapped[str] = mapped_column(primary_key=True)
    customer_id: Mapped[str]
    agent_id: Mapped[str]
    client_id: Mapped[str]
    destinations: Mapped[list[dict[str, str]]] = mapped_column(JSON)
    connect_to: Mapped[dict[str, str] | None] = mapped_column(JSON)
    ring_method: Mapped[str]
    ring_timeout_s: Mapped[float | None]
    created_at: Mapped[float]
