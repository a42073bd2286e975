"""The same authority as policies of Cedar, decided by Cedar's own engine."""

import json
from collections.abc import Iterable, Sequence

import cedarpy

from fakes.naive_permissions import denies, effective, grants, known, live_statements
from fakes.permission_worlds import Thing
from switchroom.permissions.catalog import Catalog
from switchroom.permissions.declare import Permission
from switchroom.permissions.model import Authority, Scope


def cedar_allows(
    authority: Authority, catalog: Catalog, asked: Sequence[tuple[Permission, Thing]], now: float
) -> list[bool]:
    """Cedar's decision about each; fails if Cedar finds a fault in policies or requests."""
    schema = _schema(catalog)
    policies = "\n".join(_policies(authority, catalog, now))
    checked = cedarpy.validate_policies(policies, schema)
    assert checked.validation_passed, checked.errors
    agent = {"type": "Agent", "id": authority.principal_id}
    entities = [{"uid": agent, "attrs": {"tags": sorted(authority.tag_ids)}, "parents": []}]
    for permission, thing in {(p.name, t.id): (p, t) for p, t in asked}.values():
        entities.append(_entity(permission, thing, catalog))
    requests = [
        {
            "principal": agent,
            "action": {"type": "Action", "id": permission.name},
            "resource": {"type": "Thing", "id": f"{permission.name} {thing.id}"},
        }
        for permission, thing in asked
    ]
    results = cedarpy.is_authorized_batch(requests, policies, json.dumps(entities), schema)
    # A forbid that errors is skipped: without this, Cedar would say Allow where it should not.
    assert not any(result.diagnostics.errors for result in results)
    return [result.allowed for result in results]


def _schema(catalog: Catalog) -> str:
    actions = ", ".join(json.dumps(permission.name) for permission in catalog.permissions)
    return f"""
        entity Agent {{ tags: Set<String> }};
        entity Thing {{
            customer: String, owners: Set<String>, tags: Set<String>, client?: String
        }};
        action {actions} appliesTo {{ principal: Agent, resource: Thing }};
    """


def _entity(permission: Permission, thing: Thing, catalog: Catalog) -> dict[str, object]:
    row = thing.row(permission, catalog)
    attributes: dict[str, object] = {
        "customer": row.customer_id,
        "owners": sorted(row.owner_ids),
        "tags": sorted(row.tag_ids),
    }
    if row.client_id:
        attributes["client"] = row.client_id
    uid = {"type": "Thing", "id": f"{permission.name} {thing.id}"}
    return {"uid": uid, "attrs": attributes, "parents": []}


def _policies(authority: Authority, catalog: Catalog, now: float) -> Iterable[str]:
    everything = catalog.permissions
    if authority.is_disabled:
        yield "forbid (principal, action, resource);"
    if authority.is_frozen:
        yield from _rule("forbid", [p for p in everything if p.verb not in ("list", "get")])
    for ceiling in (authority.plan, authority.token):
        if ceiling is not None:
            yield from _rule(
                "forbid",
                [p for p in everything if not any(grants(one, p, catalog) for one in ceiling)],
            )
    for binding, statement in live_statements(authority, now):
        scope = effective(binding.scope, statement)
        if statement.effect == "allow":
            chosen = [p for p in everything if grants(statement.pattern, p, catalog)]
            yield from _permits(scope, chosen, authority, catalog)
        else:
            yield from _forbids(scope, statement.pattern, authority, catalog)
    for restriction in authority.restrictions:
        scope = restriction.scope if known(restriction.scope) else None
        yield from _forbids(scope, restriction.pattern, authority, catalog)


def _permits(
    scope: Scope | None, chosen: list[Permission], authority: Authority, catalog: Catalog
) -> Iterable[str]:
    if scope is None:
        return
    if scope.kind == "project":
        yield from _rule("permit", [p for p in chosen if catalog.resource(p.resource).is_platform])
        return
    within = [p for p in chosen if catalog.resource(p.resource).is_within_customers]
    yield from _rule("permit", within, _matches(scope, authority))


def _forbids(
    scope: Scope | None, pattern: str, authority: Authority, catalog: Catalog
) -> Iterable[str]:
    chosen = [p for p in catalog.permissions if denies(pattern, p, catalog)]
    if scope is None or scope.kind in ("customer", "project"):
        yield from _rule("forbid", chosen)
    else:
        yield from _rule("forbid", chosen, _matches(scope, authority))


def _matches(scope: Scope, authority: Authority) -> str:
    own = f"resource.owners.contains({json.dumps(authority.principal_id)})"
    tagged = "resource.tags.containsAny(principal.tags)"
    clients = json.dumps(sorted(scope.client_ids))
    arms = {
        "own": own,
        "team": f"({own} || {tagged})",
        "clients": f"(resource has client && {clients}.contains(resource.client))",
        "customer": "true",
    }
    return f"resource.customer == {json.dumps(authority.customer_id)} && {arms[scope.kind]}"


def _rule(effect: str, chosen: list[Permission], condition: str = "true") -> Iterable[str]:
    if chosen:
        actions = ", ".join(f"Action::{json.dumps(permission.name)}" for permission in chosen)
        yield f"{effect} (principal, action in [{actions}], resource) when {{ {condition} }};"
