"""Authority as single lines: this effect on these permissions, as far as this scope.

Here everything unknown is decided, and fails closed: a scope, effect or pattern that this version
does not know allows nothing, and as a deny it denies all that it might mean.
"""

from collections.abc import Iterable, Iterator
from typing import Final, get_args

from msgspec import Struct

from switchroom.foundation.events import UtcSeconds
from switchroom.permissions.catalog import Catalog, UnknownPatternError
from switchroom.permissions.declare import FixedScope
from switchroom.permissions.model import (
    Authority,
    Binding,
    Effect,
    Restriction,
    Role,
    Scope,
    ScopeKind,
    Statement,
)

EVERYWHERE: Final = Scope("customer")
_KINDS: Final = frozenset(get_args(ScopeKind))
_FIXED: Final = frozenset(get_args(FixedScope))


class Line(Struct, frozen=True):
    """One allow or deny."""

    effect: Effect
    mask: int
    scope: Scope
    pattern: str
    "As it was written."
    role: Role | None = None
    "``None``: a restriction."
    id: str = ""
    "Of the binding or the restriction."


def live_lines(authority: Authority, catalog: Catalog, now: UtcSeconds) -> Iterator[Line]:
    """Every line that counts at this moment."""
    for binding in authority.bindings:
        if is_live(binding, now):
            yield from lines_of_binding(binding, catalog)
    yield from lines_of_restrictions(authority.restrictions, catalog)


def lines_of_binding(binding: Binding, catalog: Catalog) -> Iterator[Line]:
    """What the role says, as far as it is bound."""
    for line in lines_of_role(binding.role, binding.scope, catalog):
        yield Line(line.effect, line.mask, line.scope, line.pattern, binding.role, binding.id)


def lines_of_role(role: Role, bound: Scope, catalog: Catalog) -> Iterator[Line]:
    """What the role would say if it were bound as far as this."""
    for statement in role.statements:
        scope = scope_of(statement, bound)
        if statement.effect == "allow":
            if scope is not None:
                mask = granted(statement.pattern, catalog)
                yield Line("allow", mask, scope, statement.pattern, role)
        else:
            mask = denied(statement.pattern, catalog)
            yield Line("deny", mask, scope or EVERYWHERE, statement.pattern, role)


def lines_of_restrictions(restrictions: Iterable[Restriction], catalog: Catalog) -> Iterator[Line]:
    """Each is one deny."""
    for restriction in restrictions:
        scope = restriction.scope if is_known(restriction.scope) else EVERYWHERE
        mask = denied(restriction.pattern, catalog)
        yield Line("deny", mask, scope, restriction.pattern, None, restriction.id)


def is_live(binding: Binding, now: UtcSeconds) -> bool:
    """Whether it has begun and has not ended."""
    return has_begun(binding, now) and not has_ended(binding, now)


def has_begun(binding: Binding, now: UtcSeconds) -> bool:
    return binding.not_before is None or binding.not_before <= now


def has_ended(binding: Binding, now: UtcSeconds) -> bool:
    return binding.expires_at is not None and binding.expires_at <= now


def scope_of(statement: Statement, bound: Scope) -> Scope | None:
    """How far the statement reaches in a role that is bound so; ``None``: this is not known."""
    if not is_known(bound):
        return None
    if statement.scope is None:
        return bound
    return Scope(statement.scope) if statement.scope in _FIXED else None


def is_known(scope: Scope) -> bool:
    """Whether this version can tell what the scope means."""
    return scope.kind in _KINDS and (scope.kind != "clients" or any(scope.client_ids))


def granted(pattern: str, catalog: Catalog) -> int:
    """What the pattern grants; nothing if it is unknown."""
    try:
        return catalog.expand(pattern)
    except UnknownPatternError:
        return 0


def denied(pattern: str, catalog: Catalog) -> int:
    """What the pattern denies; everything if it is unknown."""
    try:
        return catalog.expand_deny(pattern)
    except UnknownPatternError:
        return catalog.all
