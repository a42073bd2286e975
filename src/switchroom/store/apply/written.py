"""How a file writes what is not one of its plain fields: statements, scopes, times."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from switchroom.permissions.model import Scope, Statement
from switchroom.store.stored import HeldRestriction, HeldRole

BUILTIN = "builtin:"
"How the ids of built-in roles begin."

Part = dict[str, Any]
Names = Mapping[str, str]
"What people call things, by id."


def statement(one: Statement) -> str:
    """``calls:read`` or ``calls:read@own``."""
    return one.pattern if one.scope is None else f"{one.pattern}@{one.scope}"


def held_role(one: HeldRole, names: Names) -> str | Part:
    """The name alone where that says all."""
    name = names.get(one.role_id, one.role_id.removeprefix(BUILTIN))
    part: Part = {"role": name.rpartition("/")[2], **_scope(one.scope, names)}
    for field in ("not_before", "expires_at"):
        at = getattr(one, field)
        if at is not None:
            part[field] = time(at)
    return part if len(part) > 1 else part["role"]


def restriction(one: HeldRestriction, names: Names) -> str | Part:
    """The pattern alone where that says all."""
    part: Part = {"pattern": one.pattern, **_scope(one.scope, names)}
    return part if len(part) > 1 else part["pattern"]


def time(at: float) -> str:
    """RFC 3339, UTC."""
    return datetime.fromtimestamp(at, tz=UTC).isoformat().replace("+00:00", "Z")


def shown(part: str | Part) -> str:
    """On one line, for people."""
    if isinstance(part, str):
        return part
    first, *rest = part.items()
    return f"{first[1]} ({', '.join(f'{name} {_plain(value)}' for name, value in rest)})"


def _scope(scope: Scope, names: Names) -> Part:
    if scope.kind == "clients":
        return {"clients": sorted(names.get(id, id).rpartition("/")[2] for id in scope.client_ids)}
    return {} if scope.kind == "customer" else {"scope": scope.kind}


def _plain(value: Any) -> str:
    return " ".join(value) if isinstance(value, list) else str(value)
