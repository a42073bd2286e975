"""How a feature declares its permissions: one ``permissions.py`` in its package, found by its name.

It exports ``FEATURE``. A resource has verbs; ``resource:verb`` is a permission. A built-in role is
the sum of the grants that all features contribute to it.
"""

from typing import Literal, TypeAlias

from msgspec import Struct

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
