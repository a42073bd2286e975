"""Facts about calls and legs. Everything a call record says is built from these alone."""

from typing import ClassVar, Literal

from switchroom.foundation.events import Fact

Direction = Literal["in", "out", "internal"]


class CallFact(Fact, frozen=True, kw_only=True):
    resource: ClassVar[str] = "calls"
    id_field: ClassVar[str] = "call_id"

    call_id: str
    client_id: str = ""


class CallCreated(CallFact, frozen=True, kw_only=True, tag="call.created"):
    """A call came in and was accepted for routing, or a command has begun it."""

    leg_id: str
    "The caller's leg; empty for a call that a command has begun: it has none yet."
    direction: Direction
    caller: str
    caller_display: str = ""
    called: str
    origin: Literal["extension", "trunk", "command"]
    origin_id: str
    "Of a command: the agent who wanted the call, empty for nobody in particular."
    origin_name: str = ""
    "Extension number, trunk name or user name, for people."
    agent_id: str = ""
    "The agent who calls: whose extension it is, or for whom a command has begun the call."
    source: str = ""
    "Transport and address the call came from: ``udp:192.0.2.7:5060``."
    sip_call_id: str = ""
    "Call-ID of the caller's leg: finds its messages in a capture."


class LegDialled(CallFact, frozen=True, kw_only=True, tag="leg.dialled"):
    """An INVITE left for one contact, URI or trunk host."""

    leg_id: str
    agent_id: str = ""
    address: str
    "``extension:1001``, ``tel:+12025550123``, ``sip:alice@192.0.2.1``."
    contact: str
    "The URI dialled."
    trunk: str = ""


class LegRang(CallFact, frozen=True, kw_only=True, tag="leg.ringing"):
    leg_id: str
    agent_id: str = ""


class LegPickedUp(CallFact, frozen=True, kw_only=True, tag="leg.answered"):
    leg_id: str
    agent_id: str = ""


class LegFinished(CallFact, frozen=True, kw_only=True, tag="leg.ended"):
    """One leg is over, the caller's included."""

    leg_id: str
    agent_id: str = ""
    outcome: Literal[
        "answered",
        "elsewhere",
        "cancelled",
        "busy",
        "no_answer",
        "unreachable",
        "refused",
        "failed",
    ]
    status: int
    q850: int
    text: str = ""
    by: str = ""


class CallTaken(CallFact, frozen=True, kw_only=True, tag="call.taken"):
    """Somebody was first to answer an originated call and is its caller from now on."""

    leg_id: str
    agent_id: str = ""
    caller: str


class CallConnected(CallFact, frozen=True, kw_only=True, tag="call.answered"):
    """One leg won and now talks to the caller; of a parked call, the leg that is parked."""

    leg_id: str
    agent_id: str = ""
    waited_s: float
    "Seconds from the call's arrival to this answer."


class CallEnded(CallFact, frozen=True, kw_only=True, tag="call.ended"):
    """The call is over and every leg of it has ended."""

    status: int
    "Final SIP status the caller saw: 200 for an answered call."
    q850: int
    text: str = ""
    by: Literal["caller", "callee", "system"]
    talked_s: float = 0.0


class CallRefused(CallFact, frozen=True, kw_only=True, tag="call.refused"):
    """A call was turned away before it rang anywhere: unknown number, no permission, no route."""

    caller: str
    called: str
    status: int
    q850: int = 0
    text: str
    source: str = ""
