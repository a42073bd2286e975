"""Requests inside a call, carried from one party to the other: re-INVITE, UPDATE, INFO.

The far side's final answer goes back as it is, 491 included (RFC 3261 section 14, RFC 3311,
RFC 6086).
"""

from switchroom.foundation.leg import (
    Acknowledge,
    Ask,
    Carry,
    Cause,
    Hop,
    LegAsked,
    LegReplied,
    Reply,
    SendReply,
)
from switchroom.sip.dialog.challenge import credentials_line
from switchroom.sip.dialog.ending import Ending
from switchroom.sip.dialog.leg import Leg
from switchroom.sip.dialog.reasons import q850_of
from switchroom.sip.dialog.table import ALLOW, Legs
from switchroom.sip.message import Request, Response
from switchroom.sip.transaction.server import ServerInvite, ServerOther

MAX_ASKS = 16
"Unanswered requests inside one dialog."
CARRIED = ("INVITE", "UPDATE", "INFO")


class Carried:
    """One request of ours inside a dialog, until it is answered."""

    __slots__ = ("action", "cseq", "leg", "tried")

    def __init__(self, leg: Leg, action: Carry) -> None:
        self.leg = leg
        self.action = action
        self.cseq = 0
        self.tried = False


class Midcall:
    """Takes requests inside a dialog and sends the other party's."""

    def __init__(self, legs: Legs, ending: Ending) -> None:
        self._legs = legs
        self._ending = ending

    # --- from the party on this leg -----------------------------------------------------------

    def asked(
        self,
        leg: Leg,
        request: Request,
        server: ServerInvite | ServerOther,
        source: Hop,
        now: float,
    ) -> None:
        """Take a re-INVITE, UPDATE or INFO of the party on this leg."""
        layer = self._legs.layer
        if isinstance(server, ServerInvite):
            if leg.carried is not None or (leg.client is not None):
                layer.respond(server, 491, now, to_tag=leg.local_tag)  # section 14.2
                return
            if leg.server is not None:
                layer.respond(server, 500, now, to_tag=leg.local_tag, lines=("Retry-After: 5",))
                return
        asks = leg.asks = leg.asks if leg.asks is not None else {}
        if len(asks) >= MAX_ASKS:
            layer.respond(server, 500, now, to_tag=leg.local_tag, lines=("Retry-After: 5",))
            return
        if request.method != "INFO":
            leg.refresh_target(request, source)
        if isinstance(server, ServerInvite):
            leg.server = server
            leg.server_cseq = request.cseq
            server.owner = leg
        ask_id = self._legs.ids.token()
        asks[ask_id] = server
        ask = Ask(request.method, request.get("content-type") or "", request.body)
        self._legs.events.append(LegAsked(leg.id, ask_id, ask))

    def reply(self, leg: Leg, action: SendReply, now: float) -> None:
        """Answer what the party on this leg asked."""
        server = (leg.asks or {}).pop(action.ask_id, None)
        if server is None:
            return
        reply = action.reply
        is_invite = isinstance(server, ServerInvite)
        lines = []
        body = reply.body
        if 200 <= reply.status < 300:
            lines = [self._legs.contact(leg.hop), ALLOW]
        if body:
            lines.append(f"Content-Type: {reply.content_type or 'application/sdp'}")
            if is_session(reply.content_type):
                body = leg.our_session(body, self._legs.address(leg.hop))
        self._legs.layer.respond(
            server,
            reply.status,
            now,
            to_tag=leg.local_tag,
            lines=lines,
            body=body,
            reason=reply.reason,
        )
        if is_invite and reply.status >= 300:
            leg.server = None

    # --- to the party on this leg -------------------------------------------------------------

    def carry(self, leg: Leg, action: Carry, now: float) -> None:
        """Send the other party's request; exactly one ``LegReplied`` follows."""
        if (
            leg.state != "confirmed"
            or not leg.remote_tag
            or (
                action.ask.method == "INVITE"
                and (leg.carried is not None or leg.server is not None or leg.ack_waits)
            )
        ):
            self._replied(leg, action, Reply(491, "Request Pending"))
        else:
            self._send(Carried(leg, action), now)

    def _send(self, carried: Carried, now: float, authorization: str = "") -> None:
        leg, ask = carried.leg, carried.action.ask
        layer = self._legs.layer
        carried.cseq = leg.next_cseq()
        branch = layer.branch()
        lines = [self._legs.contact(leg.hop), ALLOW]
        body = ask.body
        if body:
            lines.append(f"Content-Type: {ask.content_type or 'application/sdp'}")
            if is_session(ask.content_type):
                body = leg.our_session(body, self._legs.address(leg.hop))
        if authorization:
            lines.append(authorization)
        local = self._legs.network.local(leg.hop)
        data = leg.request(ask.method, carried.cseq, branch, local, lines, body)
        if ask.method == "INVITE":
            leg.carried = layer.call(branch, data, leg.hop, carried, now, "reinvite")
        else:
            layer.ask(branch + ask.method, data, leg.hop, "ask", carried, now)

    def responded(self, carried: Carried, response: Response, source: Hop, now: float) -> None:
        """A response to what was carried."""
        leg, status = carried.leg, response.status
        if status < 200:
            return
        invite = response.cseq_method == "INVITE"
        if invite and leg.carried is None:
            if status < 300 and leg.ack:
                self._legs.layer.sends.append((leg.ack, leg.hop))  # our ACK was lost
            return
        pending = leg.carried
        if invite:
            leg.carried = None
        if invite and status >= 300 and pending is not None:
            local = self._legs.network.local(leg.hop)
            branch = response.branch  # of the INVITE (section 17.1.1.3)
            pending.last = leg.request("ACK", carried.cseq, branch, local, (), b"")
            self._legs.layer.sends.append((pending.last, pending.hop))
        if status in (401, 407) and self._retry(carried, response, now):
            return
        if invite and status < 300:
            self._accepted(carried, response, source)
        self._replied(leg, carried.action, _reply(response))
        if status in (408, 481) and leg.state == "confirmed":
            # The peer has lost the dialog (RFC 3261 section 12.2.1.2).
            self._ending.send_bye(leg, (), now)
            self._legs.end(leg, Cause(status, q850_of(status), "Dialog lost"), "peer", now)

    def _accepted(self, carried: Carried, response: Response, source: Hop) -> None:
        leg = carried.leg
        leg.refresh_target(response, source)
        leg.invite_cseq = carried.cseq
        if carried.action.ask.body or not response.body:
            self._ending.send_ack(leg)
        else:
            leg.ack = b""
            leg.ack_waits = True
            leg.offer = response.body

    def _retry(self, carried: Carried, response: Response, now: float) -> bool:
        leg = carried.leg
        known = self._legs.access.credentials(leg.trunk_id) if leg.trunk_id else None
        if known is None or carried.tried or leg.state != "confirmed":
            return False
        carried.tried = True
        method = carried.action.ask.method
        line = credentials_line(response, method, leg.target, known, self._legs.ids.token())
        if line:
            if method == "INVITE":
                leg.authorization = line
            self._send(carried, now, line)
        return bool(line)

    def unanswered(self, carried: Carried, now: float) -> None:
        """Nothing came back in 64*T1: answer 408, and the dialog is lost (12.2.1.2)."""
        leg = carried.leg
        if carried.action.ask.method == "INVITE":
            leg.carried = None
        self._replied(leg, carried.action, Reply(408, "Request Timeout"))
        if leg.state == "confirmed":
            self._ending.send_bye(leg, (), now)
            self._legs.end(leg, Cause(408, 102, "No response"), "timeout", now)

    def acknowledge(self, leg: Leg, action: Acknowledge, _now: float) -> None:
        """The other party's ACK brought the answer to a late offer."""
        if leg.ack_waits:
            leg.ack_waits = False
            session = leg.our_session(action.session, self._legs.address(leg.hop))
            self._ending.send_ack(leg, session)

    def _replied(self, leg: Leg, action: Carry, reply: Reply) -> None:
        if not leg.reported:
            self._legs.events.append(LegReplied(leg.id, action.ask_id, reply))


def is_session(content_type: str) -> bool:
    return content_type[:15].lower() == "application/sdp"


def _reply(response: Response) -> Reply:
    return Reply(
        response.status, response.reason, response.get("content-type") or "", response.body
    )
