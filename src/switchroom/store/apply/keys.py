"""What people call each thing: finds it again in the database, and names it in a plan."""

from collections.abc import Iterator

from switchroom.directory.model import Configuration

Key = tuple[str, ...]
"Kind and name, with the customer's id between them unless the kind is ``PLATFORM_WIDE``."

PLATFORM_WIDE = {"customer", "agent", "number"}
"Kinds whose names are unique on the platform."


def keys_of(configuration: Configuration) -> Iterator[tuple[Key, str]]:
    """The key and the id of everything."""
    for customer in configuration.customers:
        yield ("customer", customer.name), customer.id
    for client in configuration.clients:
        yield ("client", client.customer_id, client.name), client.id
    for extension in configuration.extensions:
        yield ("extension", extension.customer_id, extension.number), extension.id
    for trunk in configuration.trunks:
        yield ("trunk", trunk.customer_id, trunk.name), trunk.id
    for route in configuration.routes:
        yield ("route", route.customer_id, route.prefix), route.id
    for agent in configuration.agents:
        yield ("agent", agent.username), agent.id
        for address in agent.addresses:
            yield ("address", agent.customer_id, address.type, address.target), address.id
    for group in configuration.groups:
        yield ("group", group.customer_id, group.name), group.id
    for number in configuration.numbers:
        yield ("number", number.e164), number.id


def names_of(configuration: Configuration) -> dict[str, str]:
    """What each id is called: ``acme/sales``, ``alice@acme.example``, ``+12025550100``."""
    customers = {customer.id: customer.name for customer in configuration.customers}
    return {
        id: f"{customers.get(key[1], '?')}/{key[-1]}" if len(key) > 2 else key[-1]
        for key, id in keys_of(configuration)
    }
