"""Requests inside a call, carried from one party to the other: re-INVITE, UPDATE, INFO.

The far side's final answer goes back as it is, 491 included (RFC 3261 section 14, RFC 3311,
RFC 6086), but for what concerns only the two of us: a redirection and a challenge that we cannot
meet become 488 (500 for INFO), and 503, at which carriers leave a whole server, becomes 500. An
INFO that nobody answers leaves the call alone: old phones ignore it. A re-INVITE that is cancelled
is cancelled at the far side too. One that only got provisional answers is cancelled after
``PATIENCE_S``, and the one who asked gets 408.
"""

from typing import Literal

from switchroom.foundation.leg import (
    Acknowledge,
    Ask,
    Carry,
    Cause,
    Hop,
    LegAsked,
    LegReplied,
    Park,
    Reply,
    SendReply,
    Withdraw,
)
from switchroom.sdp import resting_answer, trimmed
from switchroom.sip.dialog.challenge import credentials_line
from switchroom.sip.dialog.ending import Ending
from switchroom.sip.dialog.leg import Leg
from switchroom.sip.dialog.reasons import q850_of
from switchroom.sip.dialog.table import ALLOW, Legs
from switchroom.sip.message import Request, Response
from switchroom.sip.transaction.client import ClientInvite
from switchroom.sip.transaction.server import ServerInvite, ServerOther

MAX_ASKS = 16
"Unanswered requests inside one dialog."
CARRIED = ("INVITE", "UPDATE", "INFO")
PATIENCE_S = 180.0
"How long a re-INVITE may stay unanswered, like timer C of proxies (section 16.6)."


