"""How a feature declares its permissions: one ``permissions.py`` in its package, found by its name.

It exports ``FEATURE``. A resource has verbs; ``resource:verb`` is a permission. A built-in role is
the sum of the grants that all features contribute to it.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Final, Literal, TypeAlias

from msgspec import Struct

RESERVED_VERBS: Final = frozenset({"read"})
"Stands for several verbs in patterns."

_WORD = re.compile(r"[a-z][a-z0-9_]*\Z")

Attribute: TypeAlias = Literal["owner", "tags", "client"]
"What a row may say about itself beside its customer; the scopes own, team and clients read it."

FixedScope: TypeAlias = Literal["own", "team"]


class Permission(Struct, frozen=True):
    """One thing that may be done to one kind of resource."""

    resource: str
    verb: str
    text: str
    "What it allows, for people."
    is_sensitive: bool = False
    "Never matched by a pattern; a role must name it."

    @property
    def name(self) -> str:
        """``calls:hangup``, the same in roles, routes, documents and refusals."""
        return f"{self.resource}:{self.verb}"


class Resource:
    """A kind of thing with all that may be done to it."""

    __slots__ = ("attributes", "is_platform", "is_within_customers", "name", "permissions")

    def __init__(
        self,
        name: str,
        *,
        attributes: tuple[Attribute, ...] = (),
        is_platform: bool = False,
        is_within_customers: bool = True,
    ) -> None:
        """Args:
        is_platform: May be granted at the scope ``project``, beyond one customer.
        is_within_customers: Its rows belong to customers. ``False``: only ``project`` reaches it.
        """
        self.name = name
        self.attributes = frozenset(attributes)
        self.is_platform = is_platform
        self.is_within_customers = is_within_customers
        self.permissions: list[Permission] = []

    def may(self, verb: str, text: str, *, sensitive: bool = False) -> Permission:
        """Declare one permission."""
        permission = Permission(self.name, verb, text, sensitive)
        self.permissions.append(permission)
        return permission


class Grant(Struct, frozen=True):
    """What a feature adds to a built-in role."""

    role: str
    patterns: tuple[str, ...]
    scope: FixedScope | None = None
    "``None``: as far as the role is bound; else only so far, however it is bound."


class Alias(Struct, frozen=True):
    """A permission's former name: roles that were written with it go on to work."""

    name: str
    now: str
    "The name that it has today."
    deprecated_at: str
    "Version since which the former name is no longer to be used."


class Feature(Struct, frozen=True):
    """Everything that one package contributes to the catalogue and to the built-in roles."""

    resources: tuple[Resource, ...]
    grants: tuple[Grant, ...] = ()
    aliases: tuple[Alias, ...] = ()


def resources_of(features: Iterable[Feature]) -> dict[str, Resource]:
    """All resources by name.

    Raises:
        ValueError: Two have the same name, or one contradicts itself.
    """
    found: dict[str, Resource] = {}
    for resource in (resource for feature in features for resource in feature.resources):
        if resource.name in found:
            raise ValueError(f"the resource {resource.name} is declared twice")
        if not _WORD.match(resource.name):
            raise ValueError(f"{resource.name!r} cannot be the name of a resource")
        if resource.is_platform and resource.attributes:
            # The scope project means every row; a row of the platform has no owner to ask for.
            raise ValueError(f"{resource.name} is of the platform and has scope attributes")
        if not resource.is_platform and not resource.is_within_customers:
            raise ValueError(f"no scope reaches {resource.name}")
        found[resource.name] = resource
    return found


def permissions_of(resources: Iterable[Resource]) -> dict[str, Permission]:
    """All permissions by name.

    Raises:
        ValueError: One is declared twice, is another resource's, or has a verb that cannot be.
    """
    found: dict[str, Permission] = {}
    for resource, permission in ((r, p) for r in resources for p in r.permissions):
        if permission.name in found:
            raise ValueError(f"{permission.name} is declared twice")
        if permission.resource != resource.name:
            raise ValueError(f"{permission.name} is declared by {resource.name}")
        if not _WORD.match(permission.verb) or permission.verb in RESERVED_VERBS:
            raise ValueError(f"{permission.verb!r} cannot be a verb of {resource.name}")
        found[permission.name] = permission
    return found


def aliases_of(
    features: Iterable[Feature], permissions: Mapping[str, Permission]
) -> dict[str, Alias]:
    """Former names by name.

    Raises:
        ValueError: One is still, or again, a permission, or what it stands for is none.
    """
    found: dict[str, Alias] = {}
    for alias in (alias for feature in features for alias in feature.aliases):
        if alias.name in permissions or alias.name in found:
            raise ValueError(f"the former name {alias.name} is taken")
        if alias.now not in permissions:
            raise ValueError(f"{alias.name} stands for {alias.now}, which is no permission")
        found[alias.name] = alias
    return found
