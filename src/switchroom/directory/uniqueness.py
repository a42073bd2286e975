"""What may exist only once: on the platform, or inside a customer."""

from collections.abc import Iterable, Iterator

from switchroom.directory.model import Configuration
from switchroom.directory.problem import Place, Problem
from switchroom.directory.sources import Network, networks_of

Claim = tuple[tuple[str, ...], str, Place, str]
"What is claimed, the id and the field of the claimant, and its name for people."


def duplicates(configuration: Configuration, newest: str = "") -> Iterator[Problem]:
    """A problem for each thing that comes second; ``newest``, an id, comes after all others."""
    for claims in (_platform_claims, _customer_claims, _short_numbers, _addresses):
        yield from _second(sorted(claims(configuration), key=lambda claim: claim[1] == newest))


def ambiguous_sources(configuration: Configuration) -> Iterator[Problem]:
    """A problem for each source network inside a wider one of another customer.

    Identical networks are fine, since the number called decides then. But a call from the inner
    network would never be seen as one of the outer trunk's.
    """
    owners: dict[Network, set[str]] = {}
    for trunk in configuration.trunks:
        for network in networks_of(trunk):
            owners.setdefault(network, set()).add(trunk.customer_id)
    lengths = {network.prefixlen for network in owners}
    names = {customer.id: customer.name for customer in configuration.customers}
    for trunk in configuration.trunks:
        for network in networks_of(trunk):
            for length in (length for length in lengths if length < network.prefixlen):
                outer = network.supernet(new_prefix=length)
                others = owners.get(outer, set()) - {trunk.customer_id}
                for other in sorted(names.get(id, id) for id in others):
                    yield Problem(trunk.id, ("allow_from",), _inside(network, outer, other))


def _inside(network: Network, outer: Network, other: str) -> str:
    return (
        f"{network} lies inside {outer}, which a trunk of customer {other} has: write the same"
        " network for both (then the number called decides) or separate ones"
    )


def _second(claims: Iterable[Claim]) -> Iterator[Problem]:
    taken: dict[tuple[str, ...], str] = {}
    for what, id, place, name in claims:
        owner = taken.setdefault(what, name)
        if owner is not name:
            yield Problem(id, place, f"{what[-1]} is already {owner}")


def _platform_claims(configuration: Configuration) -> Iterator[Claim]:
    for customer in configuration.customers:
        yield ("name", customer.name), customer.id, ("name",), f"customer {customer.name}"
        yield (
            ("domain", customer.domain),
            customer.id,
            ("domain",),
            f"the domain of customer {customer.name}",
        )
        if customer.is_default:
            default = f"given: customer {customer.name} is the default one"
            yield ("default: true",), customer.id, ("is_default",), default
    for agent in configuration.agents:
        yield ("username", agent.username), agent.id, ("username",), f"agent {agent.username}"
    names = {customer.id: customer.name for customer in configuration.customers}
    for number in configuration.numbers:
        owner = f"a number of customer {names.get(number.customer_id)}"
        yield ("e164", number.e164), number.id, ("e164",), owner


def _customer_claims(configuration: Configuration) -> Iterator[Claim]:
    for client in configuration.clients:
        key = (client.customer_id, "client", client.name)
        yield key, client.id, ("name",), f"client {client.name}"
    for tag in configuration.tags:
        yield (tag.customer_id, "tag", tag.name), tag.id, ("name",), f"tag {tag.name}"
    for trunk in configuration.trunks:
        key = (trunk.customer_id, "trunk", trunk.name)
        yield key, trunk.id, ("name",), f"trunk {trunk.name}"
    for route in configuration.routes:
        key = (route.customer_id, "route", route.prefix)
        yield key, route.id, ("prefix",), f"the prefix of a route {route.prefix}"
    for group in configuration.groups:
        yield (group.customer_id, "group", group.name), group.id, ("name",), f"group {group.name}"
    for agent in configuration.agents:
        user = agent.username.partition("@")[0]
        key = (agent.customer_id, "user", user)
        yield key, agent.id, ("username",), f"the user part of agent {agent.username}"


def _short_numbers(configuration: Configuration) -> Iterator[Claim]:
    for extension in configuration.extensions:
        key = (extension.customer_id, extension.number)
        yield key, extension.id, ("number",), f"extension {extension.number}"
    for agent in configuration.agents:
        if agent.number:
            key = (agent.customer_id, agent.number)
            yield key, agent.id, ("number",), f"the number of agent {agent.username}"
    for group in configuration.groups:
        if group.number:
            key = (group.customer_id, group.number)
            yield key, group.id, ("number",), f"the number of group {group.name}"


def _addresses(configuration: Configuration) -> Iterator[Claim]:
    for agent in configuration.agents:
        for address in agent.addresses:
            key = (agent.customer_id, address.type, address.target)
            yield key, address.id, ("target",), f"an address of agent {agent.username}"
