"""Changes one thing of the configuration: all of it in one transaction, or nothing.

What is loaded is what the asker may see for the verb; what comes of the change must be something
that he may see for it, too; and the configuration as a whole must stay usable.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import Connection, Engine

from switchroom.directory.change import (
    Changed,
    Escalating,
    Faulty,
    Missing,
    Outcome,
    Outdated,
    OutOfReach,
    StillUsed,
    Wish,
)
from switchroom.directory.listing import Record
from switchroom.directory.problem import Problem
from switchroom.foundation.ids import Ids
from switchroom.identity.model import Actor
from switchroom.permissions.catalog import Catalog
from switchroom.store.collector import collector_waits
from switchroom.store.configuration import read_directory, write_configuration
from switchroom.store.database import hold, writing
from switchroom.store.resources.guards import Guard
from switchroom.store.resources.problems import checkable, new_problems
from switchroom.store.resources.reading import ReadService
from switchroom.store.resources.repository import Repository
from switchroom.store.resources.spec import Named, ResourceSpec, Target
from switchroom.store.stored import Stored


class Witness(Protocol):
    """Who writes down what was changed, in the transaction of the change."""

    def __call__(
        self,
        connection: Connection,
        actor: Actor,
        wish: Wish,
        before: Record | None,
        after: Record | None,
    ) -> None: ...


class Around(Struct, frozen=True):
    """What every service needs beside its own spec."""

    engine: Engine
    catalog: Catalog
    ids: Ids
    repositories: Mapping[str, Repository]
    guard: Guard
    witness: Witness
    tell_node: Callable[[], None]
    "Returns when calls obey the new configuration."


class ResourceService(ReadService):
    """Things of one kind that are changed, too."""

    def __init__(self, spec: ResourceSpec, around: Around) -> None:
        super().__init__(around.engine, around.catalog, around.repositories[spec.noun])
        self.spec = spec
        self._around = around

    def change(self, actor: Actor, wish: Wish) -> Outcome:
        """Carry out the wish; calls obey when this returns."""
        with writing(self._around.engine) as connection, collector_waits():
            outcome = self._change(connection, actor, wish)
            if not isinstance(outcome, Changed):
                connection.rollback()
        if isinstance(outcome, Changed):
            self._around.tell_node()
        return outcome

    def _change(self, connection: Connection, actor: Actor, wish: Wish) -> Outcome:
        before = None
        bit = self._around.catalog.bit(wish.permission)
        if wish.id:
            before = self._repository.find(connection, actor.compiled, (bit,), wish.id)
            if before is None:
                return Missing()
            if wish.if_version and wish.if_version != before.version:
                return Outdated(before.version)
        refusal = self._around.guard(connection, actor, wish, before)
        if refusal is not None:
            return Escalating(refusal)
        target = Target(wish.id or self._around.ids.token(), actor.customer_id)
        hold(connection, "configuration")
        stored = read_directory(connection)
        edited = self.spec.edit(wish.action)(stored, target, wish.values)
        if edited.used_by:
            return StillUsed(edited.used_by)
        named = replace(wish, id=target.id)
        found = edited.problems or self._problems(
            connection, actor, named, before, (stored, edited.stored)
        )
        if found:
            return Faulty(tuple(_about(problem, target.id) for problem in found))
        write_configuration(connection, stored, edited.stored)
        return self._written(connection, actor, wish, before, target)

    def _written(
        self,
        connection: Connection,
        actor: Actor,
        wish: Wish,
        before: Record | None,
        target: Target,
    ) -> Outcome:
        after = None
        if wish.action != "delete":
            bit = self._around.catalog.bit(wish.permission)
            after = self._repository.find(connection, actor.compiled, (bit,), target.id)
            if after is None:
                return OutOfReach()
        self._around.witness(connection, actor, wish, before, after)
        record = after or before
        assert record is not None, "a deletion has found its thing"
        return Changed(record)

    def _problems(
        self,
        connection: Connection,
        actor: Actor,
        wish: Wish,
        before: Record | None,
        stored: tuple[Stored, Stored],
    ) -> Sequence[Problem]:
        unseen = self._unseen(connection, actor, wish, before)
        was, will = map(checkable, stored)
        # A customer is a thing of its own; everything else is the active customer's.
        own = wish.id if self.spec.noun == "customers" else actor.customer_id
        return unseen or new_problems(was, will, own, wish.id)

    def _unseen(
        self, connection: Connection, actor: Actor, wish: Wish, before: Record | None
    ) -> list[Problem]:
        """References to things that the asker may not use: to him there are no such things."""
        old = {} if before is None else before.fields
        known = {(one.resources, one.value) for one in self.spec.references(old)}
        return [
            Problem(wish.id, one.place, f"there is no such {_singular(one)}")
            for one in self.spec.references({**old, **wish.values})
            if (one.resources, one.value) not in known and not self._may_use(connection, actor, one)
        ]

    def _may_use(self, connection: Connection, actor: Actor, named: Named) -> bool:
        return any(
            self._around.repositories[noun].sees(
                connection, actor.compiled, (self._use(noun),), named.column, named.value
            )
            for noun in named.resources
        )

    def _use(self, noun: str) -> int:
        """The permission to refer to a thing: ``use`` where there is such a verb, else ``get``."""
        catalog = self._around.catalog
        verbs = {one.verb for one in catalog.resource(noun).permissions}
        return catalog.bit(f"{noun}:use" if "use" in verbs else f"{noun}:get")


def _singular(named: Named) -> str:
    return " or ".join(noun.removesuffix("s") for noun in named.resources)


def _about(problem: Problem, id: str) -> Problem:
    """A fault of the thing itself has no id; one of another thing keeps its own."""
    return replace(problem, id="") if problem.id in (id, "") else problem
