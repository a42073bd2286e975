"""Built-in roles: the sum of what features grant them. They never change while a node runs."""

from collections.abc import Iterable, Mapping
from typing import Final

from msgspec import Struct

from switchroom.permissions.catalog import Catalog
from switchroom.permissions.declare import Grant
from switchroom.permissions.model import Role, Statement

PREFIX: Final = "builtin:"
"Begins the id of every built-in role, and of no other."

TEXTS: Final = {
    "platform_owner": "Runs the platform: everything, for every customer",
    "platform_support": "Helps customers: sees everything, may switch into a customer",
    "owner": "Owns the customer: everything in it",
    "admin": "Administers the customer: everything but what only its owner should do",
    "supervisor": "Leads a team or looks after a client: watches and ends its calls",
    "agent": "Takes and makes calls, and looks after himself",
    "agent_readonly": "Sees what an agent sees, and changes nothing",
    "analyst": "Reads figures and who works when",
    "integrator": "Connects other programs: events, and access keys of its own",
    "auditor": "Sees configuration and the audit log, and asks who may do what",
}
"What each built-in role is for, for people. A grant to any other name is a mistake."


class Access(Struct, frozen=True):
    """What every decision of this version is made with."""

    catalog: Catalog
    builtin: Mapping[str, Role]
    "The built-in roles by id: ``builtin:agent``."


def builtin_roles(catalog: Catalog) -> tuple[Role, ...]:
    """All of them that have anything today, in the order of ``TEXTS``.

    Raises:
        ValueError: A feature grants to a role that does not exist.
        UnknownPatternError: A feature grants what does not exist.
    """
    grants = [grant for feature in catalog.features for grant in feature.grants]
    for grant in grants:
        if grant.role not in TEXTS:
            raise ValueError(f"there is no built-in role {grant.role}")
        for pattern in grant.patterns:
            catalog.expand(pattern)
    roles = (_role(name, (g for g in grants if g.role == name)) for name in TEXTS)
    return tuple(role for role in roles if role.statements)


def is_builtin(role_id: str) -> bool:
    """Whether this is the id of a built-in role."""
    return role_id.startswith(PREFIX)


def _role(name: str, grants: Iterable[Grant]) -> Role:
    lines = {(pattern, grant.scope): None for grant in grants for pattern in grant.patterns}
    statements = tuple(Statement("allow", pattern, scope) for pattern, scope in lines)
    return Role(f"{PREFIX}{name}", name, statements, text=TEXTS[name])
