"""Turns what was called into the plan of legs to ring: addresses, contacts, members, nested.

Everything nested is met at most once and at most ``MOST_DEPTH`` deep, so a plan is finite however
the configuration points at itself. A phone without registration, a number without a carrier: a
leg with nothing to dial, which counts as unreachable and delays nobody.
"""

from collections.abc import Collection

from msgspec import Struct

from switchroom.agents.companies import Companies
from switchroom.agents.identity import Caller, to_phone, to_trunk
from switchroom.agents.ports import Bindings
from switchroom.agents.turns import in_turns
from switchroom.agents.uri import user_and_place
from switchroom.calls.model import MOST_LEGS
from switchroom.calls.plan import BUSY, Attempt, GroupPlan, LegPlan, Plan, Route
from switchroom.directory.lookup import Directory, TrunkAttempt
from switchroom.directory.model import Address, Agent, Customer, Extension, Group, Number, Target
from switchroom.foundation.leg import Destination

MOST_DEPTH = 8
RING_S = 60.0
"How long an extension without an agent rings, in seconds."
TELEPHONE_S = 180.0
"How long a telephone number rings: as long as proxies wait (RFC 3261 section 16.6, Timer C)."


class Surroundings(Struct, frozen=True):
    """What every plan is made from."""

    directory: Directory
    bindings: Bindings
    companies: Companies
    confirms: bool = False
    "Whether somebody can ask people to confirm an answer."
    own_hosts: frozenset[str] = frozenset()
    "The server's own addresses, which people and phones write instead of a domain."

    own_ports: Collection[str] = ()
    "Where the server listens there; another port is another program."

    def customer_at(self, host: str, port: str) -> Customer | None:
        """Whose users have addresses there; ``None`` for a foreign host."""
        owner = self.directory.customer_of_domain(host)
        is_server = host in self.own_hosts and (not port or port in self.own_ports)
        if owner is None and is_server:
            return self.directory.default_customer
        return owner


