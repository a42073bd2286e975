"""Finds a token with everything that decides whether it counts: one query for every request."""

from operator import itemgetter
from typing import Any

from msgspec import Struct
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Row,
    Select,
    String,
    Table,
    and_,
    bindparam,
    cast,
    func,
    literal_column,
    or_,
    select,
)

from switchroom.identity.model import AuthSettings, FoundToken, Session
from switchroom.identity.tokens import Token
from switchroom.store.accesskeys import key_of
from switchroom.store.auth_settings import settings_of
from switchroom.store.tables import metadata

_SESSIONS = metadata.tables["sessions"]
_KEYS = metadata.tables["accesskeys"]
_AGENTS = metadata.tables["agents"]
_ACCOUNTS = metadata.tables["accounts"]
_MEMBERSHIPS = metadata.tables["memberships"]
_SETTINGS = metadata.tables["auth_settings"]
_EPOCHS = metadata.tables["authority_epochs"]


def find_token(connection: Connection, token: Token) -> FoundToken | None:
    """The session or access key that this token opens, dead or alive; ``None`` if there is none.

    Judges nothing: an ended session and a revoked key are found too, for the refusal to say why.
    """
    return _find(connection, _BY_DIGEST.get(token.form), token.digest)


def find_token_by_id(connection: Connection, kind: str, token_id: str) -> FoundToken | None:
    """The same for what a ticket stands for, or for a socket that is still open."""
    return _find(connection, _BY_ID.get(kind), token_id)


def _find(connection: Connection, lookup: "_Lookup | None", sought: object) -> FoundToken | None:
    if lookup is None:
        return None
    row = connection.execute(lookup.query, {"sought": sought}).first()
    return None if row is None else _found(row, lookup)


class _Lookup(Struct, frozen=True):
    """A query with all that a token means, made once: it is asked with every request."""

    table: Table
    query: Select[Any]


def _of_session(condition: ColumnElement[bool]) -> _Lookup:
    # Staff who switched here are no members of this customer: their home membership counts.
    member_of = func.coalesce(
        func.nullif(_SESSIONS.c.switched_from, _text("")), _SESSIONS.c.customer_id
    )
    return _Lookup(_SESSIONS, _query(_SESSIONS, _SESSIONS.c.agent_id, member_of).where(condition))


def _of_key(condition: ColumnElement[bool]) -> _Lookup:
    return _Lookup(_KEYS, _query(_KEYS, _KEYS.c.owner_id, _KEYS.c.customer_id).where(condition))


def _query(
    table: Table, agent_id: ColumnElement[str], member_of: ColumnElement[str]
) -> Select[Any]:
    is_member = and_(_MEMBERSHIPS.c.agent_id == agent_id, _MEMBERSHIPS.c.customer_id == member_of)
    joined = (
        table.join(_AGENTS, _AGENTS.c.id == agent_id)
        .outerjoin(_ACCOUNTS, _ACCOUNTS.c.agent_id == agent_id)
        .outerjoin(_MEMBERSHIPS, is_member)
        .outerjoin(_SETTINGS, _SETTINGS.c.customer_id == _AGENTS.c.customer_id)
    )
    return select(
        *_labelled(table, "token"),
        *_labelled(_SETTINGS, "settings"),
        table.c.customer_id.label("active_customer_id"),
        _AGENTS.c.id.label("found_agent_id"),
        _AGENTS.c.username,
        _AGENTS.c.customer_id.label("home_id"),
        _ACCOUNTS.c.agent_id.label("account_id"),
        _ACCOUNTS.c.disabled_at.label("account_disabled_at"),
        _ACCOUNTS.c.totp_confirmed_at,
        _MEMBERSHIPS.c.agent_id.label("member_id"),
        _MEMBERSHIPS.c.disabled_at.label("member_disabled_at"),
        # Both grow only, so their sum changes when either does: staff bring authority from home.
        _epoch(
            _text("customer:") + table.c.customer_id, _text("customer:") + _AGENTS.c.customer_id
        ).label("customer_epoch"),
        _epoch(_text("agent:") + agent_id).label("agent_epoch"),
    ).select_from(joined)


def _epoch(*subjects: ColumnElement[str]) -> ColumnElement[int]:
    total = select(func.sum(_EPOCHS.c.epoch)).where(_EPOCHS.c.subject.in_(subjects))
    return cast(func.coalesce(total.scalar_subquery(), literal_column("0")), BigInteger)


def _text(text: str) -> ColumnElement[str]:
    """A text of ours inside of the statement: as a parameter it would cost with every request."""
    return literal_column(f"'{text}'", String)


def _labelled(table: Table, label: str) -> list[ColumnElement[Any]]:
    return [column.label(f"{label}_{column.name}") for column in table.columns]


def _part(row: Row[Any], table: Table, start: int) -> dict[str, Any]:
    """The columns of one table, which begin at ``start``, by their own names."""
    names = table.columns.keys()
    return dict(zip(names, row[start : start + len(names)], strict=True))


def _found(row: Row[Any], lookup: _Lookup) -> FoundToken:
    settings = _USUAL
    if row.settings_customer_id is not None:
        settings = settings_of(_part(row, _SETTINGS, len(lookup.table.columns)))
    is_member = row.member_id is not None and row.member_disabled_at is None
    return FoundToken(
        agent_id=row.found_agent_id,
        customer_id=row.active_customer_id,
        username=row.username,
        home_id=row.home_id,
        session=Session(*_SESSION_FIELDS(row)) if lookup.table is _SESSIONS else None,
        key=key_of(_part(row, _KEYS, 0)) if lookup.table is _KEYS else None,
        customer_epoch=row.customer_epoch,
        agent_epoch=row.agent_epoch,
        has_account=row.account_id is not None,
        is_disabled=row.account_disabled_at is not None or not is_member,
        has_second_factor=row.totp_confirmed_at is not None,
        settings=settings,
    )


_USUAL = AuthSettings()
_SESSION_FIELDS = itemgetter(
    *(_SESSIONS.columns.keys().index(name) for name in Session.__struct_fields__)
)
"""The columns of a session in the order of its fields: it is made with every request."""

_BY_DIGEST = {
    "session": _of_session(_SESSIONS.c.access_hash == bindparam("sought")),
    "accesskey": _of_key(
        or_(_KEYS.c.hash == bindparam("sought"), _KEYS.c.previous_hash == bindparam("sought"))
    ),
}
_BY_ID = {
    "session": _of_session(_SESSIONS.c.id == bindparam("sought")),
    "accesskey": _of_key(_KEYS.c.id == bindparam("sought")),
}
