"""Builds the deciding parts of a node from its settings and its configuration."""

from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from msgspec import Struct

from switchroom.agents.availability import Availability
from switchroom.agents.routing import AgentRouter
from switchroom.calls.service import CallService
from switchroom.directory.differences import differences
from switchroom.directory.events import ConfigurationFact
from switchroom.directory.lookup import Directory
from switchroom.directory.model import Configuration
from switchroom.drivers.access import DirectoryAccess
from switchroom.drivers.clock import Clock
from switchroom.drivers.ids import RandomIds
from switchroom.drivers.journal import Journal
from switchroom.drivers.node import Node
from switchroom.drivers.settings import Settings
from switchroom.foundation.events import UtcSeconds
from switchroom.foundation.leg import Destination
from switchroom.sip.defence import Defence, DefenceSettings
from switchroom.sip.ports import Network
from switchroom.sip.registrar import Registrar, RegistrarSettings
from switchroom.sip.registration.request import ExpiryBounds
from switchroom.sip.settings import SipSettings
from switchroom.sip.transaction.timers import Timers
from switchroom.sip.user_agent import UserAgent

LEGS_PER_CALL = 8
"Legs that the node has room for, for each call it has room for: many phones per agent ring."


class Whereabouts(Struct, frozen=True):
    """Where this node is, in the eyes of its peers."""

    network: Network
    hosts: frozenset[str]
    "Addresses and names that mean this node."
    ports: Collection[str]
    "Where it listens; known once it does."


class Successor(Struct, frozen=True):
    """A configuration that is ready to follow the one in force."""

    directory: Directory
    changes: Sequence[ConfigurationFact] = ()
    "What is another than before."


def successor_of(before: Configuration, after: Configuration, at: UtcSeconds) -> Successor:
    """Make ``after`` ready to follow ``before``; with thousands of agents it takes long.

    Any thread may call.
    """
    return Successor(Directory(after), differences(before, after, at))


class Parts(Struct):
    """The parts that others look at or change while a node runs."""

    node: Node
    access: DirectoryAccess
    router: AgentRouter
    availability: Availability
    registrar: Registrar
    defence: Defence
    directory: Directory
    trusted: Sequence[str]

    def configure(self, successor: Successor, now: float) -> None:
        """Put a new configuration in force; calls that are on go on.

        What is another than before is told as facts.
        """
        self.directory = directory = successor.directory
        self.access.directory = directory
        self.router.directory = directory
        trunks = directory.configuration.trunks
        networks = [network for trunk in trunks for network in trunk.allow_from]
        self.defence.trust([*self.trusted, *networks])
        gone = self.registrar.keep(
            lambda customer_id, number: directory.extension(customer_id, number) is not None, now
        )
        for fact in gone:
            self.node.publish(fact)
        for changed in successor.changes:
            self.node.publish(changed)


class RegisteredContacts:
    """The registrar as routing asks it (``agents.ports.Bindings``)."""

    def __init__(self, registrar: Registrar, now: Callable[[], float]) -> None:
        self._registrar = registrar
        self._now = now

    def contacts(self, customer_id: str, extension_number: str) -> Sequence[Destination]:
        found = self._registrar.contacts(customer_id, extension_number, self._now())
        return [Destination(binding.uri, binding.hop) for binding in found]


def build(
    settings: Settings,
    configuration: Configuration,
    whereabouts: Whereabouts,
    journal: Journal,
    clock: Clock,
) -> Parts:
    """Everything that decides, wired together, without a socket."""
    ids = RandomIds()
    network, hosts = whereabouts.network, whereabouts.hosts
    directory = Directory(configuration)
    outside = settings.advertised_address or next(iter(sorted(hosts)), "localhost")
    access = DirectoryAccess(directory, hosts, outside)
    registrar = Registrar(_registrar_settings(settings), ids, clock.utc_offset())
    defence = Defence(_defence_settings(settings), clock.utc_offset())
    availability = Availability()
    contacts = RegisteredContacts(registrar, clock.monotonic)
    router = AgentRouter(
        directory, contacts, availability, own_hosts=hosts, own_ports=whereabouts.ports
    )
    calls = CallService(router, ids, clock.utc_offset, most_calls=settings.limit_calls)
    agent = UserAgent(access, network, ids, _sip_settings(settings), registrar, defence)
    node = Node(agent, calls, journal, clock)
    parts = Parts(
        node,
        access,
        router,
        availability,
        registrar,
        defence,
        directory,
        settings.trusted_networks,
    )
    parts.configure(Successor(directory), clock.monotonic())
    return parts


def journal_directory(settings: Settings) -> Path:
    return settings.data_dir / "journal"


def _sip_settings(settings: Settings) -> SipSettings:
    return SipSettings(
        timers=Timers(settings.timer_t1_s, settings.timer_t2_s, settings.timer_t4_s),
        digest_algorithms=settings.digest_algorithms,
        nonce_lifetime_s=settings.nonce_lifetime_s,
        limit_transactions=settings.limit_transactions,
        limit_legs=settings.limit_calls * LEGS_PER_CALL,
        user_agent=settings.user_agent,
    )


def _registrar_settings(settings: Settings) -> RegistrarSettings:
    return RegistrarSettings(
        bounds=ExpiryBounds(
            settings.registration_least_s,
            settings.registration_most_s,
            settings.registration_default_s,
        ),
        limit_bindings=settings.limit_registrations,
        ping_interval_s=settings.ping_interval_s,
    )


def _defence_settings(settings: Settings) -> DefenceSettings:
    return DefenceSettings(
        rate_per_s=settings.rate_per_source,
        trusted_rate_per_s=settings.rate_trusted,
        ban_after=settings.ban_after_failures,
        ban_first_s=settings.ban_first_s,
        ban_longest_s=settings.ban_longest_s,
    )
