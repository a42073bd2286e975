"""Reads roles, and what agents hold at home, for all customers at once: for files and for a node.

Requests read one principal with ``store/authority.py`` instead.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, Select, Table, select

from switchroom.permissions.model import Role, Scope, Statement
from switchroom.store.stored import Held, HeldRestriction, HeldRole, Origin
from switchroom.store.tables import metadata

_ACCOUNTS = metadata.tables["accounts"]
_AGENTS = metadata.tables["agents"]
_BINDINGS = metadata.tables["bindings"]
_RESTRICTIONS = metadata.tables["restrictions"]
_ROLES = metadata.tables["roles"]
_STATEMENTS = metadata.tables["role_statements"]


def read_roles(connection: Connection) -> tuple[Role, ...]:
    """All customers' own roles, by customer and name."""
    statements: defaultdict[str, list[Statement]] = defaultdict(list)
    query = select(_STATEMENTS).order_by(_STATEMENTS.c.role_id, _STATEMENTS.c.position)
    for row in connection.execute(query):
        plain = {"effect": row.effect, "pattern": row.pattern, "scope": row.scope or None}
        statements[row.role_id].append(msgspec.convert(plain, Statement))
    rows = connection.execute(select(_ROLES).order_by(_ROLES.c.customer_id, _ROLES.c.name))
    return tuple(
        Role(row.id, row.name, tuple(statements[row.id]), row.customer_id, row.text) for row in rows
    )


def read_held(connection: Connection) -> Mapping[str, Held]:
    """By agent id, what each agent holds in the customer he belongs to."""
    roles: defaultdict[str, set[HeldRole]] = defaultdict(set)
    for row in connection.execute(_at_home(_BINDINGS)):
        roles[row.principal_id].add(held_role(row))
    restrictions: defaultdict[str, set[HeldRestriction]] = defaultdict(set)
    for row in connection.execute(_at_home(_RESTRICTIONS)):
        restrictions[row.principal_id].add(held_restriction(row))
    return {
        agent_id: Held(frozenset(roles[agent_id]), frozenset(restrictions[agent_id]))
        for agent_id in {*roles, *restrictions}
    }


def read_origins(connection: Connection) -> Mapping[str, Origin]:
    """By agent id, the slow hash of the log-in password, and whence it is if a file has set it."""
    query = select(_ACCOUNTS.c.agent_id, _ACCOUNTS.c.secret, _ACCOUNTS.c.password_hash)
    rows = connection.execute(query.where(_ACCOUNTS.c.password_hash != ""))
    return {row.agent_id: Origin(row.secret, row.password_hash) for row in rows}


def held_role(row: Row[Any]) -> HeldRole:
    """What a row of bindings says."""
    role_id = row.role_id or f"builtin:{row.builtin}"
    return HeldRole(role_id, _scope(row), row.not_before, row.expires_at)


def held_restriction(row: Row[Any]) -> HeldRestriction:
    """What a row of restrictions says."""
    return HeldRestriction(row.pattern, _scope(row))


def _scope(row: Row[Any]) -> Scope:
    return msgspec.convert({"kind": row.scope_kind, "client_ids": row.client_ids}, Scope)


def _at_home(table: Table) -> Select[Any]:
    is_home = (_AGENTS.c.id == table.c.principal_id) & (
        _AGENTS.c.customer_id == table.c.customer_id
    )
    return select(table).select_from(table.join(_AGENTS, is_home))
