"""Random authority, and all the rows there can be, for tests that compare ways to decide."""

from itertools import product
from random import Random

from msgspec import Struct

from switchroom.permissions.catalog import Catalog
from switchroom.permissions.declare import Permission
from switchroom.permissions.model import (
    Authority,
    Binding,
    Restriction,
    Role,
    Row,
    Scope,
    Statement,
)

ME = "alice"
CUSTOMERS = ("acme", "globex")
OWNERS = ((), (ME,), ("bob",), ("bob", ME))
TAGS: tuple[tuple[str, ...] | None, ...] = (None, (), ("t1",), ("t2",), ("t1", "t3"))
CLIENTS: tuple[str | None, ...] = (None, "c1", "c2")
TIMES = (None, 10.0, 20.0, 30.0)


class Thing(Struct, frozen=True):
    """A row with everything a row can have; a resource without an attribute ignores it."""

    id: int
    customer_id: str
    owners: tuple[str, ...]
    tags: tuple[str, ...] | None
    client: str | None

    def row(self, permission: Permission, catalog: Catalog) -> Row:
        """As rows of the permission's resource are."""
        has = catalog.resource(permission.resource).attributes
        return Row(
            self.customer_id,
            frozenset(self.owners if "owner" in has else ()),
            frozenset((self.tags or ()) if "tags" in has else ()),
            (self.client or "") if "client" in has else "",
        )


THINGS = tuple(
    Thing(number, *parts)
    for number, parts in enumerate(product(CUSTOMERS, OWNERS, TAGS, CLIENTS), start=1)
)
"Every combination once."


def random_scope(random: Random) -> Scope:
    kind = random.choice(("own", "team", "clients", "customer", "customer", "project", "?"))
    if random.random() > 0.1 and kind == "?":
        kind = "customer"
    clients = random.sample(("c1", "c2", "c3", ""), random.randint(0, 2))
    return Scope(kind, frozenset(clients) if kind == "clients" else frozenset())  # type: ignore[arg-type]


def random_pattern(random: Random, catalog: Catalog) -> str:
    permission = random.choice(catalog.permissions)
    names = [alias.name for alias in catalog.aliases]
    kinds = [permission.name] * 4 + [f"{permission.resource}:*"] * 2
    kinds += [f"{permission.resource}:read", f"*:{permission.verb}", "*:*", "*:read"]
    kinds += ["calls:nothing" if random.random() < 0.2 else permission.name, *names]
    return random.choice(kinds)


def random_role(random: Random, catalog: Catalog, name: str = "role") -> Role:
    statements = []
    for _ in range(random.choice((1, 1, 2, 3, 4))):
        effect = random.choice(("allow", "allow", "allow", "deny"))
        if random.random() < 0.03:
            effect = "maybe"
        fixed = random.choice((None, None, None, "own", "team"))
        if random.random() < 0.02:
            fixed = "galaxy"
        pattern = random_pattern(random, catalog)
        statements.append(Statement(effect, pattern, fixed))  # type: ignore[arg-type]
    return Role(name, name, tuple(statements), "acme")


def random_authority(random: Random, catalog: Catalog) -> Authority:
    bindings = tuple(
        Binding(
            f"b{number}",
            random_role(random, catalog, f"role{number}"),
            random_scope(random),
            random.choice((None, None, *TIMES)),
            random.choice((None, None, *TIMES)),
        )
        for number in range(random.choice((0, 1, 2, 2, 3)))
    )
    restrictions = tuple(
        Restriction(f"x{number}", random_pattern(random, catalog), random_scope(random))
        for number in range(random.choice((0, 0, 0, 1, 2)))
    )
    return Authority(
        ME,
        "acme",
        frozenset(random.sample(("t1", "t2", "t3"), random.randint(0, 2))),
        bindings,
        restrictions,
        plan=_ceiling(random, catalog),
        token=_ceiling(random, catalog),
        is_disabled=random.random() < 0.03,
        is_frozen=random.random() < 0.08,
    )


def _ceiling(random: Random, catalog: Catalog) -> tuple[str, ...] | None:
    if random.random() < 0.8:
        return None
    return tuple(random_pattern(random, catalog) for _ in range(random.randint(0, 5)))
