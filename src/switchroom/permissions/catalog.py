"""The closed catalogue: every permission there is, and which of them a pattern names.

A permission has a bit here. Bits are given anew in every process: store names, never bits.
"""

from collections.abc import Callable, Iterable, Iterator
from difflib import get_close_matches
from typing import Final, get_args

from switchroom.foundation.errors import SwitchroomError
from switchroom.permissions.declare import (
    Alias,
    Attribute,
    Feature,
    Permission,
    Resource,
    aliases_of,
    permissions_of,
    resources_of,
)

READING: Final = ("list", "get")
"The verbs that ``resource:read`` stands for, and all that is left to a frozen customer."

LONGEST_PATTERN: Final = 128
"Characters of a pattern; a longer one is unknown."


class UnknownPatternError(SwitchroomError):
    """A permission that does not exist, or a pattern that names none."""

    code = "unknown_permission"

    def __init__(self, pattern: str, near: tuple[str, ...], reason: str) -> None:
        hint = f"; did you mean {' or '.join(near)}?" if near else ""
        super().__init__(f"{pattern[:LONGEST_PATTERN]!r} {reason}{hint}")
        self.pattern = pattern
        self.near = near


class Catalog:
    """All permissions of all features. A mask is a sum of bits."""

    def __init__(self, features: Iterable[Feature]) -> None:
        """Raises ``ValueError`` for a declaration that contradicts itself or another one."""
        self.features: Final = tuple(features)
        self._resources = resources_of(self.features)
        self._permissions = permissions_of(self._resources.values())
        self._aliases = aliases_of(self.features, self._permissions)
        self._bits = {name: 1 << place for place, name in enumerate(sorted(self._permissions))}
        self._names = {bit: name for name, bit in self._bits.items()}
        self._grants: dict[str, int] = {}
        self._denies: dict[str, int] = {}
        self.all: Final = (1 << len(self._bits)) - 1
        self.sensitive: Final = self._mask(lambda permission, _: permission.is_sensitive)
        self.reading: Final = self._mask(lambda permission, _: permission.verb in READING)
        self.platform: Final = self._mask(lambda _, resource: resource.is_platform)
        "What the scope ``project`` reaches."
        self.within_customers: Final = self._mask(lambda _, resource: resource.is_within_customers)
        "What the scopes inside one customer reach."
        self._reached = {attribute: self._with(attribute) for attribute in get_args(Attribute)}

    @property
    def resources(self) -> tuple[Resource, ...]:
        """All of them, by name."""
        return tuple(self._resources[name] for name in sorted(self._resources))

    @property
    def permissions(self) -> tuple[Permission, ...]:
        """All of them, by name."""
        return tuple(self._permissions[name] for name in sorted(self._permissions))

    @property
    def aliases(self) -> tuple[Alias, ...]:
        """Former names, by name."""
        return tuple(self._aliases[name] for name in sorted(self._aliases))

    def bit(self, permission: Permission | str) -> int:
        """The bit of one permission, by itself or by its name.

        Raises:
            UnknownPatternError: There is none of this name.
        """
        name = permission if isinstance(permission, str) else permission.name
        alias = self._aliases.get(name)
        bit = self._bits.get(name if alias is None else alias.now)
        if bit is None and ":" in name and is_wild(name):
            near = self.names(self._matching(name))[:3]
            raise UnknownPatternError(name, near, "is a pattern, and one permission is wanted here")
        if bit is None:
            raise self._unknown(name, "is not a permission")
        return bit

    def permission(self, name: str) -> Permission:
        """The permission of this name, or of this former name.

        Raises:
            UnknownPatternError: There is none.
        """
        return self._permissions[self._names[self.bit(name)]]

    def resource(self, name: str) -> Resource:
        """The resource of this name.

        Raises:
            UnknownPatternError: There is none.
        """
        resource = self._resources.get(name)
        if resource is None:
            raise self._unknown(name, "is not a resource")
        return resource

    def names(self, mask: int) -> tuple[str, ...]:
        """The names of the bits in ``mask``, in order."""
        return tuple(self._names[bit] for bit in bits(mask & self.all))

    def expand(self, pattern: str) -> int:
        """What a pattern grants. A sensitive permission is granted by its own name alone.

        Raises:
            UnknownPatternError: It names nothing, or sensitive permissions only.
        """
        mask = self._grants.get(pattern)
        if mask is not None:
            return mask
        named = self.expand_deny(pattern)
        mask = named & ~self.sensitive if is_wild(pattern) else named
        if not mask:
            near = self.names(named)[:3]
            raise UnknownPatternError(pattern, near, "covers sensitive permissions only: name them")
        self._grants[pattern] = mask
        return mask

    def expand_deny(self, pattern: str) -> int:
        """What a pattern denies: sensitive permissions as well.

        Raises:
            UnknownPatternError: It names nothing.
        """
        mask = self._denies.get(pattern)
        if mask is None:
            mask = self._denies[pattern] = self._matching(pattern)
        return mask

    def reached(self, attribute: Attribute) -> int:
        """The permissions whose rows have this scope attribute."""
        return self._reached[attribute]

    def _with(self, attribute: Attribute) -> int:
        return self._mask(lambda _, resource: attribute in resource.attributes)

    def _matching(self, pattern: str) -> int:
        if len(pattern) > LONGEST_PATTERN or pattern.count(":") != 1:
            raise self._unknown(pattern, "is not of the form resource:verb")
        if not is_wild(pattern):
            return self.bit(pattern)
        name, verb = pattern.split(":")
        verbs = READING if verb == "read" else (verb,)
        mask = self._mask(
            lambda permission, resource: (
                name in ("*", resource.name) and (verb == "*" or permission.verb in verbs)
            )
        )
        if not mask:
            raise self._unknown(pattern, "names no permission")
        return mask

    def _mask(self, chosen: Callable[[Permission, Resource], bool]) -> int:
        return sum(
            bit
            for name, bit in self._bits.items()
            if chosen(permission := self._permissions[name], self._resources[permission.resource])
        )

    def _unknown(self, text: str, reason: str) -> UnknownPatternError:
        known = [*self._bits, *self._resources, *(f"{name}:*" for name in self._resources)]
        near = get_close_matches(text[:LONGEST_PATTERN], known, n=3)
        return UnknownPatternError(text, tuple(near), reason)


def is_wild(pattern: str) -> bool:
    """Whether this stands for what matches it, and not for one permission by its name."""
    return "*" in pattern or pattern.endswith(":read")


def bits(mask: int) -> Iterator[int]:
    """The single bits of a mask, lowest first."""
    while mask:
        lowest = mask & -mask
        yield lowest
        mask ^= lowest
