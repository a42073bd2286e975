"""Roles are given and taken, restrictions put on and lifted."""

from msgspec import Struct
from sqlalchemy import Table, delete, func, insert, select

from switchroom.foundation.events import UtcSeconds
from switchroom.identity.model import Refused
from switchroom.permissions import grant
from switchroom.permissions.grant import Asker, Refusal
from switchroom.permissions.model import Authority, Binding, Restriction, Role, Scope
from switchroom.permissions.roles import PREFIX, is_builtin
from switchroom.permissions.validate import faults_of_binding, faults_of_restriction
from switchroom.store.authority_writer.change import Change, Outcome, first_fault, reason_fault
from switchroom.store.authority_writer.owners import refusal_without
from switchroom.store.epochs import raise_agent
from switchroom.store.tables import metadata

BINDINGS_LIMIT = 50
"Bindings of one agent in one customer, and as many restrictions."
PLATFORM_OWNER = f"{PREFIX}platform_owner"

_BINDINGS = metadata.tables["bindings"]
_RESTRICTIONS = metadata.tables["restrictions"]
_CLIENTS = metadata.tables["clients"]
_AGENTS = metadata.tables["agents"]
_MEMBERSHIPS = metadata.tables["memberships"]
_NO_BINDING = Refused("not_found", "there is no such binding")
_NO_RESTRICTION = Refused("not_found", "there is no such restriction")
_NO_AGENT = Refused("not_found", "there is no such agent", "principal_id")


class BindingWish(Struct, frozen=True):
    """Who should hold which role, as far as what, from when until when."""

    principal_id: str
    role_id: str
    scope: Scope
    not_before: UtcSeconds | None = None
    expires_at: UtcSeconds | None = None
    reason: str = ""


def bind(change: Change, wish: BindingWish) -> Outcome:
    """Give somebody a role; he has it with his next request."""
    change.hold()
    role = change.role(wish.role_id)
    if role is None:
        return Refused("not_found", "there is no such role", "role_id")
    asker = change.asker(_bind_fault(change, wish, role))
    if isinstance(asker, Refused):
        return asker
    refusal = _bind_refusal(change, asker, wish, role) if asker else None
    if refusal is not None:
        return refusal
    id = change.ids.token()
    change.connection.execute(insert(_BINDINGS), _binding_row(change, wish, role, id))
    raise_agent(change.connection, wish.principal_id)
    after = {"role": role.name, "principal_id": wish.principal_id, "scope": wish.scope}
    after |= {"not_before": wish.not_before, "expires_at": wish.expires_at}
    change.note("roles:bind", "roles", id, after=after, reason=wish.reason)
    return id


def unbind(change: Change, binding_id: str) -> Outcome:
    """Take a role from somebody; he has it no more with his next request."""
    change.hold()
    target, binding = _bound(change, binding_id)
    if binding is None:
        return _NO_BINDING
    asker = change.asker()
    if isinstance(asker, Refused):
        return asker
    refusal = grant.unbind(asker, target, binding) if asker else None
    refusal = refusal or refusal_without(change, target, binding.id)
    if refusal is not None:
        return refusal
    change.connection.execute(delete(_BINDINGS).where(_BINDINGS.c.id == binding_id))
    raise_agent(change.connection, target.principal_id)
    before = {"role": binding.role.name, "scope": binding.scope}
    before |= {"principal_id": target.principal_id}
    change.note("roles:unbind", "roles", binding_id, before=before)
    return binding_id


def restrict(change: Change, principal_id: str, wish: Restriction, reason: str) -> Outcome:
    """Deny somebody something, whatever his roles say; ``wish.id`` is set here."""
    change.hold()
    fault = first_fault(faults_of_restriction(wish, change.catalog))
    fault = fault or _target_fault(change, principal_id, wish.scope, _RESTRICTIONS)
    fault = fault or reason_fault(reason)
    asker = change.asker(fault)
    if isinstance(asker, Refused):
        return asker
    refusal = grant.restrict(asker, change.authority(principal_id), wish) if asker else None
    if refusal is not None:
        return refusal
    id = change.ids.token()
    row = {
        "id": id,
        "principal_id": principal_id,
        "customer_id": change.customer_id,
        "pattern": wish.pattern,
        "scope_kind": wish.scope.kind,
        "client_ids": sorted(wish.scope.client_ids),
        "created_by": change.actor.principal_id if change.actor else "",
        "reason": reason,
        "created_at": change.now,
    }
    change.connection.execute(insert(_RESTRICTIONS), row)
    raise_agent(change.connection, principal_id)
    after = {"pattern": wish.pattern, "scope": wish.scope, "principal_id": principal_id}
    change.note("restrictions:create", "restrictions", id, after=after, reason=reason)
    return id


