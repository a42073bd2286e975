"""The tables of accounts, sessions and keys. Of every secret only a hash is stored."""

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from switchroom.store.tables.base import Base
from switchroom.store.tables.configuration import owned_by


class AccountRow(Base):
    """How an agent logs in. An agent without an account takes calls and cannot log in."""

    __tablename__ = "accounts"

    agent_id: Mapped[str] = mapped_column(owned_by("agents.id"), primary_key=True)
    password_hash: Mapped[str]
    "Argon2id in PHC form; empty: no password was set."
    password_changed_at: Mapped[float | None]
    secret: Mapped[str]
    "``env:NAME`` or ``file:PATH`` where apply took the password from; empty: set by somebody."
    totp_secret: Mapped[str]
    "Base32; empty: no second factor. The only secret that must be readable."
    totp_confirmed_at: Mapped[float | None]
    totp_last_step: Mapped[int]
    "The time step of the last code that was taken; each is taken once."
    recovery_hashes: Mapped[list[str]]
    disabled_at: Mapped[float | None]


class SessionRow(Base):
    """One log-in."""

    __tablename__ = "sessions"
    __table_args__ = (Index("ix_sessions_agent", "agent_id", "customer_id"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    agent_id: Mapped[str] = mapped_column(owned_by("agents.id"))
    customer_id: Mapped[str] = mapped_column(owned_by("customers.id"))
    "The active customer."
    access_hash: Mapped[bytes] = mapped_column(unique=True)
    access_until: Mapped[float]
    "Slides while it is used, at most to ``ends_at``."
    refresh_hash: Mapped[bytes] = mapped_column(unique=True)
    ends_at: Mapped[float] = mapped_column(index=True)
    mfa_at: Mapped[float | None]
    "When the second factor was last shown."
    is_cookie: Mapped[bool]
    csrf_hash: Mapped[bytes]
    created_at: Mapped[float]
    last_used_at: Mapped[float]
    source: Mapped[str]
    user_agent: Mapped[str]
    switched_from: Mapped[str]
    "Customer id of platform staff who switched here; empty for a member."
    switch_reason: Mapped[str]
    revoked_at: Mapped[float | None]
    revoked_reason: Mapped[str]


class UsedRefreshTokenRow(Base):
    """A refresh token that was used; it stays until its session goes: used again, it revokes it."""

    __tablename__ = "used_refresh_tokens"

    hash: Mapped[bytes] = mapped_column(primary_key=True)
    session_id: Mapped[str] = mapped_column(owned_by("sessions.id"), index=True)


class AccessKeyRow(Base):
    """A program's way in: its owner's authority, cut to a ceiling."""

    __tablename__ = "accesskeys"
    __table_args__ = (Index("ix_accesskeys_owner", "owner_id", "customer_id"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    owner_id: Mapped[str] = mapped_column(owned_by("agents.id"))
    customer_id: Mapped[str] = mapped_column(owned_by("customers.id"))
    name: Mapped[str]
    prefix: Mapped[str]
    "First characters, for people to tell keys apart."
    hash: Mapped[bytes] = mapped_column(unique=True)
    previous_hash: Mapped[bytes | None] = mapped_column(unique=True)
    previous_until: Mapped[float | None]
    ceiling: Mapped[list[str]]
    networks: Mapped[list[str]]
    "CIDR; empty: from anywhere."
    created_at: Mapped[float]
    expires_at: Mapped[float]
    last_used_at: Mapped[float | None]
    revoked_at: Mapped[float | None]


class TicketRow(Base):
    """Opens one WebSocket within seconds, so that no token stands in a URL."""

    __tablename__ = "tickets"

    hash: Mapped[bytes] = mapped_column(primary_key=True)
    token_kind: Mapped[str]
    "``session`` or ``accesskey``: what it stands for."
    token_id: Mapped[str]
    expires_at: Mapped[float] = mapped_column(index=True)


class LogInFailureRow(Base):
    """Failures of one account from one network: the next attempts must wait."""

    __tablename__ = "log_in_failures"

    subject: Mapped[str] = mapped_column(primary_key=True)
    "Hash of user name and network, of user name alone, or of the network alone."
    count: Mapped[int]
    since: Mapped[float]
    last_at: Mapped[float] = mapped_column(index=True)


class AuthSettingsRow(Base):
    """What a customer asks of log-ins."""

    __tablename__ = "auth_settings"

    customer_id: Mapped[str] = mapped_column(owned_by("customers.id"), primary_key=True)
    require_mfa: Mapped[bool]
    session_idle_s: Mapped[float]
    session_longest_s: Mapped[float]
    password_least: Mapped[int]
    "Characters, 12 or more."
    key_longest_days: Mapped[int]
    networks: Mapped[list[str]]
    "From where log-ins are taken (CIDR); empty: from anywhere."


class IdempotencyRow(Base):
    """The answer that a POST with this ``Idempotency-Key`` got, given again to a repetition."""

    __tablename__ = "idempotency_keys"

    principal: Mapped[str] = mapped_column(primary_key=True)
    "Customer and token: a key of one is nothing to another."
    key: Mapped[str] = mapped_column(primary_key=True)
    request_hash: Mapped[bytes]
    status: Mapped[int]
    "0 while the first one is still at work."
    body: Mapped[str]
    expires_at: Mapped[float] = mapped_column(index=True)
