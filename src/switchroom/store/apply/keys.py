"""What people call each thing: finds it again in the database, and names it in a plan."""

from collections.abc import Iterator, Sequence
from typing import Any

from switchroom.directory.model import Configuration
from switchroom.store.stored import Stored

Key = tuple[str, ...]
"Kind and name, with the customer's id between them unless the kind is ``PLATFORM_WIDE``."

PLATFORM_WIDE = {"customer", "agent", "number"}
"Kinds whose names are unique on the platform."


def keys_of(stored: Stored) -> Iterator[tuple[Key, str]]:
    """The key and the id of everything."""
    configuration = stored.configuration
    for role in stored.roles:
        yield ("role", role.customer_id, role.name), role.id
    for kind, things, name in _kinds(configuration):
        for thing in things:
            owner = () if kind in PLATFORM_WIDE else (thing.customer_id,)
            yield (kind, *owner, getattr(thing, name)), thing.id
    for agent in configuration.agents:
        for address in agent.addresses:
            yield ("address", agent.customer_id, address.type, address.target), address.id


def names_of(stored: Stored) -> dict[str, str]:
    """What each id is called: ``acme/sales``, ``alice@acme.example``, ``+12025550100``."""
    customers = {customer.id: customer.name for customer in stored.configuration.customers}
    return {
        id: f"{customers.get(key[1], '?')}/{key[-1]}" if len(key) > 2 else key[-1]
        for key, id in keys_of(stored)
    }


def _kinds(configuration: Configuration) -> Iterator[tuple[str, Sequence[Any], str]]:
    """Each kind with its things and the field that people call them by."""
    yield "customer", configuration.customers, "name"
    yield "client", configuration.clients, "name"
    yield "tag", configuration.tags, "name"
    yield "extension", configuration.extensions, "number"
    yield "trunk", configuration.trunks, "name"
    yield "route", configuration.routes, "prefix"
    yield "agent", configuration.agents, "username"
    yield "group", configuration.groups, "name"
    yield "number", configuration.numbers, "e164"
