"""Turns a configuration file into the configuration it asks for: ids, references, passwords."""

from collections.abc import Callable, Iterable, Mapping
from itertools import chain
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from switchroom.directory.model import Configuration
from switchroom.directory.problem import Problem
from switchroom.directory.validate import problems
from switchroom.store.apply.customer import CustomerBuilder
from switchroom.store.apply.document import CustomerPart, Document
from switchroom.store.apply.fault import Fault, Location
from switchroom.store.apply.means import Means
from switchroom.store.apply.slow_hashes import SlowHashes
from switchroom.store.apply.workspace import Workspace
from switchroom.store.apply.yaml_tree import Tree
from switchroom.store.stored import Origin, Stored

Value = TypeVar("Value")


class Resolved(Struct, frozen=True):
    """What a file asks for."""

    stored: Stored
    passwords: Mapping[str, str]
    "By agent id: log-in passwords that the file gives."
    places: Mapping[str, Location]
    "By id: where the file has the thing."

    def __repr__(self) -> str:
        return f"Resolved({self.stored!r})"  # never into a log or a traceback


def resolve(
    document: Document,
    tree: Tree,
    before: Stored,
    means: Means,
    check: Callable[[Configuration], Iterable[Problem]] = problems,
) -> Resolved | list[Fault]:
    """The configuration that the file asks for, or everything that is wrong with it.

    What ``before`` has under the same name keeps its id. ``check`` says what is wrong with the
    configuration as a whole.
    """
    workspace = Workspace(tree, before, means)
    default = _default(document.customers)
    builders = [
        CustomerBuilder(workspace, part, index, is_default=bool(part.default) or index == default)
        for index, part in enumerate(document.customers)
    ]
    configuration = _joined(builder.configuration() for builder in builders)
    workspace.add_problems(check(configuration))
    if faults := workspace.faults():
        return faults
    trunks = tuple(replace(trunk, password="") for trunk in configuration.trunks)
    stored = Stored(
        replace(configuration, trunks=trunks),
        _merged(builder.origins for builder in builders),
        tuple(role for builder in builders for role in builder.roles),
        _merged(builder.held for builder in builders),
    )
    passwords = _merged(builder.passwords for builder in builders)
    return Resolved(stored, passwords, workspace.places())


def settled(found: Resolved, before: Stored, hashes: SlowHashes) -> Resolved:
    """What was found; agents who are given the password that they have already keep it.

    As slow as a log-in for each password.
    """
    same = {
        id: before.origin(id)
        for id, password in found.passwords.items()
        if _may_stay(before.origin(id), found.stored.origin(id))
        and hashes.is_of(before.origin(id).check, password)
    }
    return replace(
        found,
        stored=replace(found.stored, origins={**found.stored.origins, **same}),
        passwords={id: word for id, word in found.passwords.items() if id not in same},
    )


def _may_stay(known: Origin, given: Origin) -> bool:
    return bool(known.check) and known.reference == given.reference


def _merged(parts: Iterable[Mapping[str, Value]]) -> dict[str, Value]:
    return {id: value for part in parts for id, value in part.items()}


def _default(customers: tuple[CustomerPart, ...]) -> int | None:
    """Index of the customer that is the default one without saying so."""
    if any(customer.default for customer in customers):
        return None
    candidates = (i for i, customer in enumerate(customers) if customer.default is None)
    return next(candidates, None)


def _joined(parts: Iterable[Configuration]) -> Configuration:
    every = list(parts)
    lists = {
        name: tuple(chain.from_iterable(getattr(part, name) for part in every))
        for name in Configuration.__struct_fields__
    }
    return Configuration(**lists)
