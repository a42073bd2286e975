"""A node and its phones on a network in memory: the real loop, only time and wire are made up."""

from collections.abc import Sequence
from typing import cast

import msgspec
from msgspec.structs import replace

from scenarios.peer import Peer
from switchroom.agents.availability import Availability
from switchroom.agents.routing import AgentRouter
from switchroom.calls.events import CallFact
from switchroom.calls.plan import Order
from switchroom.calls.service import CallService, Originated
from switchroom.calls.snapshot import CallSnapshot
from switchroom.directory.lookup import Directory
from switchroom.directory.model import (
    Address,
    Agent,
    Configuration,
    Customer,
    Extension,
    Group,
    Number,
    Route,
    Target,
    Trunk,
)
from switchroom.drivers.access import DirectoryAccess
from switchroom.drivers.clock import Clock
from switchroom.drivers.journal import Journal
from switchroom.drivers.node import Node
from switchroom.foundation.events import Fact
from switchroom.foundation.leg import Destination, Hop
from switchroom.history.live import CallState, CallStateGone
from switchroom.simulator.ids import SeededIds
from switchroom.simulator.network import Link, Network, Place
from switchroom.simulator.phone import Phone, PhoneSettings
from switchroom.simulator.policy import Policy
from switchroom.sip.defence import Defence, DefenceSettings
from switchroom.sip.dialog.snapshot import LegSnapshot, restore
from switchroom.sip.digest import ha1
from switchroom.sip.events import RegistrationAdded
from switchroom.sip.registrar import Registrar, RegistrarSettings
from switchroom.sip.settings import SipSettings
from switchroom.sip.user_agent import UserAgent

NODE: Place = ("10.0.0.1", 5060)
DOMAIN = "acme.example"
PASSWORD = "correct horse"
UTC_OFFSET = 1_700_000_000.0
TRUNK_PLACE: Place = ("10.0.9.1", 5060)
SECOND_TRUNK_PLACE: Place = ("10.0.9.2", 5060)
GIVE_UP_S = 32.0
"64*T1."
USUAL = Policy()
GOOD = Link()
SETTINGS = SipSettings()


def extension(number: str) -> Extension:
    return Extension(
        f"ext-{number}",
        "acme",
        number,
        ha1("MD5", number, DOMAIN, PASSWORD),
        ha1("SHA-256", number, DOMAIN, PASSWORD),
    )


def agent(name: str, *addresses: Address, number: str = "", **more: object) -> Agent:
    made = Agent(f"agent-{name}", "acme", f"{name}@{DOMAIN}", name.title(), addresses, number)
    return replace(made, **{"dial": ("internal", "national"), **more})


def phone_address(number: str, **more: object) -> Address:
    return replace(Address(f"a-{number}", "extension", number), **more)


def trunk(name: str, *hosts: Place, **more: object) -> Trunk:
    made = Trunk(
        f"trunk-{name}",
        "acme",
        name,
        tuple(f"{address}:{port}" for address, port in hosts),
        tuple(f"{address}/32" for address, _ in hosts),
    )
    return replace(made, **more)


def configuration(
    *agents: Agent,
    extensions: Sequence[str] = ("1001", "1002", "1003", "2001"),
    trunks: Sequence[Trunk] = (),
    groups: Sequence[Group] = (),
    numbers: Sequence[Number] = (),
) -> Configuration:
    return Configuration(
        customers=(Customer("acme", "acme", DOMAIN, "US", is_default=True),),
        extensions=tuple(map(extension, extensions)),
        agents=agents,
        trunks=tuple(trunks),
        routes=(Route("r", "acme", "+", tuple(trunk.id for trunk in trunks)),) if trunks else (),
        groups=tuple(groups),
        numbers=tuple(numbers),
    )


def number(e164: str, kind: str, target_id: str) -> Number:
    return Number(f"n-{e164}", "acme", e164, Target(kind, target_id))  # type: ignore[arg-type]


ALICE = agent(
    "alice",
    phone_address("1001"),
    phone_address("1002"),
    phone_address("1003"),
    number="201",
)
"An agent with three phones; ``2001`` is the one who calls."


PEER_PLACE: Place = ("10.0.5.1", 5060)
SECOND_PEER_PLACE: Place = ("10.0.5.2", 5060)


def sip_address(place: Place, **more: object) -> Address:
    """An address of an agent where a ``Peer`` or another server listens."""
    host, port = place
    return replace(Address(f"a-{host}", "sip", f"sip:bob@{host}:{port}"), **more)


