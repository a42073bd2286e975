"""Answers every question that a call asks about the configuration, each in constant time.

Built anew from each ``Configuration`` and then never changed, so a call that has begun keeps the
directory it began with. Built from a configuration that ``validate.py`` passed; what it would
refuse (a reference to nothing) is simply not found here.
"""

from switchroom.directory.model import (
    Agent,
    Client,
    Configuration,
    Customer,
    Extension,
    Group,
    Number,
    Trunk,
)
from switchroom.directory.numbering import from_trunk
from switchroom.directory.routing import Routing, TrunkAttempt
from switchroom.directory.sources import Sources

__all__ = ["Directory", "TrunkAttempt"]


class Directory:
    """The configuration, indexed. ``None`` and ``()`` mean: there is no such thing."""

    __slots__ = (
        "_agent_of_extension",
        "_agents",
        "_agents_by_name",
        "_agents_by_number",
        "_clients",
        "_customers",
        "_customers_by_domain",
        "_default",
        "_extensions",
        "_extensions_by_number",
        "_groups",
        "_groups_by_number",
        "_numbers",
        "_routing",
        "_sources",
        "_trunks",
        "configuration",
    )

    def __init__(self, configuration: Configuration) -> None:
        self.configuration = configuration
        self._index_customers(configuration)
        self._index_extensions(configuration)
        self._index_agents(configuration)
        self._index_groups(configuration)
        self._index_numbers(configuration)
        self._trunks = {trunk.id: trunk for trunk in configuration.trunks}
        self._sources = Sources(configuration.trunks)
        self._routing = Routing(configuration)

    # --- customers and clients -------------------------------------------------------------------

    @property
    def customers(self) -> tuple[Customer, ...]:
        """All customers."""
        return self.configuration.customers

    @property
    def default_customer(self) -> Customer | None:
        """Whom a request for the server's own address belongs to."""
        return self._default

    def customer(self, customer_id: str) -> Customer | None:
        """The customer with this id."""
        return self._customers.get(customer_id)

    def customer_of_domain(self, host: str) -> Customer | None:
        """The customer with this SIP domain; a trailing dot and upper case do not matter."""
        return self._customers_by_domain.get(host.lower().removesuffix("."))

    def client(self, client_id: str) -> Client | None:
        """The client with this id."""
        return self._clients.get(client_id)

    # --- extensions ------------------------------------------------------------------------------

    def extension(self, customer_id: str, number: str) -> Extension | None:
        """A customer's extension by its number, which is its user name when it registers."""
        return self._extensions_by_number.get((customer_id, number))

    def extension_by_id(self, extension_id: str) -> Extension | None:
        """The extension with this id."""
        return self._extensions.get(extension_id)

    # --- agents and groups -----------------------------------------------------------------------

    @property
    def agents(self) -> tuple[Agent, ...]:
        """All agents of all customers."""
        return self.configuration.agents

    def agent(self, agent_id: str) -> Agent | None:
        """The agent with this id."""
        return self._agents.get(agent_id)

    def agent_by_name(self, customer_id: str, name: str) -> Agent | None:
        """A customer's agent by username (``alice@acme.example``) or its user part (``alice``)."""
        return self._agents_by_name.get((customer_id, name.lower()))

    def agent_by_number(self, customer_id: str, number: str) -> Agent | None:
        """A customer's agent by short number."""
        return self._agents_by_number.get((customer_id, number))

    def agent_of_extension(self, customer_id: str, number: str) -> Agent | None:
        """The agent one of whose addresses is this extension, enabled or not."""
        return self._agent_of_extension.get((customer_id, number))

    def group(self, group_id: str) -> Group | None:
        """The group with this id."""
        return self._groups.get(group_id)

    def group_by_number(self, customer_id: str, number: str) -> Group | None:
        """A customer's group by short number."""
        return self._groups_by_number.get((customer_id, number))

    # --- telephone numbers and trunks ------------------------------------------------------------

    def number(self, e164: str) -> Number | None:
        """One of the platform's own telephone numbers."""
        return self._numbers.get(e164)

    def trunk(self, trunk_id: str) -> Trunk | None:
        """The trunk with this id."""
        return self._trunks.get(trunk_id)

    def trunks_from(self, ip: str) -> tuple[Trunk, ...]:
        """The trunks of the smallest source network with this address.

        Several customers may share a carrier and so a network: see ``trunk_for``.
        """
        return self._sources.trunks_from(ip)

    def trunk_for(self, ip: str, dialled: str) -> Trunk | None:
        """Which trunk a call from this address to this number came over.

        Of several trunks with the same source network it is the one whose customer has the
        number; if none has it, the first, so that the refusal has an owner.
        """
        trunks = self.trunks_from(ip)
        for trunk in trunks:
            if self.number_called(trunk, dialled) is not None:
                return trunk
        return trunks[0] if trunks else None

    def number_called(self, trunk: Trunk, dialled: str) -> Number | None:
        """The trunk's customer's number that a call over this trunk is for."""
        customer = self._customers.get(trunk.customer_id)
        e164 = from_trunk(dialled, trunk, customer.country) if customer else None
        number = self._numbers.get(e164) if e164 else None
        return number if number and number.customer_id == trunk.customer_id else None

    def attempts(self, customer_id: str, e164: str) -> tuple[TrunkAttempt, ...]:
        """Where to try a call to this number, best first; empty when no route covers it."""
        return self._routing.attempts(customer_id, e164)

    def emergency_attempts(self, customer_id: str, dialled: str) -> tuple[TrunkAttempt, ...]:
        """Where to try an emergency call: over every trunk, those of the widest route first.

        ``dialled`` goes out as it is.
        """
        return self._routing.emergency_attempts(customer_id, dialled)

    # --- building --------------------------------------------------------------------------------

    def _index_customers(self, configuration: Configuration) -> None:
        self._customers = {customer.id: customer for customer in configuration.customers}
        self._customers_by_domain = {c.domain: c for c in configuration.customers}
        self._default = next((c for c in configuration.customers if c.is_default), None)
        self._clients = {client.id: client for client in configuration.clients}

    def _index_extensions(self, configuration: Configuration) -> None:
        self._extensions = {extension.id: extension for extension in configuration.extensions}
        self._extensions_by_number = {
            (e.customer_id, e.number): e for e in configuration.extensions
        }

    def _index_agents(self, configuration: Configuration) -> None:
        agents = configuration.agents
        self._agents = {agent.id: agent for agent in agents}
        by_user = {(a.customer_id, a.username.partition("@")[0]): a for a in agents}
        self._agents_by_name = by_user | {(a.customer_id, a.username): a for a in agents}
        self._agents_by_number = {(a.customer_id, a.number): a for a in agents if a.number}
        self._agent_of_extension = {
            (agent.customer_id, address.target): agent
            for agent in agents
            for address in agent.addresses
            if address.type == "extension"
        }

    def _index_groups(self, configuration: Configuration) -> None:
        groups = configuration.groups
        self._groups = {group.id: group for group in groups}
        self._groups_by_number = {(g.customer_id, g.number): g for g in groups if g.number}

    def _index_numbers(self, configuration: Configuration) -> None:
        self._numbers = {number.e164: number for number in configuration.numbers}
