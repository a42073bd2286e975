"""Finds whom an order names: agents, extensions, groups, numbers, SIP addresses.

Ids and names are both understood. What belongs to another customer does not exist. A ``number`` is
what one could dial on a desk phone: an extension, a short number, a user name or a telephone
number. Dial rights are those of the order: ``internal`` for everybody inside, the classes of
telephone numbers, and ``sip`` for SIP addresses elsewhere. A carrier's own address is never
dialled as a SIP address: that would be a way round the classes.
"""

from typing import NamedTuple

from switchroom.agents.dialling import carriers
from switchroom.agents.numbers import plain, refuse
from switchroom.agents.planner import RING_S, TELEPHONE_S, Planner, Surroundings
from switchroom.agents.uri import user_and_place
from switchroom.calls.plan import Order, Party, Plan, Refusal
from switchroom.directory.lookup import Directory
from switchroom.directory.model import Agent, Customer, Extension, Group, Number, Target, TargetKind
from switchroom.directory.numbering import is_emergency, normalise
from switchroom.directory.syntax import sip_uri_fault
from switchroom.foundation.leg import Identity

DEFAULT_PORT = "5060"


class Found(NamedTuple):
    """Somebody who can be dialled."""

    plan: Plan
    ring_s: float
    identity: Identity
    "As shown on the phones of those who are rung for him."
    is_outside: bool = False
    is_emergency: bool = False
    no_answer: tuple[TargetKind, str] | None = None

    @property
    def label(self) -> str:
        """For the record."""
        return self.identity.user or self.identity.display


class Parties:
    """Finds the parties of one order, and has their plans made by ``planner``."""

    def __init__(
        self, around: Surroundings, customer: Customer, order: Order, planner: Planner
    ) -> None:
        self._around = around
        self._directory = around.directory
        self._customer = customer
        self._dial = order.dial
        self._planner = planner

    def find(self, party: Party) -> Found | Refusal:
        """Whom ``party`` means, or why it cannot be dialled."""
        match party.kind:
            case "agent":
                agent = agent_named(self._directory, self._customer.id, party.name)
                return self._inside(agent, party)
            case "extension":
                return self._inside(self._extension(party.name), party)
            case "group":
                return self._inside(self._group(party.name), party)
            case "number":
                return self._number(party)
            case _:
                return self._sip(party)

    def _extension(self, name: str) -> Extension | None:
        found = self._directory.extension_by_id(name)
        if found is not None and found.customer_id == self._customer.id:
            return found
        return self._directory.extension(self._customer.id, name)

    def _group(self, name: str) -> Group | None:
        found = self._directory.group(name) or self._directory.group_by_number(
            self._customer.id, name
        )
        if found is not None and found.customer_id == self._customer.id:
            return found
        groups = self._directory.configuration.groups
        own = (group for group in groups if group.customer_id == self._customer.id)
        return next((group for group in own if group.name == name), None)

    def _inside(self, target: Agent | Extension | Group | None, party: Party) -> Found | Refusal:
        if target is None:
            return self._nobody(f"There is no {party.kind} {party.name}")
        if "internal" not in self._dial:
            return self._no_right()
        planner = self._planner
        match target:
            case Agent():
                user = target.number or target.username.partition("@")[0]
                shown = Identity(user, target.name)
                return Found(planner.agent(target), target.ring_timeout_s, shown)
            case Group():
                shown = Identity(target.number, target.name)
                return Found(planner.group(target), target.ring_timeout_s, shown)
            case _:
                return Found(planner.extension(target), RING_S, Identity(target.number))

    def _number(self, party: Party) -> Found | Refusal:
        dialled, country = party.name, self._customer.country
        if is_emergency(dialled, country):
            return self._emergency(dialled)
        inside = self._planner.named(dialled)
        if inside is not None:
            return (
                Found(*inside, Identity(dialled)) if "internal" in self._dial else self._no_right()
            )
        e164 = normalise(dialled, country)
        if e164 is None:
            return self._nobody(f"Nobody has the number or name {dialled}")
        own = self._directory.number(e164)
        if own is not None and own.customer_id == self._customer.id:
            return self._own_number(own)
        attempts = carriers(self._around, self._customer, e164, self._dial)
        if isinstance(attempts, Refusal):
            return attempts
        plan = self._planner.telephone(e164, attempts)
        return Found(plan, TELEPHONE_S, Identity(e164), is_outside=True)

    def _emergency(self, dialled: str) -> Found | Refusal:
        attempts = self._directory.emergency_attempts(self._customer.id, dialled)
        if not attempts:
            return self._nobody(f"No trunk carries calls to {dialled}")
        plan = self._planner.telephone(dialled, attempts)
        shown = Identity(dialled)
        return Found(plan, TELEPHONE_S, shown, is_outside=True, is_emergency=True)

    def _own_number(self, number: Number) -> Found | Refusal:
        if "internal" not in self._dial:
            return self._no_right()
        goal = self._planner.goal(Target(number.to.kind, number.to.id))
        if goal is None:
            return self._nobody(f"The number {number.e164} leads nowhere")
        return Found(*goal, Identity(number.e164), no_answer=plain(number.no_answer))

    def _sip(self, party: Party) -> Found | Refusal:
        uri = party.name
        fault = sip_uri_fault(uri)
        if fault is not None:
            return refuse(404, 28, f"The SIP address {fault}", self._customer.id)
        user, host, port = user_and_place(uri)
        owner = self._around.customer_at(host, port)
        if owner is not None:
            inside = self._planner.named(user) if owner.id == self._customer.id else None
            if inside is None:
                return self._nobody(f"There is nobody at {uri}")
            return Found(*inside, Identity(user)) if "internal" in self._dial else self._no_right()
        if "sip" not in self._dial:
            return refuse(403, 21, "No right to call SIP addresses elsewhere", self._customer.id)
        if (host, port or DEFAULT_PORT) in self._carriers():
            return refuse(403, 21, f"{host} is a carrier: dial a number", self._customer.id)
        return Found(self._planner.uri(uri), RING_S, Identity(user or host), is_outside=True)

    def _carriers(self) -> set[tuple[str, str]]:
        """Host and port of every carrier, of other customers as well."""
        trunks = self._directory.configuration.trunks
        texts = {
            host.removeprefix("sip:").partition(";")[0] for one in trunks for host in one.hosts
        }
        return {_endpoint(text) for text in texts}

    def _nobody(self, text: str) -> Refusal:
        return refuse(404, 1, text, self._customer.id)

    def _no_right(self) -> Refusal:
        return refuse(403, 21, "No right to make internal calls", self._customer.id)


def agent_named(directory: Directory, customer_id: str, name: str) -> Agent | None:
    """The customer's agent with this id, short number or user name."""
    found = directory.agent(name)
    if found is not None and found.customer_id == customer_id:
        return found
    by_number = directory.agent_by_number(customer_id, name)
    return by_number or directory.agent_by_name(customer_id, name)


def _endpoint(text: str) -> tuple[str, str]:
    host, _, port = text.partition(":")
    return host.lower(), port or DEFAULT_PORT
