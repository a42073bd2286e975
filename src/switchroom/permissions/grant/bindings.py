"""Who may give and take roles, and put on and lift restrictions."""

from collections.abc import Iterable, Iterator
from functools import reduce
from operator import or_

from switchroom.permissions.grant import guards
from switchroom.permissions.grant.asker import Asker, Refusal
from switchroom.permissions.lines import has_ended, lines_of_restrictions, lines_of_role
from switchroom.permissions.model import Authority, Binding, Restriction, Role, Scope


def bind(asker: Asker, target: Authority, role: Role, scope: Scope) -> Refusal | None:
    """May he give somebody this role, as far as this?"""
    return (
        guards.scope_is_known(scope)
        or guards.is_of_the_platform(asker, scope)
        or guards.holds_what_it_allows(asker, role, scope)
        or guards.may_deny(asker, _sum(_denies(asker, role, scope).values()), target)
    )


def unbind(asker: Asker, target: Authority, binding: Binding) -> Refusal | None:
    """May he take this role from somebody?"""
    denies = _sum(_denies(asker, binding.role, binding.scope).values())
    return guards.may_cut(asker, target) or guards.holds_what_is_no_longer_denied(
        asker, denies, target
    )


def restrict(asker: Asker, target: Authority, restriction: Restriction) -> Refusal | None:
    """May he deny somebody this?"""
    return guards.scope_is_known(restriction.scope) or guards.may_deny(
        asker, _restricted(asker, restriction), target
    )


def lift(asker: Asker, target: Authority, restriction: Restriction) -> Refusal | None:
    """May he lift this restriction?"""
    return guards.holds_what_is_no_longer_denied(asker, _restricted(asker, restriction), target)


def create_role(asker: Asker, role: Role) -> Refusal | None:
    """May he make this role for the customer?"""
    return guards.is_custom(role) or guards.holds_what_it_allows(asker, role, Scope("customer"))


def edit_role(
    asker: Asker, before: Role, after: Role, holders: Iterable[Authority]
) -> Refusal | None:
    """May he change this role, for all who hold it?

    Args:
        asker: Who wants to.
        before: The role as it is.
        after: The role as it would be.
        holders: The authority, as it is, of everybody it is bound to, now or later.
    """
    refusal = guards.is_custom(before)
    for scope in {Scope("customer"), *(s for _, s in _held(asker, before, holders))}:
        refusal = refusal or guards.holds_what_it_allows(asker, before, scope)
        refusal = refusal or guards.holds_what_it_allows(asker, after, scope)
    for holder, scope in _held(asker, before, holders):
        was, will_be = _denies(asker, before, scope), _denies(asker, after, scope)
        refusal = (
            refusal
            or guards.may_deny(asker, _surplus(will_be, was), holder)
            or guards.holds_what_is_no_longer_denied(asker, _surplus(was, will_be), holder)
        )
    return refusal


def delete_role(asker: Asker, role: Role, holders: Iterable[Authority]) -> Refusal | None:
    """May he take this role from all who hold it, and from the customer?"""
    refusal = guards.is_custom(role)
    for holder, scope in _held(asker, role, holders):
        refusal = refusal or unbind(asker, holder, Binding("", role, scope))
    return refusal or guards.holds_what_it_allows(asker, role, Scope("customer"))


def _held(
    asker: Asker, role: Role, holders: Iterable[Authority]
) -> Iterator[tuple[Authority, Scope]]:
    for holder in holders:
        for binding in holder.bindings:
            if binding.role.id == role.id and not has_ended(binding, asker.now):
                yield holder, binding.scope


def _denies(asker: Asker, role: Role, scope: Scope) -> dict[Scope, int]:
    """What a role that is bound so denies, by scope.

    Also what no row of this customer has the attribute for: staff are denied it where they switch.
    """
    found: dict[Scope, int] = {}
    for line in lines_of_role(role, scope, asker.catalog):
        if line.effect == "deny":
            found[line.scope] = found.get(line.scope, 0) | line.mask
    return found


def _surplus(denies: dict[Scope, int], others: dict[Scope, int]) -> int:
    """What is denied farther by the one than by the other, compared scope by scope."""
    return _sum(mask & ~others.get(scope, 0) for scope, mask in denies.items())


def _sum(masks: Iterable[int]) -> int:
    return reduce(or_, masks, 0)


def _restricted(asker: Asker, restriction: Restriction) -> int:
    return _sum(line.mask for line in lines_of_restrictions((restriction,), asker.catalog))
