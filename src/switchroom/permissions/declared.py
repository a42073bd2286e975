"""What features declare, put together and checked: a contradiction stops the start."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from switchroom.permissions.declare import Alias, Feature, Permission, Resource

RESERVED_VERBS: Final = frozenset({"read"})
"Stands for several verbs in patterns."

_WORD = re.compile(r"[a-z][a-z0-9_]*\Z")


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
