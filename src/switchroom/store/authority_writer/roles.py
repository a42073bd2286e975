"""A customer's own roles are made, changed and deleted."""

from msgspec.structs import replace
from sqlalchemy import delete, func, insert, select, update

from switchroom.foundation.versions import version_of
from switchroom.identity.model import OUTDATED, Refused
from switchroom.permissions import grant
from switchroom.permissions.model import Role
from switchroom.permissions.validate import faults_of_role
from switchroom.store.authority_writer.change import Change, Outcome, first_fault
from switchroom.store.epochs import raise_customer
from switchroom.store.tables import metadata

ROLES_LIMIT = 200
"Of one customer."
NAME_LIMIT = 64
TEXT_LIMIT = 500

_ROLES = metadata.tables["roles"]
_STATEMENTS = metadata.tables["role_statements"]
_NOT_FOUND = Refused("not_found", "there is no such role")


def create_role(change: Change, wish: Role) -> Outcome:
    """Make a role for the customer; ``wish.id`` and ``wish.customer_id`` are set here."""
    change.hold()
    role = replace(wish, id=change.ids.token(), customer_id=change.customer_id)
    fault = _fault(change, role)
    asker = change.asker(fault)
    if isinstance(asker, Refused):
        return asker
    refusal = grant.create_role(asker, role) if asker else None
    if refusal is not None:
        return refusal
    change.connection.execute(insert(_ROLES), _row(role))
    _write_statements(change, role)
    change.note("roles:create", "roles", role.id, after=role)
    return role.id


def edit_role(change: Change, wish: Role, *, if_version: str = "") -> Outcome:
    """Change the role with ``wish.id``, at once for all who hold it.

    Args:
        if_version: Only if the stored role is still this version; empty: whatever it is.
    """
    change.hold()
    before = change.role(wish.id)
    if before is None:
        return _NOT_FOUND
    if if_version not in ("", version_of(before)):
        return OUTDATED
    after = replace(wish, customer_id=change.customer_id)
    asker = change.asker()
    if isinstance(asker, Refused):
        return asker
    if before.customer_id == "":
        return grant.Refusal("E4", f"the role {before.name} is built in: copy it")
    fault = _fault(change, after)
    if fault is not None:
        return fault
    holders = change.holders(role_id=before.id)
    refusal = grant.edit_role(asker, before, after, holders) if asker else None
    if refusal is not None:
        return refusal
    change.connection.execute(update(_ROLES).where(_ROLES.c.id == after.id).values(**_row(after)))
    _write_statements(change, after)
    raise_customer(change.connection, change.customer_id)
    change.note("roles:update", "roles", after.id, before=before, after=after)
    return after.id


def delete_role(change: Change, role_id: str, *, if_version: str = "") -> Outcome:
    """Take the role from all who hold it, and from the customer; see ``edit_role``."""
    change.hold()
    role = change.role(role_id)
    if role is None:
        return _NOT_FOUND
    if if_version not in ("", version_of(role)):
        return OUTDATED
    if role.customer_id == "":
        return grant.Refusal("E4", f"the role {role.name} is built in: it cannot be deleted")
    asker = change.asker()
    if isinstance(asker, Refused):
        return asker
    holders = change.holders(role_id=role.id)
    refusal = grant.delete_role(asker, role, holders) if asker else None
    if refusal is not None:
        return refusal
    change.connection.execute(delete(_ROLES).where(_ROLES.c.id == role.id))
    raise_customer(change.connection, change.customer_id)
    held_by = [holder.principal_id for holder in holders]
    change.note("roles:delete", "roles", role.id, before={"role": role, "held_by": held_by})
    return role.id


def _fault(change: Change, role: Role) -> Refused | None:
    if not (0 < len(role.name) <= NAME_LIMIT and role.name.isprintable()):
        return Refused("invalid", f"1 to {NAME_LIMIT} printable characters", "name")
    if len(role.text) > TEXT_LIMIT:
        return Refused("invalid", f"at most {TEXT_LIMIT} characters", "text")
    fault = first_fault(faults_of_role(role, change.catalog))
    if fault is not None:
        return fault
    others = select(_ROLES.c.id).where(_ROLES.c.customer_id == change.customer_id)
    named = others.where(_ROLES.c.name == role.name, _ROLES.c.id != role.id)
    if change.connection.scalar(named) is not None:
        return Refused("conflict", f"there is a role {role.name} already", "name")
    count = select(func.count()).select_from(others.where(_ROLES.c.id != role.id).subquery())
    if (change.connection.scalar(count) or 0) >= ROLES_LIMIT:
        return Refused("too_many", f"at most {ROLES_LIMIT} roles")
    return None


def _write_statements(change: Change, role: Role) -> None:
    change.connection.execute(delete(_STATEMENTS).where(_STATEMENTS.c.role_id == role.id))
    rows = [
        {
            "role_id": role.id,
            "position": position,
            "effect": statement.effect,
            "pattern": statement.pattern,
            "scope": statement.scope or "",
        }
        for position, statement in enumerate(role.statements)
    ]
    change.connection.execute(insert(_STATEMENTS), rows)


def _row(role: Role) -> dict[str, str]:
    return {
        "id": role.id,
        "customer_id": role.customer_id,
        "name": role.name,
        "text": role.text,
    }
