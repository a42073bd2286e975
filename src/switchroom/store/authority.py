"""Reads everything that decides what one principal may do in one customer."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, Select, and_, select

from switchroom.permissions.model import Authority, Binding, Restriction, Role, Scope, Statement
from switchroom.permissions.switch import switched
from switchroom.store.tables import metadata

_AGENTS = metadata.tables["agents"]
_ACCOUNTS = metadata.tables["accounts"]
_MEMBERSHIPS = metadata.tables["memberships"]
_ROLES = metadata.tables["roles"]
_STATEMENTS = metadata.tables["role_statements"]
_BINDINGS = metadata.tables["bindings"]
_RESTRICTIONS = metadata.tables["restrictions"]
_PLAN = metadata.tables["plan_statements"]
_EPOCHS = metadata.tables["authority_epochs"]
_AT_ONCE = 400
"Principals asked for in one query: every build of SQLite takes so many values."


def load_authority(
    connection: Connection,
    principal_id: str,
    customer_id: str,
    *,
    builtin: Mapping[str, Role],
    token: tuple[str, ...] | None = None,
    is_switched: bool = False,
) -> Authority:
    """What is stored of the principal's authority; nothing is judged here, not even time.

    Bindings of the scope ``project`` count where they are held, at home. What staff who switched to
    a customer may do there, ``permissions/switch.py`` makes of what they hold at home.

    Args:
        connection: Reads from one snapshot where the caller has a transaction.
        principal_id: Agent id; of an access key its owner's.
        customer_id: The active customer.
        builtin: Built-in roles by id, ``builtin:agent``; one that is not there grants nothing.
        token: The ceiling of an access key.
        is_switched: Whether the principal came by ``customers:switch``.

    Raises:
        msgspec.ValidationError: A row holds what no version of ours writes; nothing may be allowed.
    """
    if is_switched:
        return _switched(connection, principal_id, customer_id, builtin)
    found = load_authorities(connection, [principal_id], customer_id, builtin=builtin)
    return msgspec.structs.replace(found[principal_id], token=token)


def load_authorities(
    connection: Connection,
    principal_ids: Sequence[str],
    customer_id: str,
    *,
    builtin: Mapping[str, Role],
) -> dict[str, Authority]:
    """The same for many at once, by principal: the number of queries hardly grows with theirs."""
    plan = read_plan(connection, customer_id)
    is_frozen = _is_frozen(connection, customer_id)
    found = {}
    for some in _batches(principal_ids):
        agents = _agents(connection, some, customer_id)
        bindings = _bindings(connection, some, customer_id, builtin)
        restrictions = _restrictions(connection, some, customer_id)
        for id in some:
            agent = agents.get(id)
            found[id] = Authority(
                id,
                customer_id,
                tag_ids=frozenset(agent.tag_ids or ()) if agent else frozenset(),
                bindings=_counting(bindings.get(id, []), agent, customer_id),
                restrictions=tuple(restrictions.get(id, ())),
                plan=plan,
                is_disabled=agent is None or _is_disabled(agent),
                is_frozen=is_frozen,
            )
    return found


def _counting(held: list[Binding], agent: Any, customer_id: str) -> tuple[Binding, ...]:
    """The bindings without those of the scope ``project`` where their holder is a guest."""
    is_home = agent is not None and agent.customer_id == customer_id
    return tuple(one for one in held if is_home or one.scope.kind != "project")


def _switched(
    connection: Connection, principal_id: str, customer_id: str, builtin: Mapping[str, Role]
) -> Authority:
    home_id = connection.scalar(select(_AGENTS.c.customer_id).where(_AGENTS.c.id == principal_id))
    if home_id is None:
        return Authority(principal_id, customer_id, is_disabled=True)
    home = load_authority(connection, principal_id, home_id, builtin=builtin)
    there = msgspec.structs.replace(
        home,
        plan=read_plan(connection, customer_id),
        is_frozen=_is_frozen(connection, customer_id),
    )
    return switched(there, customer_id)


def read_plan(connection: Connection, customer_id: str) -> tuple[str, ...] | None:
    """Patterns of what the customer bought; ``None``: no ceiling."""
    query = select(_PLAN.c.pattern).where(_PLAN.c.customer_id == customer_id)
    patterns = tuple(connection.scalars(query.order_by(_PLAN.c.position)))
    return patterns or None


def read_roles(connection: Connection, customer_id: str) -> tuple[Role, ...]:
    """The customer's own roles with their statements, by name."""
    query = select(_ROLES).where(_ROLES.c.customer_id == customer_id)
    return _roles(connection, query.order_by(_ROLES.c.name))


def read_role(connection: Connection, customer_id: str, role_id: str) -> Role | None:
    """One role of the customer's own."""
    query = select(_ROLES).where(_ROLES.c.customer_id == customer_id, _ROLES.c.id == role_id)
    return next(iter(_roles(connection, query)), None)


