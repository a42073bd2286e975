"""The audit log: rows that are only ever added."""

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from switchroom.store.tables.base import SEQUENCE, Base


class AuditRow(Base):
    """One entry. ``hash`` covers it and the hash before, so nothing can be changed unseen."""

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_customer", "customer_id", "seq"),)

    seq: Mapped[int] = mapped_column(SEQUENCE, primary_key=True, autoincrement=False)
    at: Mapped[float]
    customer_id: Mapped[str]
    "Empty for the platform's own."
    actor_id: Mapped[str]
    "Agent id; empty: the operator on the machine, or nobody known."
    token_kind: Mapped[str]
    token_id: Mapped[str]
    source: Mapped[str]
    action: Mapped[str]
    "The permission's name, or a log-in's own: ``sessions:log_in``."
    decision: Mapped[str]
    "``done``, ``refused``, ``allowed`` (changed nothing by itself), ``failed`` (was it done?)."
    resource: Mapped[str]
    target_id: Mapped[str]
    before: Mapped[str]
    "JSON; empty if there is none. Never holds a secret."
    after: Mapped[str]
    reason: Mapped[str]
    repeated: Mapped[int]
    "How many more like it were counted and not written since the one before."
    request_id: Mapped[str]
    previous: Mapped[bytes]
    hash: Mapped[bytes]


class AuditHeadRow(Base):
    """The newest entry. One row, id 1: whoever appends holds it until his transaction ends."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(SEQUENCE)
    hash: Mapped[bytes]
