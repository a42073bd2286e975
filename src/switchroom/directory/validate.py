"""Says everything that is wrong with a configuration as a whole, before anybody uses it."""

from collections.abc import Iterator, Sequence
from typing import get_args

from switchroom.directory import syntax
from switchroom.directory.bounds import out_of_bounds
from switchroom.directory.model import Address, Agent, Configuration, Extension, Group, Trunk
from switchroom.directory.numbering import DialClass, is_emergency, known_country
from switchroom.directory.problem import Place, Problem
from switchroom.directory.references import broken_references, group_loops
from switchroom.directory.uniqueness import ambiguous_sources, duplicates

DIAL_CLASSES: tuple[str, ...] = ("internal", *get_args(DialClass))
"What an extension may be allowed to dial, cheapest first."
DIAL_RIGHTS: tuple[str, ...] = (*DIAL_CLASSES, "sip")
"What an agent may be: no desk phone dials SIP addresses elsewhere, calls by command do."


def problems(configuration: Configuration, newest: str = "") -> list[Problem]:
    """All faults, at most one for each field; empty when the configuration can be used.

    ``newest``: id of what was added or changed last; it is at fault if something is there twice.
    """
    found: dict[tuple[str, Place], Problem] = {}
    for problem in _all(configuration, newest):
        found.setdefault((problem.id, problem.place), problem)
    return list(found.values())


def _all(configuration: Configuration, newest: str) -> Iterator[Problem]:
    countries = {customer.id: customer.country for customer in configuration.customers}
    yield from _customers(configuration)
    yield from _clients_and_tags(configuration)
    for extension in configuration.extensions:
        yield from _extension(extension, countries.get(extension.customer_id, ""))
    for trunk in configuration.trunks:
        yield from _trunk(trunk, countries.get(trunk.customer_id, ""))
    yield from _routes(configuration)
    for agent in configuration.agents:
        yield from _agent(agent, countries.get(agent.customer_id, ""))
    for group in configuration.groups:
        yield from _group(group, countries.get(group.customer_id, ""))
    for number in configuration.numbers:
        fault = syntax.telephone_fault(number.e164, countries.get(number.customer_id, ""))
        yield from _if(number.id, ("e164",), fault)
    yield from out_of_bounds(configuration)
    yield from duplicates(configuration, newest)
    yield from broken_references(configuration)
    yield from group_loops(configuration.groups)
    yield from ambiguous_sources(configuration)


def _customers(configuration: Configuration) -> Iterator[Problem]:
    for customer in configuration.customers:
        yield from _if(customer.id, ("name",), syntax.name_fault(customer.name))
        yield from _if(customer.id, ("domain",), syntax.domain_fault(customer.domain))
        if not known_country(customer.country):
            text = f"{customer.country!a} is not a country such as US or DE (ISO 3166)"
            yield Problem(customer.id, ("country",), text)


def _clients_and_tags(configuration: Configuration) -> Iterator[Problem]:
    for client in configuration.clients:
        yield from _if(client.id, ("name",), syntax.name_fault(client.name))
    for tag in configuration.tags:
        yield from _if(tag.id, ("name",), syntax.name_fault(tag.name))
        if tag.text:
            yield from _if(tag.id, ("text",), syntax.name_fault(tag.text))


def _extension(extension: Extension, country: str) -> Iterator[Problem]:
    fault = syntax.extension_number_fault(extension.number)
    fault = fault or _emergency_fault(extension.number, country)
    yield from _if(extension.id, ("number",), fault)
    yield from _dial(extension.id, extension.dial)


def _trunk(trunk: Trunk, country: str) -> Iterator[Problem]:
    yield from _if(trunk.id, ("name",), syntax.name_fault(trunk.name))
    if not trunk.hosts:
        yield Problem(trunk.id, ("hosts",), "a trunk needs at least one host")
    for index, host in enumerate(trunk.hosts):
        yield from _if(trunk.id, ("hosts", index), syntax.host_fault(host))
    for index, network in enumerate(trunk.allow_from):
        yield from _if(trunk.id, ("allow_from", index), syntax.network_fault(network))
    if trunk.caller_id:
        fault = syntax.telephone_fault(trunk.caller_id, country)
        yield from _if(trunk.id, ("caller_id",), fault)
    if trunk.username and not trunk.password:
        yield Problem(trunk.id, ("password",), "a username needs a password")
    if trunk.password and not trunk.username:
        yield Problem(trunk.id, ("username",), "a password needs a username")
    if trunk.username:
        yield from _if(trunk.id, ("username",), syntax.name_fault(trunk.username))


def _routes(configuration: Configuration) -> Iterator[Problem]:
    for route in configuration.routes:
        yield from _if(route.id, ("prefix",), syntax.prefix_fault(route.prefix))
        yield from _twice(route.id, "trunk_ids", route.trunk_ids)
        if not route.trunk_ids:
            yield Problem(route.id, ("trunk_ids",), "a route needs at least one trunk")


def _agent(agent: Agent, country: str) -> Iterator[Problem]:
    yield from _if(agent.id, ("username",), syntax.username_fault(agent.username))
    yield from _if(agent.id, ("name",), syntax.name_fault(agent.name))
    yield from _short_number(agent, country)
    for address in agent.addresses:
        yield from _address(address, country)


def _address(address: Address, country: str) -> Iterator[Problem]:
    fault = None
    if address.type == "tel":
        fault = syntax.telephone_fault(address.target, country)
    elif address.type == "sip":
        fault = syntax.sip_uri_fault(address.target)
    yield from _if(address.id, ("target",), fault)
    if address.confirm:
        text = "confirm: true needs media (a prompt to be played), which this version does not have"
        yield Problem(address.id, ("confirm",), text)


def _group(group: Group, country: str) -> Iterator[Problem]:
    fault = syntax.name_fault(group.name)
    if "@" in group.name:
        fault = "a group's name has no @, so that it is not taken for an agent"
    yield from _if(group.id, ("name",), fault)
    yield from _short_number(group, country)
    yield from _twice(group.id, "member_ids", group.member_ids)


def _short_number(owner: Agent | Group, country: str) -> Iterator[Problem]:
    if owner.number:
        fault = syntax.short_number_fault(owner.number)
        yield from _if(owner.id, ("number",), fault or _emergency_fault(owner.number, country))


def _emergency_fault(number: str, country: str) -> str | None:
    if is_emergency(number, country):
        return f"{number} is an emergency number in {country}, which always goes to a trunk"
    return None


def _dial(id: str, classes: Sequence[str]) -> Iterator[Problem]:
    for index, one in enumerate(classes):
        if one not in DIAL_CLASSES:
            text = f"{one[:80]!a} is not one of {', '.join(DIAL_CLASSES)}"
            yield Problem(id, ("dial", index), text)


def _twice(id: str, field: str, members: Sequence[str]) -> Iterator[Problem]:
    seen: set[str] = set()
    for index, member in enumerate(members):
        if member and member in seen:
            yield Problem(id, (field, index), "is in this list already")
        seen.add(member)


def _if(id: str, place: Place, fault: str | None) -> Iterator[Problem]:
    if fault is not None:
        yield Problem(id, place, fault)
