"""The single conditions that every change of authority is made of. ``None``: this one is met."""

from collections.abc import Iterable

from switchroom.permissions.compile import plan_of
from switchroom.permissions.grant.asker import Asker, Refusal, refuse
from switchroom.permissions.grant.holding import lacks_of_holder, lacks_of_reach
from switchroom.permissions.grant.potential import potential, undenied
from switchroom.permissions.lines import (
    Line,
    has_ended,
    is_known,
    lines_of_binding,
    lines_of_restrictions,
    lines_of_role,
)
from switchroom.permissions.model import Authority, Role, Scope
from switchroom.permissions.reach import Reach
from switchroom.permissions.roles import is_builtin


def scope_is_known(scope: Scope) -> Refusal | None:
    """E2: nothing is bound at a scope that this version cannot tell the meaning of."""
    if is_known(scope):
        return None
    return Refusal("E2", f"the scope {scope.kind[:20]} is not known, or names no client")


def is_of_the_platform(asker: Asker, scope: Scope) -> Refusal | None:
    """E2: the platform is given by who holds something of it, even what comes to nothing today."""
    if scope.kind != "project" or asker.compiled.beyond:
        return None
    return Refusal("E2", f"{asker.name} holds nothing beyond one customer")


def holds_what_it_allows(asker: Asker, role: Role, scope: Scope) -> Refusal | None:
    """E1 and E2: nobody grants what he does not hold himself, as far as he grants it."""
    allows = Reach(lines_of_role(role, scope, asker.catalog), "allow", asker.catalog)
    missing = lacks_of_reach(asker, allows)
    return refuse(asker, "E1", missing, f"so the role {role.name} is not his to give or change")


def dominates(asker: Asker, targets: Iterable[Authority]) -> Refusal | None:
    """E5: whoever takes over, disables or cuts somebody's account holds all that it can do.

    An account is taken over in every customer that it serves, so each of its authorities is asked.
    """
    for target in targets:
        most = potential(target, asker.catalog, asker.now)
        missing = lacks_of_holder(asker, most, asker.catalog.all)
        if missing:
            return refuse(asker, "E5", missing, f"{target.principal_id} can do more than he can")
    return None


def may_deny(asker: Asker, denies: int, target: Authority) -> Refusal | None:
    """E5: only who could do all that somebody can may deny him something. Oneself always."""
    if not denies or target.principal_id == asker.compiled.principal_id:
        return None
    return dominates(asker, (target,))


def may_cut(asker: Asker, target: Authority) -> Refusal | None:
    """E5, for taking a role away. Everybody may give up his own."""
    if target.principal_id == asker.compiled.principal_id:
        return None
    return dominates(asker, (target,))


def holds_what_is_no_longer_denied(asker: Asker, denies: int, target: Authority) -> Refusal | None:
    """E3: to take a deny off somebody is to grant him what he may do without it."""
    gained = undenied(target, asker.catalog, asker.now)
    missing = lacks_of_holder(asker, gained, denies)
    return refuse(asker, "E3", missing, f"to take a deny off {target.principal_id} would grant it")


def is_custom(role: Role) -> Refusal | None:
    """E4: built-in roles are the same for everybody and belong to nobody."""
    if not is_builtin(role.id):
        return None
    return Refusal("E4", f"the role {role.name} is built in: it can be copied, not changed")


def holds_what_the_team_decides(asker: Asker, target: Authority) -> Refusal | None:
    """E6: tags decide what team scopes mean, so they grant and deny as much as these do."""
    team = [line for line in _lines(asker, target) if line.scope.kind == "team"]
    allows = Reach(team, "allow", asker.catalog).tagged & plan_of(target, asker.catalog)
    denies = Reach(team, "deny", asker.catalog).tagged
    missing = lacks_of_holder(asker, undenied(target, asker.catalog, asker.now), allows | denies)
    return refuse(asker, "E6", missing, f"the tags of {target.principal_id} decide about it")


def holds_for_the_customer(asker: Asker, permission: str) -> Refusal | None:
    """E6: what moves a row into or out of somebody's reach takes the whole customer."""
    missing = asker.catalog.bit(permission) & ~asker.compiled.full & ~asker.compiled.project
    return refuse(asker, "E6", missing, "moving it to other people takes the whole customer")


def _lines(asker: Asker, target: Authority) -> Iterable[Line]:
    for binding in target.bindings:
        if not has_ended(binding, asker.now):
            yield from lines_of_binding(binding, asker.catalog)
    yield from lines_of_restrictions(target.restrictions, asker.catalog)
