"""What a node says about itself when asked ``status``: values for people and programs."""

from msgspec import Struct


class RegistrationStatus(Struct, frozen=True):
    """One registered contact of an extension."""

    customer: str
    extension: str
    contact: str
    source: str
    "``udp:192.0.2.7:5060``: where the phone is reached."
    expires_in_s: float
    user_agent: str = ""
    is_reachable: bool = True
    "Whether it answered the last ping."


class TrunkStatus(Struct, frozen=True):
    customer: str
    name: str
    hosts: tuple[str, ...] = ()
    live_calls: int = 0


class LegStatus(Struct, frozen=True):
    leg_id: str
    address: str
    contact: str
    state: str
    "``dialled``, ``ringing``, ``answered``, ``ending``."
    agent: str = ""


class CallStatus(Struct, frozen=True):
    """One live call."""

    call_id: str
    customer: str
    direction: str
    caller: str
    called: str
    state: str
    "``ringing``, ``joining`` (the destination has answered), ``connected``, ``ending``."
    started_at: float
    "Unix time in seconds."
    answered_at: float | None = None
    client: str = ""
    agent: str = ""
    legs: tuple[LegStatus, ...] = ()


class CallBegun(Struct, frozen=True):
    """A call that a command has begun; what becomes of it, its facts tell."""

    call_id: str


class AgentStatus(Struct, frozen=True):
    customer: str
    username: str
    name: str
    status: str
    "What the agent chose: ``available``, ``away``, …"
    state: str
    "What calls make of it: ``idle``, ``ringing``, ``on_call``."
    live_calls: int = 0
    capacity: int = 1
    number: str = ""
    "Short number; empty for none."


class BanStatus(Struct, frozen=True):
    source: str
    ends_in_s: float
    failures: int = 0
    reason: str = ""


class RefusalStatus(Struct, frozen=True):
    """One request or call that was turned away."""

    at: float
    "Unix time in seconds."
    source: str
    what: str
    reason: str


class JournalStatus(Struct, frozen=True):
    segment: int = 0
    behind_bytes: int = 0
    "Written to the journal and not yet in the database."
    dropped: int = 0
    failure: str = ""
    "Why the disk or the database takes nothing; empty when all is well."


class NodeStatus(Struct, frozen=True):
    """Everything at once, as one moment of the loop saw it."""

    version: str
    at: float
    "Unix time in seconds."
    started_at: float
    sip: tuple[str, ...] = ()
    "``udp:127.0.0.1:5060``: where the node listens."
    is_draining: bool = False
    not_ready: tuple[str, ...] = ()
    "Reasons why new calls should go elsewhere; empty when ready."
    registrations: tuple[RegistrationStatus, ...] = ()
    trunks: tuple[TrunkStatus, ...] = ()
    calls: tuple[CallStatus, ...] = ()
    agents: tuple[AgentStatus, ...] = ()
    bans: tuple[BanStatus, ...] = ()
    refusals: tuple[RefusalStatus, ...] = ()
    "The latest, newest last."
    journal: JournalStatus = JournalStatus()
    warnings: tuple[str, ...] = ()
    "What somebody should put right though calls go on: a trunk without its password."