def bob_config(*more: Address, **agent_settings: object) -> Configuration:
    """An agent at ``PEER_PLACE``; the number of the platform leads to him from ``TRUNK_PLACE``."""
    bob = agent("bob", sip_address(PEER_PLACE), *more, number="202", **agent_settings)
    return configuration(
        bob,
        trunks=(trunk("carrier", TRUNK_PLACE),),
        numbers=(number("+12025550100", "agent", "agent-bob"),),
    )


class NetworkClock(Clock):
    """The network's clock, worn as the machine's."""

    __slots__ = ("_network",)

    def __init__(self, network: Network) -> None:
        self._network = network

    def monotonic(self) -> float:
        return self._network.now

    def utc(self) -> float:
        return self._network.now + UTC_OFFSET

    def utc_offset(self) -> float:
        return UTC_OFFSET


class JournalInMemory:
    """Takes what a journal takes; what is added counts as kept once it is flushed.

    What the real one could not write is an error at once.
    """

    def __init__(self) -> None:
        self.kept: list[object] = []
        self._waiting: list[object] = []

    def add(self, record: object) -> None:
        msgspec.json.encode(record)
        self._waiting.append(record)

    def flush(self) -> None:
        self.kept += self._waiting
        self._waiting.clear()


class RegistrarBindings:
    """The registrar as routing sees it."""

    def __init__(self, registrar: Registrar, network: Network) -> None:
        self._registrar = registrar
        self._network = network

    def contacts(self, customer_id: str, extension_number: str) -> list[Destination]:
        found = self._registrar.contacts(customer_id, extension_number, self._network.now)
        return [Destination(binding.uri, binding.hop) for binding in found]


class LocalAddress:
    """Where the node is, the same towards everybody."""

    def local(self, hop: Hop) -> str:  # noqa: ARG002
        return f"{NODE[0]}:{NODE[1]}"


class NodeHost:
    """A node on the network, and a memory of all its facts."""

    def __init__(
        self,
        network: Network,
        config: Configuration,
        settings: SipSettings = SETTINGS,
        seed: str = "node",
        ping_interval_s: float = 0.0,
    ) -> None:
        ids = SeededIds(seed, "n")
        self.network = network
        self.registrar = Registrar(
            RegistrarSettings(ping_interval_s=ping_interval_s), ids, UTC_OFFSET
        )
        self.defence = Defence(DefenceSettings(rate_per_s=100_000.0), UTC_OFFSET)
        self.availability = Availability()
        directory = Directory(config)
        router = AgentRouter(
            directory,
            RegistrarBindings(self.registrar, network),
            self.availability,
            own_hosts=(NODE[0],),
            own_ports=(str(NODE[1]),),
        )
        access = DirectoryAccess(directory, frozenset((NODE[0],)), NODE[0])
        self.agent = UserAgent(access, LocalAddress(), ids, settings, self.registrar, self.defence)
        self.calls = CallService(router, ids, lambda: UTC_OFFSET)
        self.journal = JournalInMemory()
        self.node = Node(self.agent, self.calls, cast(Journal, self.journal), NetworkClock(network))
        self.names: dict[str, tuple[str, ...]] = {}
        "What host names resolve to; others to nothing."
        self.node.attach(
            lambda data, hop: network.send(data, NODE, hop),
            lambda name, found: found(self.names.get(name, ())),
            lambda when: None,  # noqa: ARG005 - the network asks by itself
        )
        self.burst = 1
        "Messages that count as read from the socket in each turn."
        self.facts: list[Fact] = []
        self.node.watchers.append(self.facts.append)

    def receive(self, data: bytes, source: Hop) -> None:
        self.node.receive(data, source)
        self.node.drained(self.burst)

    def tick(self) -> None:
        self.node.tick()

    def deadline(self) -> float | None:
        return self.node.deadline()

    def transport_failed(self, hop: Hop) -> None:
        self.node.transport_failed(hop)

    def originate(self, order: Order) -> str:
        """Begin a call by command; its id."""
        begun = self.calls.originate(order, self.network.now)
        assert isinstance(begun, Originated), begun
        self.node.perform(begun.outputs)
        return begun.call_id

    def named(self, tag: str) -> list[CallFact]:
        """The facts with this name."""
        return [
            cast(CallFact, fact) for fact in self.facts if type(fact).__struct_config__.tag == tag
        ]

    def sizes(self) -> dict[str, int]:
        """How much is in each table that a call may fill."""
        agent = self.agent
        return {
            "clients": len(agent.layer.clients),
            "servers": len(agent.layer.servers),
            "merged": agent.layer.merged_size,
            "legs": len(agent.legs.by_id),
            "tags": len(agent.legs.by_tag),
            "calls": len(self.calls.calls),
        }


