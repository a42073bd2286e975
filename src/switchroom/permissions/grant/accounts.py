"""Who may touch somebody's account, tags and keys, and refer to what belongs to others."""

from collections.abc import Iterable
from typing import Final

from switchroom.foundation.events import UtcSeconds
from switchroom.permissions.catalog import is_wild
from switchroom.permissions.check import allows
from switchroom.permissions.declare import Permission
from switchroom.permissions.grant import guards
from switchroom.permissions.grant.asker import Asker, Refusal, refuse
from switchroom.permissions.grant.holding import lacks_of_holder
from switchroom.permissions.grant.potential import potential
from switchroom.permissions.lines import has_begun
from switchroom.permissions.model import Authority, Row

RECENT_S: Final = 15 * 60.0
"How long a second factor that was shown is good for, in seconds."

IDENTITY: Final = frozenset(
    {
        "agents",
        "roles",
        "restrictions",
        "accesskeys",
        "auth_settings",
        "customers",
        "clients",
        "memberships",
    }
)
"Resources whose sensitive permissions ask people for a recent second factor."

OWNER_ROLE: Final = "builtin:owner"


def dominate(asker: Asker, targets: Iterable[Authority]) -> Refusal | None:
    """May he set somebody's password, take away his second factor or login name, or delete him?

    Args:
        asker: Who wants to.
        targets: The account's authority in every customer that it serves.
    """
    return guards.dominates(asker, targets)


def set_tags(asker: Asker, target: Authority) -> Refusal | None:
    """May he say which teams somebody is in?"""
    return guards.holds_for_the_customer(
        asker, "agents:set_tags"
    ) or guards.holds_what_the_team_decides(asker, target)


def move(asker: Asker, permission: Permission | str) -> Refusal | None:
    """May he change a row's owner, tags or client? ``permission`` is that of the change."""
    name = permission if isinstance(permission, str) else permission.name
    return guards.holds_for_the_customer(asker, name)


def issue_key(asker: Asker, owner: Authority, ceiling: Iterable[str]) -> Refusal | None:
    """May he make a key that acts for ``owner``, or learn the new secret of one?

    Raises:
        UnknownPatternError: The ceiling names what does not exist.
    """
    patterns = tuple(ceiling)
    return (
        key_is_within_its_owner(asker, owner, patterns)
        or key_is_within_the_asking_key(asker, patterns)
        or key_of_another_is_dominated(asker, owner, patterns)
    )


def key_is_within_its_owner(
    asker: Asker, owner: Authority, patterns: tuple[str, ...]
) -> Refusal | None:
    """E7: a ceiling names nothing that its owner does not hold."""
    held = potential(owner, asker.catalog, asker.now).held
    missing = 0
    for pattern in patterns:
        named = asker.catalog.expand(pattern)
        if not named & held or not is_wild(pattern):
            missing |= named & ~held
    if not missing:
        return None
    names = asker.catalog.names(missing)
    shown = ", ".join(names[:3])
    return Refusal("E7", f"{owner.principal_id}, whose key it is, does not hold {shown}", names)


def key_is_within_the_asking_key(asker: Asker, patterns: tuple[str, ...]) -> Refusal | None:
    """E7: a key makes no key that may more than itself, even if their owner does."""
    wanted = _mask(asker, patterns)
    return refuse(asker, "E7", wanted & ~asker.compiled.token, "the asking key is narrower")


def key_of_another_is_dominated(
    asker: Asker, owner: Authority, patterns: tuple[str, ...]
) -> Refusal | None:
    """E5 and E7: with a key of somebody else one can do what it can."""
    if owner.principal_id == asker.compiled.principal_id:
        return None
    most = potential(owner, asker.catalog, asker.now)
    missing = lacks_of_holder(asker, most, _mask(asker, patterns))
    return refuse(asker, "E7", missing, f"a key of {owner.principal_id} would give it to him")


def second_factor(
    asker: Asker, permission: Permission, shown_at: UtcSeconds | None
) -> Refusal | None:
    """E11: must a person show the second factor again before this? Not asked of keys.

    Args:
        asker: Who wants to.
        permission: What he wants to do.
        shown_at: When he last showed it in this session; ``None``: never.
    """
    if not permission.is_sensitive or permission.resource not in IDENTITY:
        return None
    if shown_at is not None and asker.now - RECENT_S < shown_at <= asker.now:
        return None
    return Refusal("E11", f"{permission.name} asks for the second factor again")


def refer(asker: Asker, resource: str, row: Row) -> Refusal | None:
    """May he lead something to this row? Takes the resource's ``use``, or else its ``get``. E9."""
    verbs = {permission.verb for permission in asker.catalog.resource(resource).permissions}
    name = f"{resource}:{'use' if 'use' in verbs else 'get'}"
    bit = asker.catalog.bit(name)
    if allows(asker.compiled, bit, row):
        return None
    return refuse(asker, "E9", bit, "it cannot be referred to")


def is_owner(authority: Authority, now: UtcSeconds) -> bool:
    """Whether this is somebody who owns the whole customer, now and without an end."""
    return not authority.is_disabled and any(
        binding.role.id == OWNER_ROLE
        and binding.scope.kind == "customer"
        and binding.expires_at is None
        and has_begun(binding, now)
        for binding in authority.bindings
    )


def last_owner(asker: Asker, left: Iterable[Authority]) -> Refusal | None:
    """E5: a customer keeps an owner. ``left`` is what would be left of those who own it."""
    if any(is_owner(authority, asker.now) for authority in left):
        return None
    return Refusal("E5", "a customer would be left without an owner: name another one first")


def _mask(asker: Asker, patterns: tuple[str, ...]) -> int:
    mask = 0
    for pattern in patterns:
        mask |= asker.catalog.expand(pattern)
    return mask
