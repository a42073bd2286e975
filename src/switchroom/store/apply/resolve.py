"""Turns a configuration file into the configuration it asks for: ids, references, passwords."""

from collections.abc import Iterable, Mapping
from itertools import chain

from msgspec.structs import replace

from switchroom.directory.model import Configuration
from switchroom.directory.validate import problems
from switchroom.foundation.ids import Ids
from switchroom.store.apply.customer import CustomerBuilder
from switchroom.store.apply.document import CustomerPart, Document
from switchroom.store.apply.fault import Fault
from switchroom.store.apply.keys import keys_of
from switchroom.store.apply.workspace import Workspace
from switchroom.store.apply.yaml_tree import Tree
from switchroom.store.stored import Origin, Stored


def resolve(
    document: Document, tree: Tree, before: Stored, ids: Ids, environ: Mapping[str, str]
) -> Stored | list[Fault]:
    """The configuration that the file asks for, or everything that is wrong with it.

    What ``before`` has under the same name keeps its id.
    """
    workspace = Workspace(tree, dict(keys_of(before.configuration)), ids, environ)
    default = _default(document.customers)
    builders = [
        CustomerBuilder(workspace, part, index, is_default=bool(part.default) or index == default)
        for index, part in enumerate(document.customers)
    ]
    configuration = _joined(builder.configuration() for builder in builders)
    workspace.add_problems(problems(configuration))
    if faults := workspace.faults():
        return faults
    origins: dict[str, Origin] = {}
    for builder in builders:
        origins |= builder.origins
    trunks = tuple(replace(trunk, password="") for trunk in configuration.trunks)
    return Stored(replace(configuration, trunks=trunks), origins)


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