def lift(change: Change, restriction_id: str) -> Outcome:
    """Take a restriction off somebody."""
    change.hold()
    query = select(_RESTRICTIONS.c.principal_id).where(
        _RESTRICTIONS.c.id == restriction_id, _RESTRICTIONS.c.customer_id == change.customer_id
    )
    principal_id = change.connection.scalar(query)
    if principal_id is None:
        return _NO_RESTRICTION
    target = change.authority(principal_id)
    (restriction,) = (one for one in target.restrictions if one.id == restriction_id)
    asker = change.asker()
    if isinstance(asker, Refused):
        return asker
    refusal = grant.lift(asker, target, restriction) if asker else None
    if refusal is not None:
        return refusal
    change.connection.execute(delete(_RESTRICTIONS).where(_RESTRICTIONS.c.id == restriction_id))
    raise_agent(change.connection, principal_id)
    before = {"pattern": restriction.pattern, "scope": restriction.scope}
    before |= {"principal_id": principal_id}
    change.note("restrictions:delete", "restrictions", restriction_id, before=before)
    return restriction_id


def _bound(change: Change, binding_id: str) -> tuple[Authority, Binding | None]:
    query = select(_BINDINGS.c.principal_id).where(
        _BINDINGS.c.id == binding_id, _BINDINGS.c.customer_id == change.customer_id
    )
    target = change.authority(change.connection.scalar(query) or "")
    return target, next((one for one in target.bindings if one.id == binding_id), None)


def _bind_refusal(change: Change, asker: Asker, wish: BindingWish, role: Role) -> Refusal | None:
    if role.id == PLATFORM_OWNER:
        return Refusal("E1", "who owns the platform is said on its machine, not here")
    return grant.bind(asker, change.authority(wish.principal_id), role, wish.scope)


def _bind_fault(change: Change, wish: BindingWish, role: Role) -> Refused | None:
    fault = first_fault(faults_of_binding(role, wish.scope, change.catalog))
    fault = fault or reason_fault(wish.reason)
    fault = fault or _target_fault(change, wish.principal_id, wish.scope, _BINDINGS)
    if fault is not None:
        return fault
    begins = change.now if wish.not_before is None else wish.not_before
    if wish.expires_at is not None and wish.expires_at <= max(begins, change.now):
        return Refused("invalid", "it would end before it begins", "expires_at")
    if _has_it(change, wish, role):
        # Whoever took one of two away would believe that the role is gone.
        return Refused("conflict", "the agent holds this role already, as far and for as long")
    return None


def _has_it(change: Change, wish: BindingWish, role: Role) -> bool:
    row = _binding_row(change, wish, role, "")
    same = [
        _BINDINGS.c[name].is_not_distinct_from(row[name])
        for name in ("role_id", "builtin", "scope_kind", "not_before", "expires_at")
    ]
    query = select(_BINDINGS.c.client_ids).where(
        _BINDINGS.c.principal_id == wish.principal_id,
        _BINDINGS.c.customer_id == change.customer_id,
        *same,
    )
    return row["client_ids"] in change.connection.scalars(query).all()


def _target_fault(change: Change, principal_id: str, scope: Scope, table: Table) -> Refused | None:
    # A paused agent may be given roles for when he is back; who is no member is unknown here.
    is_here = (_MEMBERSHIPS.c.agent_id == _AGENTS.c.id) & (
        _MEMBERSHIPS.c.customer_id == change.customer_id
    )
    home_id = change.connection.scalar(
        select(_AGENTS.c.customer_id)
        .join(_MEMBERSHIPS, is_here)
        .where(_AGENTS.c.id == principal_id)
    )
    if home_id is None:
        return _NO_AGENT
    if scope.kind == "project" and home_id != change.customer_id:
        return Refused("invalid", "the scope project is held at home only", "scope")
    if scope.client_ids - _clients(change, scope.client_ids):
        return Refused("invalid", "there is no such client", "scope.client_ids")
    mine = (
        select(func.count())
        .select_from(table)
        .where(table.c.principal_id == principal_id, table.c.customer_id == change.customer_id)
    )
    if (change.connection.scalar(mine) or 0) >= BINDINGS_LIMIT:
        return Refused("too_many", f"at most {BINDINGS_LIMIT} of one agent")
    return None


def _clients(change: Change, client_ids: frozenset[str]) -> set[str]:
    """Those of them that are clients of this customer."""
    if not client_ids:
        return set()
    query = select(_CLIENTS.c.id).where(_CLIENTS.c.customer_id == change.customer_id)
    return set(change.connection.scalars(query))


def _as_written(at: UtcSeconds | None) -> UtcSeconds | None:
    """As a document can say it: in microseconds. An export must mean the same binding."""
    return None if at is None else round(at, 6)


def _binding_row(change: Change, wish: BindingWish, role: Role, id: str) -> dict[str, object]:
    return {
        "id": id,
        "principal_id": wish.principal_id,
        "customer_id": change.customer_id,
        "role_id": None if is_builtin(role.id) else role.id,
        "builtin": role.id.removeprefix(PREFIX) if is_builtin(role.id) else "",
        "scope_kind": wish.scope.kind,
        "client_ids": sorted(wish.scope.client_ids),
        "not_before": _as_written(wish.not_before),
        "expires_at": _as_written(wish.expires_at),
        "granted_by": change.actor.principal_id if change.actor else "",
        "reason": wish.reason,
        "created_at": change.now,
    }
