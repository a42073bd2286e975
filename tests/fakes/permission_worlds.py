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


class Worlds:
    """Makes random authority over one catalogue.

    Half of the time all of it is about one resource, so that allows and denies meet; half of the
    time much of it is unknown to this version.
    """

    def __init__(self, random: Random, catalog: Catalog) -> None:
        self.random, self.catalog = random, catalog
        self.oddity = random.choice((0.0, 0.2))
        self.permissions = list(catalog.permissions)
        if random.random() < 0.5:
            resource = random.choice(self.permissions).resource
            self.permissions = [p for p in self.permissions if p.resource == resource]

    def authority(self) -> Authority:
        random = self.random
        return Authority(
            ME,
            "acme",
            frozenset(random.sample(("t1", "t2", "t3"), random.randint(0, 2))),
            tuple(self._binding(f"b{number}") for number in range(random.choice((0, 1, 2, 2, 3)))),
            tuple(self._restriction(f"x{n}") for n in range(random.choice((0, 0, 0, 1, 2)))),
            plan=self._ceiling(),
            token=self._ceiling(),
            is_disabled=random.random() < 0.03 + self.oddity / 4,
            is_frozen=random.random() < 0.08,
        )

    def pattern(self) -> str:
        permission = self.random.choice(self.permissions)
        kinds = [permission.name] * 4 + [f"{permission.resource}:*"] * 2
        kinds += [f"{permission.resource}:read", f"*:{permission.verb}", "*:*", "*:read"]
        kinds += [alias.name for alias in self.catalog.aliases]
        return "calls:nothing" if self._is_odd() else self.random.choice(kinds)

    def scope(self) -> Scope:
        kind = self.random.choice(("own", "team", "clients", "customer", "customer", "project"))
        if self._is_odd():
            kind = "galaxy"
        clients = self.random.sample(("c1", "c2", ""), self.random.randint(0, 2))
        return Scope(kind, frozenset(clients) if kind == "clients" else frozenset())  # type: ignore[arg-type]

    def _is_odd(self) -> bool:
        return self.random.random() < self.oddity

    def _binding(self, id: str) -> Binding:
        statements = tuple(self._statement() for _ in range(self.random.choice((1, 1, 2, 3, 4))))
        role = Role(f"role of {id}", f"role of {id}", statements, "acme")
        edges = (None, None, *TIMES)
        return Binding(id, role, self.scope(), self.random.choice(edges), self.random.choice(edges))

    def _statement(self) -> Statement:
        effect = self.random.choice(("allow", "allow", "allow", "deny"))
        fixed = self.random.choice((None, None, None, "own", "team"))
        if self._is_odd():
            effect = "maybe"
        if self._is_odd():
            fixed = "galaxy"
        return Statement(effect, self.pattern(), fixed)  # type: ignore[arg-type]

    def _restriction(self, id: str) -> Restriction:
        return Restriction(id, self.pattern(), self.scope())

    def _ceiling(self) -> tuple[str, ...] | None:
        if self.random.random() < 0.8:
            return None
        return tuple(self.pattern() for _ in range(self.random.randint(0, 5)))


def random_authority(random: Random, catalog: Catalog) -> Authority:
    """One authority of one random world."""
    return Worlds(random, catalog).authority()
