"""Ending an answered leg: BYE from us and from them (RFC 3261 section 15)."""

from switchroom.foundation.leg import Cause, HangUp, Hop
from switchroom.sdp import rejecting_answer
from switchroom.sip.dialog.challenge import credentials_line
from switchroom.sip.dialog.leg import Leg
from switchroom.sip.dialog.reasons import cause_of, reason_lines
from switchroom.sip.dialog.table import SDP_TYPE, Legs
from switchroom.sip.message import Request, Response
from switchroom.sip.transaction.server import ServerOther

Bye = tuple[Leg, tuple[str, ...]]
"What a challenged BYE is made of anew: its leg and its Reason lines."


class Ending:
    """Hangs up, and hears the other side hang up."""

    def __init__(self, legs: Legs) -> None:
        self._legs = legs

    def hang_up(self, leg: Leg, action: HangUp, now: float) -> None:
        """Report the end at once; the BYE goes out as soon as the RFC allows it."""
        if leg.ack_waits:
            self.acknowledge_rejecting(leg)
        lines = reason_lines(action.cause, elsewhere=action.elsewhere)
        if leg.state == "answered" or (leg.server is not None and leg.server.state == "accepted"):
            # "The callee's UA MUST NOT send a BYE until it has received an ACK" (section 15);
            # after a re-INVITE it would leave our 200 repeating without a dialog.
            leg.bye_waits = True
            leg.bye_lines = lines
            self._legs.report_end(leg, action.cause, "us")
            return
        self._legs.end(leg, action.cause, "us", now)
        self.send_bye(leg, lines, now)

    def send_bye(self, leg: Leg, lines: tuple[str, ...], now: float) -> None:
        # Only carriers challenge: nobody else's BYE has to remember its leg.
        self._send_bye(leg, lines, (leg, lines) if leg.trunk_id else None, now)

    def bye_answered(self, bye: Bye | None, response: Response, now: float) -> None:
        """A carrier may challenge the BYE as well; answer that once (section 22.2)."""
        if bye is None or response.status not in (401, 407):
            return
        leg, lines = bye
        known = self._legs.access.credentials(leg.trunk_id)
        if known is not None:
            token = self._legs.ids.token()
            line = credentials_line(response, "BYE", leg.target, known, token)
            if line:
                self._send_bye(leg, (*lines, line), None, now)

    def _send_bye(self, leg: Leg, lines: tuple[str, ...], bye: Bye | None, now: float) -> None:
        layer = self._legs.layer
        branch = layer.branch()
        local = self._legs.network.local(leg.hop)
        data = leg.request("BYE", leg.next_cseq(), branch, local, lines, b"")
        layer.ask(branch + "BYE", data, leg.hop, "bye", bye, now)

    def acknowledge_rejecting(self, leg: Leg) -> None:
        """A 200 with an offer must get an answer even if we only want to hang up (13.2.2.4)."""
        leg.ack_waits = False
        self.send_ack(leg, self._rejection(leg))

    def _rejection(self, leg: Leg) -> bytes:
        return rejecting_answer(
            leg.offer, leg.origin_id, leg.origin_version + 1, self._legs.address(leg.hop)
        )

    def send_ack(self, leg: Leg, body: bytes = b"") -> None:
        """The ACK of a 2xx is a request of its own, kept to answer copies of the 2xx."""
        lines = [SDP_TYPE] if body else []
        if leg.authorization:
            lines.append(leg.authorization)
        local = self._legs.network.local(leg.hop)
        branch = self._legs.layer.branch()
        leg.ack = leg.request("ACK", leg.invite_cseq, branch, local, lines, body)
        leg.offer = b""
        self._legs.layer.sends.append((leg.ack, leg.hop))

    def repeat_ack(self, leg: Leg, response: Response) -> None:
        """A 2xx came again: its ACK is lost. That of another INVITE would be wrong (13.2.2.4)."""
        if leg.ack and response.cseq == leg.invite_cseq:
            self._legs.layer.sends.append((leg.ack, leg.hop))

    def bye_received(self, leg: Leg, request: Request, server: ServerOther, now: float) -> None:
        self._legs.layer.respond(server, 200, now)
        if leg.ack_waits:
            self.acknowledge_rejecting(leg)
        cause = cause_of(request, 0)
        if leg.server is not None and leg.server.state == "accepted":
            # The BYE may have overtaken the ACK, or our 200 is lost: it is repeated until then.
            self._legs.report_end(leg, cause, "peer")
            self._legs.close(leg, now)
            return
        if leg.server is not None:
            self._legs.layer.respond(leg.server, 487, now, to_tag=leg.local_tag)
        self._legs.end(leg, cause, "peer", now)

    def transport_lost(self, leg: Leg, hop: Hop, now: float) -> None:
        text = f"No connection to {hop[1]}:{hop[2]}"
        self._legs.end(leg, Cause(503, 38, text), "transport", now)
