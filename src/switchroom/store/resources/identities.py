"""Sessions, access keys, restrictions, bindings, roles and the audit log, as the API reads them."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, select

from switchroom.directory.listing import Value
from switchroom.identity.keys import KEY_FLEETING
from switchroom.store.resources.spec import Fields, ReadSpec
from switchroom.store.tables import metadata
from switchroom.store.visible import ScopeColumns

_SESSIONS = metadata.tables["sessions"]
_KEYS = metadata.tables["accesskeys"]
_RESTRICTIONS = metadata.tables["restrictions"]
_BINDINGS = metadata.tables["bindings"]
_ROLES = metadata.tables["roles"]
_STATEMENTS = metadata.tables["role_statements"]
_MEMBERSHIPS = metadata.tables["memberships"]
_AUDIT = metadata.tables["audit"]


def of_identity() -> tuple[ReadSpec, ...]:
    """What there is of it; of every secret only that it exists."""
    return (
        ReadSpec(
            noun="sessions",
            table=_SESSIONS,
            scope=ScopeColumns(_SESSIONS.c.customer_id, (_SESSIONS.c.agent_id,)),
            sorts=("created_at", "id"),
            equal=("agent_id",),
            filters={"live": _live_session},
            hidden=frozenset({"access_hash", "refresh_hash", "csrf_hash"}),
        ),
        ReadSpec(
            noun="accesskeys",
            table=_KEYS,
            scope=ScopeColumns(_KEYS.c.customer_id, (_KEYS.c.owner_id,)),
            sorts=("name", "created_at", "id"),
            equal=("owner_id", "name"),
            hidden=frozenset({"hash", "previous_hash"}),
            fleeting=KEY_FLEETING,
        ),
        ReadSpec(
            noun="restrictions",
            table=_RESTRICTIONS,
            scope=ScopeColumns(_RESTRICTIONS.c.customer_id),
            sorts=("created_at", "id"),
            equal=("principal_id",),
        ),
        ReadSpec(
            noun="roles",
            table=_ROLES,
            scope=ScopeColumns(_ROLES.c.customer_id),
            sorts=("name", "id"),
            equal=("name",),
            companions=(_statements,),
        ),
        ReadSpec(
            noun="audit",
            table=_AUDIT,
            key="seq",
            read_id=_number,
            scope=ScopeColumns(_AUDIT.c.customer_id),
            sorts=("seq", "at"),
            equal=("actor_id", "action", "decision", "resource", "target_id"),
            filters={"since": lambda value: _AUDIT.c.at >= value},
            shape=_entry,
        ),
    )


def memberships_spec() -> ReadSpec:
    """Who serves a customer; the agent's id names it, in the active customer."""
    return ReadSpec(
        noun="memberships",
        table=_MEMBERSHIPS,
        key="agent_id",
        is_of_active_customer=True,
        scope=ScopeColumns(_MEMBERSHIPS.c.customer_id),
        sorts=("agent_id",),
        equal=("agent_id",),
    )


def bindings_spec() -> ReadSpec:
    """Who holds which role; seen by whoever may see roles."""
    return ReadSpec(
        noun="roles",
        table=_BINDINGS,
        scope=ScopeColumns(_BINDINGS.c.customer_id),
        sorts=("created_at", "id"),
        equal=("principal_id",),
        filters={"role_id": _role},
        shape=_binding,
    )


def _live_session(value: Value) -> ColumnElement[bool]:
    found: ColumnElement[bool] = _SESSIONS.c.revoked_at.is_(None)
    return found if value else ~found


def _role(value: Value) -> ColumnElement[bool]:
    name = str(value)
    if name.startswith("builtin:"):
        found: ColumnElement[bool] = _BINDINGS.c.builtin == name.removeprefix("builtin:")
    else:
        found = _BINDINGS.c.role_id == name
    return found


def _binding(columns: dict[str, Any]) -> dict[str, Any]:
    """A built-in role has an id as well."""
    shown = {name: value for name, value in columns.items() if name != "builtin"}
    return {**shown, "role_id": columns["role_id"] or f"builtin:{columns['builtin']}"}


def _statements(connection: Connection, ids: Sequence[str]) -> Mapping[str, Fields]:
    query = select(_STATEMENTS).where(_STATEMENTS.c.role_id.in_(ids))
    found: dict[str, list[dict[str, Any]]] = {id: [] for id in ids}
    for row in connection.execute(query.order_by(_STATEMENTS.c.role_id, _STATEMENTS.c.position)):
        statement = {"effect": row.effect, "pattern": row.pattern, "scope": row.scope or None}
        found[row.role_id].append(statement)
    return {id: {"statements": statements} for id, statements in found.items()}


def _entry(columns: dict[str, Any]) -> dict[str, Any]:
    shown = {"before": None, "after": None}
    for name in shown:
        if columns[name]:
            shown[name] = msgspec.json.decode(columns[name])
    hashes = {"previous": columns["previous"].hex(), "hash": columns["hash"].hex()}
    return {**columns, **shown, **hashes}


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