def _roles(connection: Connection, query: Select[Any]) -> tuple[Role, ...]:
    rows = connection.execute(query).all()
    statements = _statements(connection, [row.id for row in rows])
    return tuple(_role(row, statements) for row in rows)


def _agents(connection: Connection, agent_ids: Sequence[str], customer_id: str) -> dict[str, Any]:
    """Agents with account and membership in this customer, by id."""
    membership = and_(
        _MEMBERSHIPS.c.agent_id == _AGENTS.c.id, _MEMBERSHIPS.c.customer_id == customer_id
    )
    query = (
        select(
            _AGENTS.c.id,
            _AGENTS.c.customer_id,
            _MEMBERSHIPS.c.agent_id.label("member_id"),
            _MEMBERSHIPS.c.tag_ids,
            _MEMBERSHIPS.c.disabled_at.label("member_disabled_at"),
            _ACCOUNTS.c.disabled_at.label("account_disabled_at"),
        )
        .select_from(
            _AGENTS.outerjoin(_ACCOUNTS, _ACCOUNTS.c.agent_id == _AGENTS.c.id).outerjoin(
                _MEMBERSHIPS, membership
            )
        )
        .where(_AGENTS.c.id.in_(agent_ids))
    )
    return {row.id: row for row in connection.execute(query)}


def _is_disabled(agent: Row[Any]) -> bool:
    is_member = agent.member_id is not None and agent.member_disabled_at is None
    return not is_member or agent.account_disabled_at is not None


def _is_frozen(connection: Connection, customer_id: str) -> bool:
    query = select(_EPOCHS.c.frozen_at).where(_EPOCHS.c.subject == f"customer:{customer_id}")
    return connection.scalar(query) is not None


def _bindings(
    connection: Connection,
    principal_ids: Sequence[str],
    customer_id: str,
    builtin: Mapping[str, Role],
) -> dict[str, list[Binding]]:
    rows = connection.execute(
        select(_BINDINGS, _ROLES.c.name, _ROLES.c.text)
        .select_from(_BINDINGS.outerjoin(_ROLES, _ROLES.c.id == _BINDINGS.c.role_id))
        .where(_BINDINGS.c.principal_id.in_(principal_ids), _BINDINGS.c.customer_id == customer_id)
        .order_by(_BINDINGS.c.id)
    ).all()
    own = {row.role_id for row in rows if row.role_id is not None}
    statements = _statements(connection, sorted(own))
    found: dict[str, list[Binding]] = {}
    for row in rows:
        found.setdefault(row.principal_id, []).append(_binding(row, statements, builtin))
    return found


def _binding(
    row: Row[Any], statements: Mapping[str, list[Statement]], builtin: Mapping[str, Role]
) -> Binding:
    if row.role_id is None:
        id = f"builtin:{row.builtin}"
        role = builtin.get(id) or Role(id, row.builtin, ())
    else:
        own = tuple(statements.get(row.role_id, ()))
        role = Role(row.role_id, row.name, own, row.customer_id, row.text)
    return Binding(row.id, role, _scope(row), row.not_before, row.expires_at)


def _restrictions(
    connection: Connection, principal_ids: Sequence[str], customer_id: str
) -> dict[str, list[Restriction]]:
    rows = connection.execute(
        select(_RESTRICTIONS)
        .where(
            _RESTRICTIONS.c.principal_id.in_(principal_ids),
            _RESTRICTIONS.c.customer_id == customer_id,
        )
        .order_by(_RESTRICTIONS.c.id)
    )
    found: dict[str, list[Restriction]] = {}
    for row in rows:
        restriction = Restriction(row.id, row.pattern, _scope(row))
        found.setdefault(row.principal_id, []).append(restriction)
    return found


def _scope(row: Row[Any]) -> Scope:
    return msgspec.convert({"kind": row.scope_kind, "client_ids": row.client_ids}, Scope)


def _statements(connection: Connection, role_ids: list[str]) -> dict[str, list[Statement]]:
    found: dict[str, list[Statement]] = {}
    if not role_ids:
        return found
    query = (
        select(_STATEMENTS)
        .where(_STATEMENTS.c.role_id.in_(role_ids))
        .order_by(_STATEMENTS.c.role_id, _STATEMENTS.c.position)
    )
    for row in connection.execute(query):
        plain = {"effect": row.effect, "pattern": row.pattern, "scope": row.scope or None}
        found.setdefault(row.role_id, []).append(msgspec.convert(plain, Statement))
    return found


def _role(row: Row[Any], statements: Mapping[str, list[Statement]]) -> Role:
    return Role(row.id, row.name, tuple(statements.get(row.id, ())), row.customer_id, row.text)


def _batches(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    return (ids[start : start + _AT_ONCE] for start in range(0, len(ids), _AT_ONCE))
