"""The language of legs: what happens on one, and what can be done to one.

A leg is one side of a call. Nothing here knows SIP, so a browser phone or the simulator needs no
special case. Upward go events (past tense), downward go actions (commands). ``session`` is an
opaque session description; ``None`` in an arrival means that the offer comes later.
"""

from typing import Literal

from msgspec import Struct

Hop = tuple[str, str, int]
"Where bytes go: transport (``udp`` or ``tcp``), numeric address, port."


class Cause(Struct, frozen=True):
    """Why a leg ended: a SIP status (0 for none), a Q.850 cause (0 for none), a text for people."""

    status: int = 0
    q850: int = 0
    text: str = ""


class Origin(Struct, frozen=True):
    """Who brought the call in, as the edge has established it."""

    kind: Literal["extension", "trunk"]
    id: str
    "Id of the extension or of the trunk."
    customer_id: str


class Identity(Struct, frozen=True):
    """A party as shown to the other: user part (``1001``, ``+12025550123``), display name."""

    user: str
    display: str = ""


class Destination(Struct, frozen=True):
    """One place to dial, already resolved by the directory and the registrar."""

    uri: str
    "Request-URI, for example ``sip:1001@192.0.2.7:5060;transport=tcp``."
    hop: Hop | None = None
    "Where to send regardless of the URI (a contact behind NAT); ``None``: ask the URI."
    trunk_id: str = ""
    "Whose credentials answer a challenge; empty for none."


class Ask(Struct, frozen=True):
    """A request inside a call that is carried to the other party: re-INVITE, UPDATE, INFO."""

    method: str
    content_type: str = ""
    body: bytes = b""
    max_forwards: int = 70
    "Hops left when it goes out; it has been counted down already."


class Reply(Struct, frozen=True):
    """The other party's final answer to an ``Ask``, as the one who asked may see it."""

    status: int
    reason: str = ""
    content_type: str = ""
    body: bytes = b""


# --- events: what happened on a leg -------------------------------------------------------------


class LegEvent(Struct, frozen=True):
    leg_id: str


class LegArrived(LegEvent, frozen=True):
    """Somebody calls us. ``dialled`` is the user part of the address called, unescaped."""

    origin: Origin
    dialled: str
    host: str
    "Host part of the address called, lower case."
    caller: Identity
    session: bytes | None
    max_forwards: int
    source: Hop
    reference: str = ""
    "The protocol's own name of the leg, to find it in captures: SIP's Call-ID."


class LegRinging(LegEvent, frozen=True):
    """The far phone rings."""


class LegProgressed(LegEvent, frozen=True):
    """The far side sends early media."""

    session: bytes


class LegAnswered(LegEvent, frozen=True):
    """The far side picked up. Reported once per leg, even while our ``Cancel`` is under way."""

    session: bytes | None


class LegAcknowledged(LegEvent, frozen=True):
    """The ACK of an answer or of a re-INVITE brought a session description (late offer)."""

    session: bytes


class LegRedirected(LegEvent, frozen=True):
    """The far side wants the call elsewhere (3xx); the leg is over."""

    targets: tuple[str, ...]
    "URIs in the order of preference, at most 8."
    cause: Cause


class LegEnded(LegEvent, frozen=True):
    """The leg is over: refused, cancelled, hung up, lost. Reported exactly once per leg."""

    cause: Cause
    by: Literal["peer", "us", "timeout", "transport"]
    others: tuple[Hop, ...] = ()
    "Further addresses of the host that was dialled, if it may still be tried there."


class LegAsked(LegEvent, frozen=True):
    """The party on this leg sent a request to be carried across."""

    ask_id: str
    ask: Ask


class LegReplied(LegEvent, frozen=True):
    """The party on this leg answered what was carried to it."""

    ask_id: str
    reply: Reply


class LegWithdrew(LegEvent, frozen=True):
    """The party on this leg takes back what it asked; the answer is still to come."""

    ask_id: str


# --- actions: what to do to a leg ---------------------------------------------------------------


class LegAction(Struct, frozen=True):
    leg_id: str


class Dial(LegAction, frozen=True):
    """Call somebody; ``leg_id`` is new."""

    to: Destination
    caller: Identity
    "Shown in From."
    session: bytes | None
    max_forwards: int
    customer_id: str
    asserted: Identity | None = None
    "Shown in P-Asserted-Identity (RFC 3325)."


class Ring(LegAction, frozen=True):
    """Tell the caller that it rings; repeated ones are harmless."""


class Progress(LegAction, frozen=True):
    """Pass early media to the caller."""

    session: bytes


class Answer(LegAction, frozen=True):
    """Answer the caller."""

    session: bytes | None


class Acknowledge(LegAction, frozen=True):
    """Acknowledge the leg's answer with the session that the other party's ACK brought."""

    session: bytes


class Park(LegAction, frozen=True):
    """Take the party's offer and let its media rest, for nobody is at the other end.

    Acknowledges the leg's answer that brought ``offer``, or answers the request ``ask_id``.
    """

    offer: bytes
    ask_id: str = ""


class Reject(LegAction, frozen=True):
    """Refuse the caller with a final status."""

    cause: Cause
    retry_after_s: int = 0


class Cancel(LegAction, frozen=True):
    """Stop ringing. ``elsewhere``: somebody else answered, so the phone shows no missed call."""

    elsewhere: bool


class HangUp(LegAction, frozen=True):
    """End an answered leg."""

    cause: Cause = Cause()
    elsewhere: bool = False


class Carry(LegAction, frozen=True):
    """Send the other party's request on this leg; a ``LegReplied`` with ``ask_id`` follows."""

    ask_id: str
    ask: Ask


class Withdraw(LegAction, frozen=True):
    """Take back what was carried to the party on this leg; its ``LegReplied`` still follows."""

    ask_id: str


class SendReply(LegAction, frozen=True):
    """Answer a ``LegAsked`` of this leg."""

    ask_id: str
    reply: Reply
