"""Legs that come in: ringing, early media, answer, refusal, CANCEL and ACK (section 13.3)."""

from switchroom.foundation.leg import (
    Answer,
    Cause,
    HangUp,
    LegAcknowledged,
    LegWithdrew,
    Progress,
    Reject,
    Ring,
)
from switchroom.sip.dialog.ending import Ending
from switchroom.sip.dialog.leg import Leg
from switchroom.sip.dialog.reasons import cause_of, reason_lines
from switchroom.sip.dialog.table import ALLOW, SDP_TYPE, Legs
from switchroom.sip.message import Request
from switchroom.sip.transaction.server import ServerInvite, ServerOther


class Callers:
    """Answers the INVITE of a caller, step by step."""

    def __init__(self, legs: Legs, ending: Ending) -> None:
        self._legs = legs
        self._ending = ending

    def ring(self, leg: Leg, _action: Ring, now: float) -> None:
        if leg.state == "new":
            leg.state = "early"
            self._respond(leg, 180, now)

    def progress(self, leg: Leg, action: Progress, now: float) -> None:
        if leg.state in ("new", "early"):
            leg.state = "early"
            self._respond(leg, 183, now, action.session)

    def answer(self, leg: Leg, action: Answer, now: float) -> None:
        if leg.state in ("new", "early"):
            leg.state = "answered"
            self._respond(leg, 200, now, action.session)

    def reject(self, leg: Leg, action: Reject, now: float) -> None:
        if leg.state not in ("new", "early"):
            self._ending.hang_up(leg, HangUp(leg.id, action.cause), now)
            return
        cause = action.cause
        status = cause.status if 400 <= cause.status < 700 else 480
        lines = list(reason_lines(Cause(0, cause.q850, cause.text)))
        if action.retry_after_s:
            lines.append(f"Retry-After: {action.retry_after_s}")
        if leg.server is not None:
            self._legs.layer.respond(leg.server, status, now, to_tag=leg.local_tag, lines=lines)
        leg.server = None
        self._legs.end(leg, cause, "us", now)

    def cancelled(
        self, cancel: Request, invite: ServerInvite | None, own: ServerOther, now: float
    ) -> None:
        """The caller gave up: 200 for the CANCEL, 487 for the INVITE (section 9.2)."""
        layer = self._legs.layer
        if invite is None:
            layer.respond(own, 481, now)
            return
        leg = invite.owner if isinstance(invite.owner, Leg) else None
        layer.respond(own, 200, now, to_tag=leg.local_tag if leg is not None else "")
        if invite.is_final or leg is None or leg.server is not invite:
            return  # a CANCEL after the final response changes nothing
        if leg.state not in ("new", "early"):
            # A re-INVITE is with the other party already: only its answer says whether the new
            # session counts, and a 487 of ours might contradict it.
            asks = leg.asks or {}
            taken_back = [LegWithdrew(leg.id, ask) for ask in asks if asks[ask] is invite]
            self._legs.events.extend(taken_back)
            return
        layer.respond(invite, 487, now, to_tag=leg.local_tag)
        leg.server = None
        self._legs.end(leg, cause_of(cancel, 487), "peer", now)

    def connection_lost(self, leg: Leg, now: float) -> None:
        """The caller's connection closed before his call was answered: he is gone."""
        if leg.server is not None:
            self._legs.layer.discard(leg.server)  # its answer could reach nobody
            leg.server = None
        self._legs.end(leg, Cause(487, 16, "Caller's connection closed"), "peer", now)

    def acknowledged(self, leg: Leg, request: Request, now: float) -> None:
        """The ACK of our 2xx, of the first INVITE or of a re-INVITE."""
        server = leg.server or leg.unsure
        if server is None or server.state != "accepted" or request.cseq != leg.server_cseq:
            return
        leg.unsure = None
        self._legs.layer.acknowledged(server, now)
        leg.server = None
        if leg.state == "ended":
            self._legs.drop(leg, now)
            return
        owes_answer = leg.state == "answered" and leg.late_offer and not request.body
        if leg.state == "answered":
            leg.state = "confirmed"
        if leg.bye_waits:
            leg.bye_waits = False
            self._legs.drop(leg, now)
            self._ending.send_bye(leg, leg.bye_lines, now)
        elif request.body:
            self._legs.events.append(LegAcknowledged(leg.id, request.body))
        elif owes_answer:
            # Our 200 brought an offer; without its answer nobody can talk (13.2.1).
            cause = Cause(0, 111, "ACK without an answer")
            self._ending.send_bye(leg, reason_lines(cause), now)
            self._legs.end(leg, cause, "us", now)

    def unacknowledged(self, leg: Leg, now: float) -> None:
        """64*T1 without an ACK: end the dialog (13.3.1.4)."""
        leg.server = leg.unsure = None
        if leg.state != "ended":
            self._ending.send_bye(leg, reason_lines(Cause(408, 102, "No ACK received")), now)
        self._legs.end(leg, Cause(408, 102, "No ACK received"), "timeout", now)

    def _respond(self, leg: Leg, status: int, now: float, session: bytes | None = None) -> None:
        server = leg.server
        if server is None or server.request is None:
            return
        hop = server.hop
        lines = [f"Record-Route: {value}" for value in server.request.raw("record-route")]
        lines.append(self._legs.contact(hop))
        if status >= 200:
            lines.append(ALLOW)
        body = b""
        if session is not None:
            body = leg.our_session(session, self._legs.address(hop))
            lines.append(SDP_TYPE)
        self._legs.layer.respond(server, status, now, to_tag=leg.local_tag, lines=lines, body=body)
