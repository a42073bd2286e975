"""Is what somebody wrote good authority? Asked before it is stored; it says what to change."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final, get_args

from msgspec import Struct

from switchroom.permissions.catalog import Catalog, UnknownPatternError
from switchroom.permissions.declare import FixedScope
from switchroom.permissions.lines import is_known, lines_of_restrictions, lines_of_role
from switchroom.permissions.model import Effect, Restriction, Role, Scope
from switchroom.permissions.reach import Reach
from switchroom.permissions.roles import TEXTS, is_builtin

STATEMENTS_LIMIT: Final = 200
"Statements of one role, and patterns of one ceiling."

CLIENTS_LIMIT: Final = 200
"Clients that one scope may name."


class Fault(Struct, frozen=True):
    """One thing that is wrong, at a field."""

    field: str
    "``statements[2].pattern``"
    text: str


def faults_of_role(role: Role, catalog: Catalog) -> tuple[Fault, ...]:
    """What is wrong with a customer's own role."""
    return tuple(_of_role(role, catalog))


def faults_of_binding(role: Role, scope: Scope, catalog: Catalog) -> tuple[Fault, ...]:
    """What is wrong with giving a role so far: the scope, or that it comes to nothing."""
    faults = _of_scope(scope)
    if faults or unreached(role, scope, catalog) != _named(role, catalog):
        return faults
    return (Fault("scope", f"nothing in {role.name} can be held as far as {scope.kind}"),)


def faults_of_restriction(restriction: Restriction, catalog: Catalog) -> tuple[Fault, ...]:
    """What is wrong with a restriction: unknown words, or that it denies nothing."""
    faults = (*_of_pattern("pattern", restriction.pattern, catalog.expand_deny),)
    faults += _of_scope(restriction.scope)
    if faults or Reach(lines_of_restrictions((restriction,), catalog), "deny", catalog).anywhere:
        return faults
    return (Fault("scope", f"{restriction.pattern} cannot be held as far as that"),)


def faults_of_ceiling(
    patterns: Sequence[str], catalog: Catalog, field: str = "ceiling"
) -> tuple[Fault, ...]:
    """What is wrong with the ceiling of an access key, or with a plan, which is another field."""
    if len(patterns) > STATEMENTS_LIMIT:
        return (Fault(field, f"at most {STATEMENTS_LIMIT} patterns"),)
    return tuple(
        fault
        for place, pattern in enumerate(patterns)
        for fault in _of_pattern(f"{field}[{place}]", pattern, catalog.expand)
    )


def unreached(role: Role, scope: Scope, catalog: Catalog) -> tuple[str, ...]:
    """What a role names that comes to nothing when it is bound so: those have no such rows."""
    lines = tuple(lines_of_role(role, scope, catalog))
    reached = 0
    for effect in get_args(Effect):
        reach = Reach(lines, effect, catalog)
        within = reach.customer & catalog.within_customers
        reached |= within | reach.somewhere | reach.project & catalog.platform
    return tuple(name for name in _named(role, catalog) if not catalog.bit(name) & reached)


def _named(role: Role, catalog: Catalog) -> tuple[str, ...]:
    mask = 0
    for line in lines_of_role(role, Scope("customer"), catalog):
        mask |= line.mask
    return catalog.names(mask)


def _of_role(role: Role, catalog: Catalog) -> Iterator[Fault]:
    if is_builtin(role.id) or role.name in TEXTS or is_builtin(role.name):
        yield Fault("name", f"{role.name} is a built-in role")
    if not role.name.isprintable() or role.name != role.name.strip():
        yield Fault("name", "must be printable, without line breaks and without spaces at its ends")
    if not role.statements:
        yield Fault("statements", "a role says something")
    if len(role.statements) > STATEMENTS_LIMIT:
        yield Fault("statements", f"at most {STATEMENTS_LIMIT} statements")
        return
    for place, statement in enumerate(role.statements):
        field = f"statements[{place}]"
        if statement.effect not in get_args(Effect):
            yield Fault(f"{field}.effect", "allow or deny")
        if statement.scope not in (None, *get_args(FixedScope)):
            yield Fault(f"{field}.scope", "own, team, or none")
        expand = catalog.expand if statement.effect == "allow" else catalog.expand_deny
        yield from _of_pattern(f"{field}.pattern", statement.pattern, expand)


def _of_pattern(field: str, pattern: str, expand: Callable[[str], int]) -> Iterator[Fault]:
    try:
        expand(pattern)
    except UnknownPatternError as error:
        yield Fault(field, str(error))


def _of_scope(scope: Scope) -> tuple[Fault, ...]:
    if len(scope.client_ids) > CLIENTS_LIMIT:
        return (Fault("scope.client_ids", f"at most {CLIENTS_LIMIT} clients"),)
    if scope.kind != "clients" and scope.client_ids:
        return (Fault("scope.client_ids", f"the scope {scope.kind} has no clients"),)
    if not is_known(scope):
        return (Fault("scope", "own, team, clients with at least one, customer or project"),)
    return ()
