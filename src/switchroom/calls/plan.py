"""What a router decides about a call: whom to ring in which order, or why not at all."""

from typing import Literal, TypeAlias

from msgspec import Struct

from switchroom.calls.events import Direction
from switchroom.foundation.leg import Cause, Destination, Identity

UNREACHABLE = Cause(480, 20, "Nobody can be reached there")
BUSY = Cause(486, 17, "Busy")


class Attempt(Struct, frozen=True):
    """One destination of a leg, and who is shown there as the caller."""

    to: Destination
    caller: Identity
    asserted: Identity | None = None
    "Shown in P-Asserted-Identity; ``None`` for no such header."


class LegPlan(Struct, frozen=True):
    """One phone to ring: the leaf of a plan."""

    address: str
    "``extension:1001``, ``tel:+12025550123``, ``sip:alice@192.0.2.1``."
    attempts: tuple[Attempt, ...] = ()
    "The first destination and those to fail over to, in order; empty: nothing to ring."
    agent_id: str = ""
    "Whose phone it is; this agent must be free when it is dialled. Empty for nobody's."
    delay_s: float = 0.0
    "Start so long after its turn has come."
    timeout_s: float | None = None
    "Give this address up so long after dialling; ``None``: with what contains it."
    confirm: bool = False
    "An answer counts only once the person has confirmed it (a mobile's voicemail cannot)."
    follow_redirects: bool = False
    if_none: Cause = UNREACHABLE
    "What counts as the outcome when there are no attempts."


class GroupPlan(Struct, frozen=True):
    """Legs and groups that ring together (``ring_all``) or in list order (``linear``)."""

    method: Literal["ring_all", "linear"]
    members: tuple["Plan", ...]
    timeout_s: float | None = None
    "Stop everything below so long after its start."
    delay_s: float = 0.0
    "Start so long after its turn has come."


Plan: TypeAlias = LegPlan | GroupPlan


PartyKind: TypeAlias = Literal["agent", "extension", "number", "group", "sip"]


class Party(Struct, frozen=True):
    """Somebody named in an order; only the router reads it."""

    kind: PartyKind
    name: str
    "Id or name, number, or SIP URI, as it was written."


class Order(Struct, frozen=True):
    """A call that a command wants: whom to ring, and with whom to connect who answers first."""

    customer_id: str
    destinations: tuple[Party, ...]
    connect_to: Party | None = None
    "``None``: park who answers."
    ring_method: Literal["ring_all", "linear"] = "ring_all"
    ring_timeout_s: float | None = None
    "How long the destinations ring; ``None``: as is configured for the only one, or 30 s."
    client_id: str = ""
    asked_by: str = ""
    "Id of the agent who wants it; empty for nobody in particular."
    for_agent: str = ""
    "Id of the agent whose call it is, as if he had dialled; empty: of who wants it."
    dial: tuple[str, ...] = ()
    "The dial classes that whoever wants it holds; ``sip`` is SIP addresses elsewhere."

    @property
    def speaker(self) -> str:
        """Id of the agent who is rung whatever his status, and whose number is shown."""
        return self.for_agent or self.asked_by


class Route(Struct, frozen=True):
    """Where a call goes and what its record says about it."""

    customer_id: str
    direction: Direction
    caller: Identity
    "The caller as recorded; what each leg shows is in its attempts."
    called: str
    "Normalised: E.164, extension number, user name."
    plan: Plan
    give_up_s: float
    client_id: str = ""
    client_name: str = ""
    agent_id: str = ""
    "The agent who calls, if the caller's extension belongs to one."
    origin_name: str = ""
    "Extension number or trunk name, for people."
    company: str = ""
    "E.164 number of the company as whose caller or callee this is; empty for none."
    is_emergency: bool = False
    "Rings beyond the limit of calls and while the node drains."
    no_answer: tuple[Literal["agent", "group", "extension"], str] | None = None
    "Kind and id of the target when nobody answers; only the router reads it."
    order: Order | None = None
    "Of an originated call: what was wanted."
    rung: str = ""
    "Of an originated call: whom it rings first, for its record."


class Refusal(Struct, frozen=True):
    """Why a call is turned away before it rings anywhere."""

    cause: Cause
    customer_id: str = ""
    client_id: str = ""
    "Whose call it would have been, as far as that is known."
    destination: int | None = None
    "Place in the order of whom it is about; ``None``: it is about no destination, or the only one."
