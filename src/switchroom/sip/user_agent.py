"""The SIP side of a node: bytes and leg actions in, bytes and leg events out. No I/O, no clock.

Rules: one input at a time; everything it causes is in ``take()`` before the next one. A peer's
mistake never raises: it is answered, or dropped and counted.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from switchroom.foundation.ids import Ids
from switchroom.foundation.leg import (
    Acknowledge,
    Answer,
    Cancel,
    Carry,
    Cause,
    Dial,
    HangUp,
    Hop,
    LegAction,
    LegEvent,
    Park,
    Progress,
    Reject,
    Ring,
    SendReply,
    Withdraw,
)
from switchroom.sip.arrivals import Arrivals, is_emergency
from switchroom.sip.authentication import Authentication
from switchroom.sip.defence import Defence
from switchroom.sip.dialog.callee import Callees
from switchroom.sip.dialog.caller import Callers
from switchroom.sip.dialog.ending import Ending
from switchroom.sip.dialog.leg import Leg
from switchroom.sip.dialog.midcall import CARRIED, Midcall
from switchroom.sip.dialog.table import ACCEPT_SDP, ALLOW, Legs
from switchroom.sip.events import RegistrationAdded, RegistrationRemoved
from switchroom.sip.message import Malformed, Request, Response, parse, stamp_source
from switchroom.sip.outside import Outside
from switchroom.sip.ports import Access, Network
from switchroom.sip.registrar import Registrar
from switchroom.sip.settings import SipSettings
from switchroom.sip.transaction.client import ClientInvite
from switchroom.sip.transaction.layer import TransactionLayer
from switchroom.sip.transaction.server import ServerInvite, ServerOther

LONGEST_NAME = 256
"Characters of a Call-ID, branch or tag: they are kept as keys of tables."


class Output(NamedTuple):
    """What an input has caused, each list in order."""

    sends: list[tuple[bytes, Hop]]
    events: list[LegEvent]
    lookups: list[tuple[str, str]]
    "Leg id and host name whose addresses ``resolved`` must bring."
    facts: list[RegistrationAdded | RegistrationRemoved]


class UserAgent:
    """Every leg, transaction and registration of a node."""

    def __init__(
        self,
        access: Access,
        network: Network,
        ids: Ids,
        settings: SipSettings,
        registrar: Registrar,
        defence: Defence,
    ) -> None:
        self.layer = TransactionLayer(ids, settings.timers, settings.limit_transactions)
        self.legs = Legs(self.layer, access, network, ids, settings)
        self.layer.may_exceed = self._may_exceed
        self.registrar = registrar
        self.defence = defence
        self.overloaded = False
        "Set by the driver while the loop lags: new requests get 503."
        self.turned_away = 0
        "Requests answered 503 because there was no room or no time for them."
        self.dropped = 0
        "Messages that were nothing we could answer."
        self._ending = Ending(self.legs)
        self.callees = Callees(self.legs, self._ending)
        self.callers = Callers(self.legs, self._ending)
        self.midcall = Midcall(self.legs, self._ending)
        authentication = Authentication(access, ids, settings)
        self._arrivals = Arrivals(self.legs, authentication, registrar, defence)
        self.outside = Outside(self.layer, network, ids, settings)
        self._actions: dict[type[LegAction], Callable[[Leg, Any, float], None]] = {
            Ring: self.callers.ring,
            Progress: self.callers.progress,
            Answer: self.callers.answer,
            Reject: self.callers.reject,
            Cancel: self._cancel,
            HangUp: self._hang_up,
            Acknowledge: self.midcall.acknowledge,
            Carry: self.midcall.carry,
            Park: self.midcall.park,
            SendReply: self.midcall.reply,
            Withdraw: self.midcall.withdraw,
        }

    # --- inputs -------------------------------------------------------------------------------

    def receive(self, data: bytes, source: Hop, now: float) -> None:
        """Take one datagram or one framed message from ``source``."""
        # Responses are let through: only those to requests of ours do anything.
        if not data.startswith(b"SIP/2.0 ") and not self.defence.allows(source[1], now):
            self.dropped += 1
            return
        message = parse(data)
        if source[0] != "udp" or isinstance(message, Request):
            message = usable(message, source)
        if isinstance(message, Response):
            self._response(message, source, now)
        elif isinstance(message, Request):
            self._request(message, source, now)
        else:
            self._malformed(message, source)

    def perform(self, action: LegAction, now: float) -> None:
        """Do something to a leg. What comes too late for the leg does nothing."""
        if isinstance(action, Dial):
            self.callees.dial(action, now)
            return
        leg = self.legs.by_id.get(action.leg_id)
        if leg is not None and leg.state != "ended":
            self._actions[type(action)](leg, action, now)

    def resolved(self, leg_id: str, addresses: Sequence[str], now: float) -> None:
        """The addresses asked for by a lookup, best first; empty if the name has none."""
        leg = self.legs.by_id.get(leg_id)
        if leg is not None:
            self.callees.resolved(leg, addresses, now)

    def transport_failed(self, hop: Hop, now: float) -> None:
        """Nothing can be delivered to ``hop`` now (section 18.4)."""
        for _, purpose, owner in self.layer.fail_hop(hop):
            if purpose == "invite":
                owner.client = None
                self._ending.transport_lost(owner, hop, now)
            else:
                if purpose == "reinvite":
                    owner.progress = "cancelled"  # a CANCEL could not be delivered either
                self._unanswered(purpose, owner, now)

    def flow_closed(self, hop: Hop, now: float) -> None:
        """A connection has closed: what is registered over it is gone, what waits on it fails."""
        self._arrivals.facts.extend(self.registrar.remove_flow(hop, now))
        waiting = self.legs.leave_flow(hop)  # first: what fails now must not use it any more
        self.transport_failed(hop, now)
        for leg in waiting:
            self.callers.connection_lost(leg, now)

    def needs(self, hop: Hop) -> bool:
        """Whether a registration or a call hangs on the connection to ``hop``."""
        return self.registrar.has_flow(hop) or self.legs.uses(hop)

    def tick(self, now: float) -> None:
        """Run everything that is due."""
        ended, unacknowledged = self.layer.tick(now)
        for _, purpose, owner in ended:
            self._unanswered(purpose, owner, now)
        for server in unacknowledged:
            if isinstance(server.owner, Leg):
                self.callers.unacknowledged(server.owner, now)
        due = self.registrar.tick(now)
        self._arrivals.facts.extend(due.expired)
        for binding in due.pings:
            self.outside.ping(binding, now)

    def deadline(self) -> float | None:
        """When to call ``tick`` next, in monotonic seconds."""
        first, second = self.layer.deadline(), self.registrar.deadline()
        if first is None or second is None:
            return second if first is None else first
        return min(first, second)

    def take(self) -> Output:
        """Everything caused since the last call."""
        legs, layer, arrivals = self.legs, self.layer, self._arrivals
        output = Output(layer.sends, legs.events, legs.lookups, arrivals.facts)
        layer.sends, legs.events, legs.lookups, arrivals.facts = [], [], [], []
        return output

    # --- responses ----------------------------------------------------------------------------

    def _response(self, response: Response, source: Hop, now: float) -> None:
        transaction = self.layer.match_response(response, now)
        if transaction is None:
            return
        purpose, owner = transaction.purpose, transaction.owner
        if purpose == "invite" and isinstance(transaction, ClientInvite):
            self.callees.responded(owner, transaction, response, source, now)
        elif purpose in ("reinvite", "ask"):
            self.midcall.responded(owner, response, source, now)
        elif purpose == "bye":
            self._ending.bye_answered(owner, response, now)
        elif purpose == "ping":
            self.registrar.ping_answered(owner)
        elif purpose == "outside":
            self.outside.responded(owner, response)

    def _unanswered(self, purpose: str, owner: Any, now: float) -> None:
        if purpose == "invite":
            self.callees.unanswered(owner, now)
        elif purpose == "silent":
            self.callees.silent(owner)
        elif purpose in ("reinvite", "ask"):
            self.midcall.unanswered(owner, now)
        elif purpose == "ping":
            self.registrar.ping_failed(owner)
        elif purpose == "outside":
            self.outside.unanswered(owner)

    # --- requests -----------------------------------------------------------------------------

    def _request(self, request: Request, source: Hop, now: float) -> None:
        matched, server = self.layer.match_request(request, source, now)
        if matched in ("repeated", "acknowledged"):
            return
        if request.method == "ACK":
            leg = self.legs.find(request)
            if leg is not None:
                self.callers.acknowledged(leg, request, now)
            return
        invite = self.layer.invite_of(request) if request.method == "CANCEL" else None
        stamp_source(request, source[1], source[2])
        hop = reply_hop(request, source)
        if server is None:
            self._turn_away(request, hop, 482 if matched == "merged" else 503)
            return
        server.hop = hop
        if request.method == "CANCEL" and isinstance(server, ServerOther):
            self.callers.cancelled(request, invite, server, now)
        elif request.to_tag is not None:
            self._inside(request, server, source, now)
        elif self._is_shed(request):
            self.layer.discard(server)
            self._turn_away(request, hop, 503)
        else:
            self._arrivals.take(request, server, source, now)

    def _is_shed(self, request: Request) -> bool:
        is_new = self.overloaded and request.method == "INVITE"
        return is_new and not is_emergency(request, self.legs.access)

    def _may_exceed(self, request: Request) -> bool:
        if request.to_tag is not None:
            return self.legs.find(request) is not None
        return is_emergency(request, self.legs.access)

    def _turn_away(self, request: Request, hop: Hop, status: int) -> None:
        self.turned_away += status == 503
        wait = (f"Retry-After: {self.legs.settings.retry_after_s}",) if status == 503 else ()
        self.layer.refuse(request, hop, status, wait, self.legs.ids.token())

    def _inside(
        self, request: Request, server: ServerInvite | ServerOther, source: Hop, now: float
    ) -> None:
        """A request inside a dialog (section 12.2.2)."""
        respond = self.layer.respond
        leg = self.legs.find(request)
        if leg is None or leg.state == "ended":
            respond(server, 481, now)
            return
        if request.cseq <= leg.remote_cseq:
            respond(server, 500, now, reason="CSeq out of order")
            return
        leg.remote_cseq = request.cseq
        self.legs.settle(leg, now)
        if missing := request.values("require")[:16]:
            respond(server, 420, now, lines=(f"Unsupported: {', '.join(missing)}",))
        elif request.method == "BYE" and isinstance(server, ServerOther):
            self._ending.bye_received(leg, request, server, now)
        elif request.method in CARRIED:
            self.midcall.asked(leg, request, server, source, now)
        elif request.method == "OPTIONS":
            respond(server, 200, now, lines=(ALLOW, ACCEPT_SDP))
        else:
            respond(server, 405, now, lines=(ALLOW,))

    def _malformed(self, message: Malformed, source: Hop) -> None:
        if message.request is None or not message.status:
            self.dropped += 1
            return
        stamp_source(message.request, source[1], source[2])
        hop = reply_hop(message.request, source)
        self.layer.refuse_malformed(message, hop, self.legs.ids.token())

    # --- actions that depend on the side of the leg --------------------------------------------

    def _cancel(self, leg: Leg, action: Cancel, now: float) -> None:
        if leg.inbound:
            self.callers.reject(leg, Reject(leg.id, Cause(487, 16, "Cancelled")), now)
        else:
            self.callees.cancel(leg, action, now)

    def _hang_up(self, leg: Leg, action: HangUp, now: float) -> None:
        if leg.state in ("answered", "confirmed"):
            self._ending.hang_up(leg, action, now)
        elif leg.inbound:
            self.callers.reject(leg, Reject(leg.id, action.cause), now)
        else:
            self.callees.cancel(leg, Cancel(leg.id, action.elsewhere), now)


def reply_hop(request: Request, source: Hop) -> Hop:
    """Where responses go (RFC 3261 section 18.2.2, RFC 3581): back, unless Via says otherwise."""
    if source[0] != "udp":
        return source
    # Stamping has filled rport if the client asked for it.
    line = request.get("via") or ""
    if ";rport=" in line and ("," not in line or request.via.rport is not None):
        return source
    via = request.via
    return ("udp", source[1], via.port or 5060)


def usable(message: Request | Response | Malformed, source: Hop) -> Request | Response | Malformed:
    """``message``, or why what was read without fault must not get further."""
    if isinstance(message, Malformed):
        return message
    if source[0] != "udp" and message.get("content-length") is None:
        # Where it ends nobody knows (RFC 3261 section 18.3); the connection is closed as well.
        return _refused(message, "Missing Content-Length")
    names = (message.call_id, message.branch, message.from_tag or "", message.to_tag or "")
    if max(map(len, names)) > LONGEST_NAME:
        return _refused(message, f"Call-ID, branch or tag of more than {LONGEST_NAME} characters")
    return message


def _refused(message: Request | Response, reason: str) -> Malformed:
    if isinstance(message, Request) and message.method != "ACK":
        return Malformed(400, reason, message)
    return Malformed(0, reason)
