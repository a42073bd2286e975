"""What authority is made of: roles, bindings, restrictions, ceilings, and rows they apply to."""

from typing import Literal, TypeAlias

from msgspec import Struct

from switchroom.foundation.events import UtcSeconds
from switchroom.permissions.declare import FixedScope

ScopeKind: TypeAlias = Literal["own", "team", "clients", "customer", "project"]
Effect: TypeAlias = Literal["allow", "deny"]


class Scope(Struct, frozen=True):
    """How far a grant reaches."""

    kind: ScopeKind
    client_ids: frozenset[str] = frozenset()
    "Only of the kind ``clients``, and never empty there."


class Row(Struct, frozen=True):
    """The scope attributes of one thing; what it has none of stays empty and never matches."""

    customer_id: str
    "Empty: it belongs to the platform."
    owner_ids: frozenset[str] = frozenset()
    "Agents whose own it is; a call may have two."
    tag_ids: frozenset[str] = frozenset()
    client_id: str = ""


class Statement(Struct, frozen=True):
    """One line of a role."""

    effect: Effect
    pattern: str
    "``calls:hangup``, ``calls:*``, ``*:read``; kept as it was written."
    scope: FixedScope | None = None
    "``None``: as far as the role is bound; else only so far, however it is bound."


class Role(Struct, frozen=True):
    """A named list of statements; a built-in one belongs to no customer and never changes."""

    id: str
    name: str
    statements: tuple[Statement, ...]
    customer_id: str = ""
    text: str = ""


class Binding(Struct, frozen=True):
    """A role that somebody holds in one customer, as far as ``scope``, from when until when."""

    id: str
    role: Role
    scope: Scope
    not_before: UtcSeconds | None = None
    expires_at: UtcSeconds | None = None


class Restriction(Struct, frozen=True):
    """A direct deny; it wins over every role."""

    id: str
    pattern: str
    scope: Scope


class Authority(Struct, frozen=True):
    """Everything that decides what one principal may do in one customer, as it is stored."""

    principal_id: str
    customer_id: str
    tag_ids: frozenset[str] = frozenset()
    "The agent's tags in this customer: his teams."
    bindings: tuple[Binding, ...] = ()
    restrictions: tuple[Restriction, ...] = ()
    plan: tuple[str, ...] | None = None
    "Patterns of what the customer bought; ``None``: no ceiling."
    token: tuple[str, ...] | None = None
    "Patterns of an access key's ceiling; ``None``: no ceiling."
    is_disabled: bool = False
    "The agent, the key's owner or the membership is disabled: nothing is allowed."
    is_frozen: bool = False
    "The customer is frozen: only reading is allowed."
