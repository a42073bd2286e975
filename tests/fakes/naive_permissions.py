"""The decision, written down as plainly as it can be: no masks, nothing prepared, slow.

Shares nothing with the engine but the words, so that the two can be compared.
"""

from collections.abc import Iterable

from switchroom.permissions.catalog import Catalog
from switchroom.permissions.declare import Permission
from switchroom.permissions.model import Authority, Binding, Row, Scope, Statement

KINDS = {"own", "team", "clients", "customer", "project"}


def naive_allows(
    authority: Authority, catalog: Catalog, permission: Permission, row: Row, now: float
) -> bool:
    """Whether some allow matches, no deny does, and nothing else stands against it."""
    if not is_possible(authority, catalog, permission):
        return False
    is_allowed = False
    for binding, statement in live_statements(authority, now):
        scope = effective(binding.scope, statement)
        if statement.effect == "allow":
            if (
                scope is not None
                and grants(statement.pattern, permission, catalog)
                and allow_matches(scope, authority, catalog, permission, row)
            ):
                is_allowed = True
        elif denies(statement.pattern, permission, catalog) and deny_matches(scope, authority, row):
            return False
    return is_allowed and not any(
        denies(one.pattern, permission, catalog)
        and deny_matches(one.scope if known(one.scope) else None, authority, row)
        for one in authority.restrictions
    )


def is_possible(authority: Authority, catalog: Catalog, permission: Permission) -> bool:
    """Whether anything of it can be allowed, whatever the roles say."""
    if authority.is_disabled or not authority.principal_id or not authority.customer_id:
        return False
    if authority.is_frozen and permission.verb not in ("list", "get"):
        return False
    return all(
        ceiling is None or any(grants(pattern, permission, catalog) for pattern in ceiling)
        for ceiling in (authority.plan, authority.token)
    )


def live_statements(authority: Authority, now: float) -> Iterable[tuple[Binding, Statement]]:
    for binding in authority.bindings:
        begun = binding.not_before is None or now >= binding.not_before
        ended = binding.expires_at is not None and now >= binding.expires_at
        if begun and not ended:
            for statement in binding.role.statements:
                yield binding, statement


def known(scope: Scope) -> bool:
    return scope.kind in KINDS and (scope.kind != "clients" or bool(scope.client_ids - {""}))


def effective(bound: Scope, statement: Statement) -> Scope | None:
    if not known(bound):
        return None
    if statement.scope is None:
        return bound
    return Scope(statement.scope) if statement.scope in ("own", "team") else None


def names(pattern: str, permission: Permission, catalog: Catalog) -> bool:
    pattern = {alias.name: alias.now for alias in catalog.aliases}.get(pattern, pattern)
    if pattern.count(":") != 1:
        return False
    resource, verb = pattern.split(":")
    verbs = ("list", "get") if verb == "read" else (verb,)
    return resource in ("*", permission.resource) and (verb == "*" or permission.verb in verbs)


def grants(pattern: str, permission: Permission, catalog: Catalog) -> bool:
    if permission.is_sensitive and ("*" in pattern or pattern.endswith(":read")):
        return False
    return names(pattern, permission, catalog)


def denies(pattern: str, permission: Permission, catalog: Catalog) -> bool:
    if not any(names(pattern, one, catalog) for one in catalog.permissions):
        return True
    return names(pattern, permission, catalog)


def allow_matches(
    scope: Scope, authority: Authority, catalog: Catalog, permission: Permission, row: Row
) -> bool:
    resource = catalog.resource(permission.resource)
    if scope.kind == "project":
        return resource.is_platform
    if row.customer_id != authority.customer_id or not resource.is_within_customers:
        return False
    return scope.kind == "customer" or attributes_match(scope, authority, row)


def deny_matches(scope: Scope | None, authority: Authority, row: Row) -> bool:
    if scope is None or scope.kind in ("customer", "project"):
        return True
    return row.customer_id == authority.customer_id and attributes_match(scope, authority, row)


def attributes_match(scope: Scope, authority: Authority, row: Row) -> bool:
    if scope.kind == "clients":
        return bool(row.client_id) and row.client_id in scope.client_ids
    is_own = authority.principal_id in row.owner_ids
    return is_own or (scope.kind == "team" and bool(row.tag_ids & authority.tag_ids))
