"""Lines added up: which permissions they name, as far as what."""

from collections.abc import Iterable
from functools import reduce
from operator import or_
from typing import Self

from msgspec import Struct

from switchroom.permissions.catalog import Catalog
from switchroom.permissions.lines import Line
from switchroom.permissions.model import Effect


class Rows(Struct, frozen=True):
    """Some rows of the active customer: those of which any of this is true."""

    all: bool = False
    own: bool = False
    tagged: bool = False
    "They have one of the principal's tags."
    client_ids: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        """Whether it may mean any row."""
        return self.all or self.own or self.tagged or bool(self.client_ids)

    def without(self, others: Self) -> "Rows":
        """The same, less what ``others`` mean for the same reason."""
        return Rows(
            self.all,
            self.own and not others.own,
            self.tagged and not others.tagged,
            self.client_ids - others.client_ids,
        )


class Reach:
    """What the lines of one effect come to."""

    __slots__ = ("clients", "customer", "named", "own", "project", "tagged")

    def __init__(self, lines: Iterable[Line], effect: Effect, catalog: Catalog) -> None:
        """A scope that a resource has no attribute for does not reach it, but ``named`` it is."""
        self.customer = self.project = self.own = self.tagged = self.named = 0
        self.clients: dict[str, int] = {}
        for line in lines:
            if line.effect == effect:
                self.named |= line.mask
                self._add(line, catalog)

    @property
    def everywhere(self) -> int:
        """Without a condition."""
        return self.customer | self.project

    @property
    def somewhere(self) -> int:
        """On rows that have the right owner, tags or client."""
        return reduce(or_, self.clients.values(), self.own | self.tagged)

    @property
    def anywhere(self) -> int:
        """On any row at all."""
        return self.everywhere | self.somewhere

    def rows(self, bit: int) -> Rows:
        """The rows of the active customer that it means for one permission."""
        return Rows(
            bool(self.customer & bit),
            bool(self.own & bit),
            bool(self.tagged & bit),
            frozenset(client_id for client_id, mask in self.clients.items() if mask & bit),
        )

    def _add(self, line: Line, catalog: Catalog) -> None:
        match line.scope.kind:
            case "own":
                self.own |= line.mask & catalog.reached("owner")
            case "team":
                self.own |= line.mask & catalog.reached("owner")
                self.tagged |= line.mask & catalog.reached("tags")
            case "clients":
                mask = line.mask & catalog.reached("client")
                for client_id in filter(None, line.scope.client_ids):
                    self.clients[client_id] = self.clients.get(client_id, 0) | mask
            case "customer":
                self.customer |= line.mask
            case "project":
                self.project |= line.mask