class World:
    """The whole: network, node, phones. Everybody has registered once ``phone`` returns."""

    def __init__(
        self,
        config: Configuration | None = None,
        *,
        seed: int = 1,
        link: Link = GOOD,
        settings: SipSettings = SETTINGS,
        ping_interval_s: float = 0.0,
    ) -> None:
        """``ping_interval_s`` 0: no OPTIONS between the messages of a test."""
        self.network = Network(seed, link)
        self.config = config if config is not None else configuration(ALICE)
        self.settings = settings
        self.host = NodeHost(self.network, self.config, settings, ping_interval_s=ping_interval_s)
        self.network.attach(self.host, NODE)
        self.phones: dict[str, Phone] = {}

    def phone(
        self,
        user: str,
        policy: Policy = USUAL,
        *,
        transport: str = "udp",
        password: str = PASSWORD,
        place: Place | None = None,
        shown_as: Place | None = None,
        register: bool = True,
        domain: str = DOMAIN,
    ) -> Phone:
        """A phone with an account; registered unless told otherwise."""
        place = place or (f"10.0.1.{len(self.phones) + 1}", 5060)
        phone = self._attach(user, place, transport, password, shown_as, domain)
        phone.policy = policy
        if register:
            phone.register()
            self.network.run(60.0 if self.network.lossy else 0.5)
            assert phone.registered == "registered", phone.registration.status
        return phone

    def carrier(self, policy: Policy = USUAL, place: Place = TRUNK_PLACE) -> Phone:
        """The far end of a trunk: a phone without account."""
        phone = self._attach("carrier", place, "udp", "", None)
        phone.policy = policy
        return phone

    def peer(self, place: Place, transport: str = "udp") -> Peer:
        """Somebody who says exactly what the test says."""
        peer = Peer(self.network, place, (transport, *NODE))
        self.network.attach(peer, place)
        return peer

    def run(self, seconds: float) -> None:
        self.network.run(seconds)

    def restart(self) -> None:
        """Kill the node and start a new one from what its journal kept."""
        kept = self.host.journal.kept
        calls: dict[str, CallState] = {}
        added: dict[str, RegistrationAdded] = {}
        for record in kept:
            match record:
                case CallState():
                    calls[record.call_id] = record
                case CallStateGone():
                    calls.pop(record.call_id, None)
                case RegistrationAdded():
                    added[record.binding_id] = record
        old = self.host
        self.host = NodeHost(
            self.network, self.config, self.settings, seed=f"restarted at {self.network.now}"
        )
        self.network.attach(self.host, NODE)
        self.host.facts += old.facts
        self.host.journal.kept = kept
        now = self.network.now
        self.host.registrar.restore(added.values(), now)
        snapshots = []
        for state in calls.values():
            for leg in state.legs.values():
                kept_leg = msgspec.json.decode(leg, type=LegSnapshot)
                restore(self.host.agent.legs, kept_leg, now, UTC_OFFSET)
            snapshots.append(msgspec.json.decode(state.call, type=CallSnapshot))
        for snapshot in snapshots:
            self.host.node.perform(self.host.calls.restore(snapshot, now))

    def assert_empty(self) -> None:
        """Nothing may be left of any call, 64*T1 after the last message and a little more."""
        for phone in self.phones.values():
            phone.registration.stop()  # no more refreshes, which would fill tables anew
        self.network.run_until_quiet()
        self.network.run(GIVE_UP_S + 60.0)
        assert set(self.host.sizes().values()) == {0}, self.host.sizes()
        for name, phone in self.phones.items():
            assert not phone.calls, (name, phone.calls)
            assert not phone.agent.legs.by_id, name
            assert not phone.agent.layer.clients, (name, phone.agent.layer.clients)
            assert not phone.agent.layer.servers, (name, phone.agent.layer.servers)
        for one in self.config.agents:
            assert self.host.availability.state(one.id) == ("idle", 0)

    def _attach(
        self,
        user: str,
        place: Place,
        transport: str,
        password: str,
        shown_as: Place | None,
        domain: str = DOMAIN,
    ) -> Phone:
        settings = PhoneSettings(
            user, domain, (transport, *NODE), place[0], place[1], password=password
        )
        network = self.network
        phone = Phone(
            settings,
            SeededIds(f"{user} {place}", "p"),
            network.clock,
            lambda data, hop: network.send(data, place, hop),
        )
        name = user if user not in self.phones else f"{user} at {place[0]}"
        self.phones[name] = phone
        network.attach(phone, place, shown_as)
        return phone