class Carried:
    """One request of ours inside a dialog, until it is answered."""

    __slots__ = ("action", "branch", "cseq", "leg", "progress", "tried", "withdrawn")

    def __init__(self, leg: Leg, action: Carry) -> None:
        self.leg = leg
        self.action = action
        self.branch = ""
        self.cseq = 0
        self.progress: Literal["sent", "proceeding", "cancelled"] = "sent"
        self.tried = False
        self.withdrawn = False
        "The one who asked has cancelled; a CANCEL may have to wait for a provisional answer."


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
        hops = 70 if request.max_forwards is None else request.max_forwards
        if not hops:
            layer.respond(server, 483, now, to_tag=leg.local_tag)
            return
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
        ask = Ask(request.method, request.get("content-type") or "", request.body, hops - 1)
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
                if server.request is not None and server.request.body:
                    body = trimmed(body, server.request.body)
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
        carried.branch = branch = layer.branch()
        lines = [self._legs.contact(leg.hop), ALLOW]
        body = ask.body
        if body:
            lines.append(f"Content-Type: {ask.content_type or 'application/sdp'}")
            if is_session(ask.content_type):
                body = leg.our_session(body, self._legs.address(leg.hop))
        if authorization:
            lines.append(authorization)
        local = self._legs.network.local(leg.hop)
        hops = ask.max_forwards
        data = leg.request(ask.method, carried.cseq, branch, local, lines, body, hops=hops)
        if ask.method == "INVITE":
            leg.carried = layer.call(branch, data, leg.hop, carried, now, "reinvite")
        else:
            layer.ask(branch + ask.method, data, leg.hop, "ask", carried, now)

    def responded(self, carried: Carried, response: Response, source: Hop, now: float) -> None:
        """A response to what was carried."""
        leg, status = carried.leg, response.status
        method = carried.action.ask.method
        invite = method == "INVITE"
        pending = leg.carried
        if invite and (pending is None or pending.owner is not carried):
            if 200 <= status < 300:
                self._ending.repeat_ack(leg, response)
            return
        if status < 200:
            self._provisional(carried, now)
            return
        if invite:
            leg.carried = None
        if status < 300:
            self._accepted(carried, response, source, now)
        elif pending is not None and invite:
            self._acknowledge_failure(carried, pending)
        if status in (401, 407) and self._retry(carried, response, now):
            return
        self._replied(leg, carried.action, _reply(carried, response))
        is_lost = status == 481 or (status == 408 and method != "INFO")
        if is_lost and leg.state == "confirmed":
            # The peer has lost the dialog (RFC 3261 section 12.2.1.2).
            self._ending.send_bye(leg, (), now)
            self._legs.end(leg, Cause(status, q850_of(status), "Dialog lost"), "peer", now)

    def _acknowledge_failure(self, carried: Carried, client: ClientInvite) -> None:
        """The branch is that of the INVITE (section 17.1.1.3)."""
        leg = carried.leg
        local = self._legs.network.local(leg.hop)
        client.last = leg.request("ACK", carried.cseq, carried.branch, local, (), b"")
        self._legs.layer.sends.append((client.last, client.hop))

    def _provisional(self, carried: Carried, now: float) -> None:
        client = carried.leg.carried if carried.action.ask.method == "INVITE" else None
        if client is not None and carried.progress == "sent":
            carried.progress = "proceeding"
            client.expect_final_by(now + PATIENCE_S)
            self._legs.layer.rearm(client)
            if carried.withdrawn:
                self._cancel(carried, client, now)

    def withdraw(self, leg: Leg, action: Withdraw, now: float) -> None:
        """The one who asked has cancelled his re-INVITE."""
        client = leg.carried
        carried = client.owner if client is not None else None
        if client is None or carried is None or carried.action.ask_id != action.ask_id:
            return
        carried.withdrawn = True
        if carried.progress == "proceeding":
            self._cancel(carried, client, now)

    def _accepted(self, carried: Carried, response: Response, source: Hop, now: float) -> None:
        leg, method = carried.leg, carried.action.ask.method
        self._legs.settle(leg, now)
        if method != "INFO":
            leg.refresh_target(response, source)  # RFC 3311 section 5.1
        if method != "INVITE":
            return
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
        if carried.progress == "cancelled" or carried.withdrawn:
            return False
        carried.tried = True
        carried.progress = "sent"
        method = carried.action.ask.method
        line = credentials_line(response, method, leg.target, known, self._legs.ids.token())
        if line:
            if method == "INVITE":
                leg.authorization = line
            self._send(carried, now, line)
        return bool(line)

    def unanswered(self, carried: Carried, now: float) -> None:
        """Nothing came back in 64*T1: answer 408, and the dialog is lost (12.2.1.2)."""
        leg, method = carried.leg, carried.action.ask.method
        client = leg.carried
        if method == "INVITE":
            leg.carried = None
            if client is not None and carried.progress == "proceeding" and leg.state == "confirmed":
                again = self._legs.layer.resume(
                    carried.branch, client.hop, carried, now, "reinvite"
                )
                leg.carried = again
                self._cancel(carried, again, now)
                return
        self._replied(leg, carried.action, Reply(408, "Request Timeout"))
        if leg.state == "confirmed" and method != "INFO":
            self._ending.send_bye(leg, (), now)
            self._legs.end(leg, Cause(408, 102, "No response"), "timeout", now)

    def _cancel(self, carried: Carried, client: ClientInvite, now: float) -> None:
        """Cancel a re-INVITE; its final answer may still come (section 9.1)."""
        leg, layer = carried.leg, self._legs.layer
        carried.progress = "cancelled"
        client.expect_final_by(now + layer.timers.give_up)
        layer.rearm(client)
        local = self._legs.network.local(client.hop)
        data = leg.request("CANCEL", carried.cseq, carried.branch, local, (), b"")
        layer.ask(carried.branch + "CANCEL", data, client.hop, "cancel", None, now)

    def acknowledge(self, leg: Leg, action: Acknowledge, _now: float) -> None:
        """The other party's ACK brought the answer to a late offer."""
        if leg.ack_waits:
            leg.ack_waits = False
            session = trimmed(action.session, leg.offer)
            self._ending.send_ack(leg, leg.our_session(session, self._legs.address(leg.hop)))

    def park(self, leg: Leg, action: Park, now: float) -> None:
        """Answer the party's offer so that its media rests (RFC 3725 section 4.3)."""
        address = self._legs.address(leg.hop)
        session = resting_answer(action.offer, address)
        if action.ask_id:
            reply = Reply(200, "OK", "application/sdp", session)
            self.reply(leg, SendReply(leg.id, action.ask_id, reply), now)
        elif leg.ack_waits:
            leg.ack_waits = False
            self._ending.send_ack(leg, leg.our_session(session, address))
        leg.rested = session

    def _replied(self, leg: Leg, action: Carry, reply: Reply) -> None:
        if not leg.reported:
            self._legs.events.append(LegReplied(leg.id, action.ask_id, reply))


def is_session(content_type: str) -> bool:
    return content_type[:15].lower() == "application/sdp"


def _reply(carried: Carried, response: Response) -> Reply:
    """The answer to carry back; see the rules at the head of this module."""
    status = response.status
    if status == 487 and carried.progress == "cancelled" and not carried.withdrawn:
        return Reply(408)
    if 300 <= status < 400 or status in (401, 407):
        return Reply(500 if carried.action.ask.method == "INFO" else 488)
    if status == 503:
        return Reply(500)
    return Reply(status, response.reason, response.get("content-type") or "", response.body)
