"""Configuration as the deciding half sees it: frozen, in memory, replaced as a whole.

Written by ``switchroom apply``, stored by ``store/``, never changed in place. Nothing refers back
to what holds it, so the collector of cycles, for which calls wait, is spared it (``gc=False``).
"""

from typing import Literal

from msgspec import Struct

RingMethod = Literal["ring_all", "linear"]
NumberFormat = Literal["e164", "national", "without_plus"]
CallerIdChoice = Literal["caller", "company", "both"]
TargetKind = Literal["agent", "group", "extension"]


class Customer(Struct, frozen=True, gc=False):
    id: str
    name: str
    domain: str
    "SIP domain and digest realm, lower case."
    country: str
    "ISO 3166 two-letter code: how numbers without a plus are read."
    is_default: bool = False
    "Requests for the server's own address belong to this customer."


class Client(Struct, frozen=True, gc=False):
    """A client business that an outsourcing customer serves."""

    id: str
    customer_id: str
    name: str


class Tag(Struct, frozen=True, gc=False):
    """A team, a queue, a line of business: whatever a customer sorts agents and groups by."""

    id: str
    customer_id: str
    name: str
    text: str = ""


class Extension(Struct, frozen=True, gc=False):
    """A phone that registers. No clear password: HA1 of each algorithm, RFC 7616."""

    id: str
    customer_id: str
    number: str
    ha1_md5: str
    ha1_sha256: str
    max_contacts: int = 5
    dial: tuple[str, ...] = ("internal",)
    "Dial classes of an extension without an agent: internal, national, international."


class Trunk(Struct, frozen=True, gc=False):
    """A carrier: where calls to telephone numbers go and where they come from."""

    id: str
    customer_id: str
    name: str
    hosts: tuple[str, ...]
    "``host``, ``host:port`` or ``sip:host:port;transport=tcp``, tried in order."
    allow_from: tuple[str, ...]
    "Networks (CIDR) whose calls are accepted as this trunk's."
    number_format: NumberFormat = "e164"
    username: str = ""
    password: str = ""
    "Resolved secret for the carrier's digest challenge; empty for none."
    caller_id: str = ""
    "E.164 number presented when nothing better is known; empty for none."


class Route(Struct, frozen=True, gc=False):
    """Which trunks, in order, carry numbers with this E.164 prefix (``+``, ``+1202``)."""

    id: str
    customer_id: str
    prefix: str
    trunk_ids: tuple[str, ...]


class Address(Struct, frozen=True, gc=False):
    """One way to reach an agent."""

    id: str
    type: Literal["extension", "tel", "sip"]
    target: str
    "Extension number, E.164 number or SIP URI."
    enabled: bool = True
    delay_s: float = 0.0
    timeout_s: float | None = None
    "Stop ringing this address after so long; ``None``: with the agent's ring timeout."
    caller_id: CallerIdChoice = "caller"
    confirm: bool = False


class Agent(Struct, frozen=True, gc=False):
    id: str
    customer_id: str
    username: str
    "``alice@acme.example``"
    name: str
    addresses: tuple[Address, ...]
    number: str = ""
    "Short number inside the customer; empty for none."
    ring_method: RingMethod = "ring_all"
    ring_timeout_s: float = 30.0
    capacity: int = 1
    follow_redirects: bool = False
    dial: tuple[str, ...] = ()
    "Dial classes of calls from this agent's extensions: what his roles say. Not stored."
    tag_ids: tuple[str, ...] = ()
    "His teams, in the customer he belongs to."


class Group(Struct, frozen=True, gc=False):
    """Agents and other groups that ring together or in turn."""

    id: str
    customer_id: str
    name: str
    member_ids: tuple[str, ...]
    "Ids of agents and groups, in list order."
    number: str = ""
    ring_method: RingMethod = "ring_all"
    ring_timeout_s: float = 30.0
    tag_ids: tuple[str, ...] = ()


class Target(Struct, frozen=True, gc=False):
    """Where a number leads."""

    kind: TargetKind
    id: str


class Number(Struct, frozen=True, gc=False):
    """A telephone number (DID). Unique on the platform."""

    id: str
    customer_id: str
    e164: str
    to: Target
    client_id: str = ""
    no_answer: Target | None = None


class Configuration(Struct, frozen=True, gc=False):
    """Everything at once, as read from the database."""

    customers: tuple[Customer, ...] = ()
    clients: tuple[Client, ...] = ()
    tags: tuple[Tag, ...] = ()
    extensions: tuple[Extension, ...] = ()
    trunks: tuple[Trunk, ...] = ()
    routes: tuple[Route, ...] = ()
    agents: tuple[Agent, ...] = ()
    groups: tuple[Group, ...] = ()
    numbers: tuple[Number, ...] = ()