class Planner:
    """Makes the plans of one call."""

    __slots__ = ("_around", "_caller", "_customer", "_directory", "_left", "_met")

    def __init__(self, around: Surroundings, customer: Customer, caller: Caller) -> None:
        self._around = around
        self._directory = around.directory
        self._customer = customer
        self._caller = caller
        self._left = MOST_LEGS
        self._met: set[str] = set()
        "Ids of agents and groups, and contacts, that are in the plan already."

    def exclude(self, caller: str) -> None:
        """Never ring this agent or contact: it is he who calls."""
        self._met.add(caller)

    def target(self, target: Target) -> tuple[Plan, float] | None:
        """The plan for where a number leads, and how long to ring; ``None``: it leads nowhere."""
        return _timed(self.goal(target))

    def goal(self, target: Target) -> tuple[Plan, float] | None:
        """Like ``target``, with linear lists that do not know yet how long they have."""
        return self._target(target, 0)

    def inside(
        self, user: str, address: Address, agent: Agent | None = None
    ) -> tuple[Plan, float] | None:
        """Whoever has this name or number at the customer, and how long to ring there.

        ``None`` for nobody. ``agent`` is whose address it is, if it is one.
        """
        return _timed(self._inside(user, address, agent, 0))

    def named(self, user: str) -> tuple[Plan, float] | None:
        """Like ``inside``, with linear lists that do not know yet how long they have."""
        return self._inside(user, Address("", "extension", user), None, 0)

    def _target(self, target: Target, depth: int) -> tuple[Plan, float] | None:
        directory = self._directory
        match target.kind:
            case "agent":
                agent = directory.agent(target.id)
                return None if agent is None else (self.agent(agent, depth), agent.ring_timeout_s)
            case "group":
                group = directory.group(target.id)
                return None if group is None else (self.group(group, depth), group.ring_timeout_s)
            case _:
                extension = directory.extension_by_id(target.id)
                return None if extension is None else (self.extension(extension), RING_S)

    def agent(self, agent: Agent, depth: int = 0) -> Plan:
        """All enabled addresses of the agent."""
        label = f"agent:{agent.username}"
        if agent.id in self._met:
            return LegPlan(label, agent_id=agent.id, if_none=BUSY)
        self._met.add(agent.id)
        members = tuple(
            self._address(agent, address, depth) for address in agent.addresses if address.enabled
        )
        if not members:
            return LegPlan(label, agent_id=agent.id)
        return GroupPlan(agent.ring_method, members, agent.ring_timeout_s)

    def group(self, group: Group, depth: int = 0) -> Plan:
        """All members, groups in the group included; nobody twice."""
        members: list[Plan] = []
        if group.id not in self._met and depth < MOST_DEPTH:
            self._met.add(group.id)
            for member_id in group.member_ids:
                if member_id in self._met or self._left <= 0:
                    continue
                agent = self._directory.agent(member_id)
                inner = self._directory.group(member_id)
                if agent is not None:
                    members.append(self.agent(agent, depth + 1))
                elif inner is not None:
                    members.append(self.group(inner, depth + 1))
        if not members:
            return LegPlan(f"group:{group.name}")
        return GroupPlan(group.ring_method, tuple(members), group.ring_timeout_s)

    def extension(self, extension: Extension) -> Plan:
        """The extension itself, on all its phones; it counts on the agent it belongs to."""
        agent = self._directory.agent_of_extension(extension.customer_id, extension.number)
        return self._phones(extension.number, agent, Address("", "extension", extension.number))

    def telephone(self, e164: str, attempts: tuple[TrunkAttempt, ...]) -> LegPlan:
        """A telephone number, over these trunks."""
        return self._through_trunks(e164, attempts, None, Address("", "tel", e164))

    def uri(self, uri: str) -> LegPlan:
        """A SIP address somewhere else."""
        attempt = to_phone(self._caller, "caller", Destination(uri))
        return self._leaf(_label(uri), (attempt,), None, Address("", "sip", uri))

    def _inside(
        self, user: str, address: Address, agent: Agent | None, depth: int
    ) -> tuple[Plan, float] | None:
        customer_id, directory = self._customer.id, self._directory
        if directory.extension(customer_id, user) is not None:
            owner = directory.agent_of_extension(customer_id, user)
            return self._phones(user, owner or agent, address), RING_S
        if depth >= MOST_DEPTH:
            return None
        named = directory.agent_by_number(customer_id, user)
        named = named or directory.agent_by_name(customer_id, user)
        if named is not None:
            return self.agent(named, depth + 1), named.ring_timeout_s
        group = directory.group_by_number(customer_id, user)
        return None if group is None else (self.group(group, depth + 1), group.ring_timeout_s)

    def _address(self, agent: Agent, address: Address, depth: int) -> Plan:
        match address.type:
            case "extension":
                return self._phones(address.target, agent, address)
            case "tel":
                return self._tel(agent, address, depth)
            case _:
                return self._sip(agent, address, depth)

    def _tel(self, agent: Agent, address: Address, depth: int) -> Plan:
        own = self._directory.number(address.target)
        if own is not None and own.customer_id == self._customer.id:
            return self._own_number(own, agent, address, depth)  # not round by the carrier
        attempts = self._directory.attempts(self._customer.id, address.target)
        return self._through_trunks(address.target, attempts, agent, address)

    def _own_number(self, number: Number, agent: Agent, address: Address, depth: int) -> Plan:
        found = self._target(number.to, depth + 1) if depth < MOST_DEPTH else None
        if found is None:
            return _nothing(f"tel:{number.e164}", agent, address)
        return _as_address(found[0], address)

    def _sip(self, agent: Agent, address: Address, depth: int) -> Plan:
        user, host, port = user_and_place(address.target)
        owner = self._around.customer_at(host, port)
        if owner is None:
            to = Destination(address.target)
            attempt = to_phone(self._caller, address.caller_id, to)
            return self._leaf(_label(address.target), (attempt,), agent, address)
        found = None
        if owner.id == self._customer.id:
            found = self._inside(user, address, agent, depth)
        if found is None:
            return _nothing(_label(address.target), agent, address)
        return _as_address(found[0], address)

    def _phones(self, number: str, agent: Agent | None, address: Address) -> Plan:
        """Every contact of an extension; they ring together."""
        label = f"extension:{number}"
        legs: list[Plan] = []
        for contact in self._around.bindings.contacts(self._customer.id, number):
            if contact.uri not in self._met and self._left > 0:
                self._met.add(contact.uri)
                attempt = to_phone(self._caller, address.caller_id, contact)
                legs.append(self._leaf(label, (attempt,), agent, address))
        if len(legs) == 1:
            return legs[0]
        return GroupPlan("ring_all", tuple(legs)) if legs else _nothing(label, agent, address)

    def _through_trunks(
        self,
        e164: str,
        attempts: tuple[TrunkAttempt, ...],
        agent: Agent | None,
        address: Address,
    ) -> LegPlan:
        choice, country = address.caller_id, self._customer.country
        found: list[Attempt] = []
        for attempt in attempts:
            trunk = self._directory.trunk(attempt.trunk_id)
            if trunk is not None:
                to = Destination(attempt.uri, trunk_id=trunk.id)
                found.append(to_trunk(self._caller, choice, to, trunk, country))
        return self._leaf(f"tel:{e164}", tuple(found), agent, address)

    def _leaf(
        self, label: str, attempts: tuple[Attempt, ...], agent: Agent | None, address: Address
    ) -> LegPlan:
        self._left -= 1
        return LegPlan(
            address=label,
            attempts=attempts,
            agent_id="" if agent is None else agent.id,
            delay_s=address.delay_s,
            timeout_s=address.timeout_s,
            confirm=address.confirm and self._around.confirms,
            follow_redirects=agent is not None and agent.follow_redirects,
        )


def _timed(found: tuple[Plan, float] | None) -> tuple[Plan, float] | None:
    return None if found is None else (in_turns(*found), found[1])


def _nothing(label: str, agent: Agent | None, address: Address) -> LegPlan:
    agent_id = "" if agent is None else agent.id
    return LegPlan(label, agent_id=agent_id, timeout_s=address.timeout_s)


def _as_address(plan: Plan, address: Address) -> Plan:
    """Somebody else's plan with the delay and the timeout of the address that leads to it."""
    if isinstance(plan, LegPlan) or not (address.delay_s or address.timeout_s):
        return plan
    return GroupPlan("ring_all", (plan,), address.timeout_s, address.delay_s)


def _label(uri: str) -> str:
    """The URI without parameters, as people know it."""
    return uri.partition(";")[0].partition("?")[0]


def planner_for(around: Surroundings, customer: Customer, route: Route) -> Planner:
    """Makes plans for this call; the agent who calls is never rung by his own call."""
    ordered = route.order is not None
    caller = Caller(route.caller, route.company, route.client_name, phones_only=ordered)
    planner = Planner(around, customer, caller)
    if route.agent_id:
        planner.exclude(route.agent_id)
    return planner
