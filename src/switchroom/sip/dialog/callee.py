"""Legs that we dial: INVITE, ringing, answer, forked answers, CANCEL (RFC 3261 section 13.2)."""

from collections.abc import Sequence

from switchroom.foundation.leg import (
    Cancel,
    Cause,
    Dial,
    HangUp,
    Hop,
    LegAnswered,
    LegProgressed,
    LegRedirected,
    LegRinging,
)
from switchroom.sdp import rejecting_answer, with_origin
from switchroom.sip.dialog.challenge import credentials_line
from switchroom.sip.dialog.ending import Ending
from switchroom.sip.dialog.leg import Leg, hop_of, without_headers
from switchroom.sip.dialog.reasons import cause_of, reason_lines
from switchroom.sip.dialog.table import ALLOW, SDP_TYPE, Legs
from switchroom.sip.message import (
    Response,
    escape_user,
    format_name_address,
    parse_uri,
)
from switchroom.sip.transaction.client import ClientInvite

MAX_STRAYS = 16
"Forked answers of one INVITE that we settle; more is an attack."
MAX_REDIRECTS = 8


class Callees:
    """Dials, and follows what becomes of it."""

    def __init__(self, legs: Legs, ending: Ending) -> None:
        self._legs = legs
        self._ending = ending
        self._tail_of: tuple[object, ...] = ()
        self._tail = b""
        self._tail_origin = 0

    # --- dialling -----------------------------------------------------------------------------

    def dial(self, action: Dial, now: float) -> None:
        legs = self._legs
        leg = Leg(
            action.leg_id,
            inbound=False,
            sip_call_id=action.leg_id,
            local_tag=legs.ids.token(),
        )
        leg.customer_id = action.customer_id
        leg.trunk_id = action.to.trunk_id
        leg.request_uri = leg.target = without_headers(action.to.uri)
        leg.late_offer = action.session is None
        domain = legs.access.domain(action.customer_id)
        user = escape_user(action.caller.user) or "anonymous"
        leg.local = format_name_address(
            action.caller.display, f"sip:{user}@{domain}", leg.local_tag
        )
        leg.remote = f"<{_plain(action.to.uri)}>"
        legs.add(leg)
        leg.tail = self._invite_tail(leg, action, domain)
        leg.max_forwards = action.max_forwards
        leg.source = action.to.hop
        hop = action.to.hop or hop_of(action.to.uri)
        if hop is not None:
            self._invite(leg, hop, now)
            return
        parsed = parse_uri(action.to.uri)
        if parsed is None or parsed.scheme != "sip" or not parsed.host:
            legs.end(leg, Cause(416, 28, f"Cannot dial {action.to.uri}"), "us", now)
            return
        legs.lookups.append((leg.id, parsed.host))

    def resolved(self, leg: Leg, addresses: Sequence[str], now: float) -> None:
        """The host name of the leg's URI has these addresses; the first is dialled."""
        if leg.state != "new":
            return
        parsed = parse_uri(leg.request_uri)
        if not addresses or parsed is None:
            host = parsed.host if parsed is not None else leg.request_uri
            self._legs.end(leg, Cause(503, 3, f"No address for host {host}"), "transport", now)
            return
        transport = (parsed.params.get("transport") or "udp").lower()
        if transport not in ("udp", "tcp"):
            text = f"Transport {transport} is not served here"
            self._legs.end(leg, Cause(503, 79, text), "transport", now)
            return
        first, *others = [(transport, address, parsed.port or 5060) for address in addresses]
        leg.others = tuple(others)
        self._invite(leg, first, now)

    def _invite(self, leg: Leg, hop: Hop, now: float, authorization: str = "") -> None:
        layer = self._legs.layer
        leg.hop = hop
        leg.state = "early"
        leg.branch = layer.branch()
        leg.local_cseq += 1
        leg.invite_cseq = leg.local_cseq
        local = self._legs.network.local(hop)
        suffix = ";transport=tcp" if hop[0] == "tcp" else ""
        head = (
            f"INVITE {leg.request_uri} SIP/2.0\r\n"
            f"Via: SIP/2.0/{hop[0].upper()} {local};branch={leg.branch};rport\r\n"
            f"Max-Forwards: {leg.max_forwards}\r\n"
            f"From: {leg.local}\r\nTo: {leg.remote}\r\n"
            f"Call-ID: {leg.sip_call_id}\r\nCSeq: {leg.invite_cseq} INVITE\r\n"
            f"Contact: <sip:switchroom@{local}{suffix}>\r\n{authorization}"
        )
        data = head.encode("utf-8", "surrogateescape") + leg.tail
        leg.client = layer.call(leg.branch, data, hop, leg, now)
        if not leg.trunk_id:
            leg.tail = b""  # nobody will ask us for credentials

    def _invite_tail(self, leg: Leg, action: Dial, domain: str) -> bytes:
        """Everything after Contact; the legs of one race share it byte for byte."""
        key = (action.session, action.asserted, domain)
        if key != self._tail_of:
            self._tail_of = key
            self._tail = self._build_tail(leg, action, domain)
            self._tail_origin = leg.origin_id
        if action.session is not None:
            leg.origin_id = self._tail_origin
            leg.session_seen = hash(action.session)
            leg.origin_version = 1
        return self._tail

    def _build_tail(self, leg: Leg, action: Dial, domain: str) -> bytes:
        lines = [ALLOW, f"User-Agent: {self._legs.settings.user_agent}"]
        if action.asserted is not None:
            uri = f"sip:{escape_user(action.asserted.user)}@{domain}"
            identity = format_name_address(action.asserted.display, uri)
            lines.append(f"P-Asserted-Identity: {identity}")
        body = b""
        if action.session is not None:
            hop = action.to.hop or hop_of(action.to.uri) or ("udp", "", 0)
            body = with_origin(action.session, leg.origin_id, 1, self._legs.address(hop))
            lines.append(SDP_TYPE)
        lines.append(f"Content-Length: {len(body)}\r\n\r\n")
        return "\r\n".join(lines).encode("utf-8", "surrogateescape") + body

    # --- responses ----------------------------------------------------------------------------

    def responded(
        self, leg: Leg, client: ClientInvite, response: Response, source: Hop, now: float
    ) -> None:
        status = response.status
        if status < 200:
            self._provisional(leg, client, response, now)
        elif status < 300:
            self._accepted(leg, response, source, now)
        else:
            self._failed(leg, client, response, now)

    def _provisional(self, leg: Leg, client: ClientInvite, response: Response, now: float) -> None:
        if leg.cancel == "wanted" or (leg.cancel and leg.cancel_again):
            leg.cancel_again = False
            self._send_cancel(leg, client, now)
        if response.status == 100 or leg.reported or leg.cancel:
            return
        has_media = _is_sdp(response)
        leg.others = ()  # it works there: what may come next is no reason to try elsewhere
        if not leg.ringing and (response.status == 180 or not has_media):
            leg.ringing = True
            self._legs.events.append(LegRinging(leg.id))
        if has_media:
            self._legs.events.append(LegProgressed(leg.id, response.body))

    def _accepted(self, leg: Leg, response: Response, source: Hop, now: float) -> None:
        tag = response.to_tag or ""
        if leg.client is None:
            if tag == leg.remote_tag:
                self._ending.repeat_ack(leg, response)
            else:
                self._settle_stray(leg, tag, response, source, now)
            return
        leg.client = None
        leg.tail = b""
        leg.remote = response.get("to") or leg.remote
        leg.remote_tag = tag
        leg.take_dialog(response, source)
        session = response.body if _is_sdp(response) else b""
        if leg.late_offer and session:
            leg.ack_waits = True
            leg.offer = session
        else:
            self._ending.send_ack(leg)
        if leg.reported:
            # Given up before this answer came: nobody waits for it any more.
            lines = reason_lines(Cause(), elsewhere=leg.elsewhere)
            if leg.ack_waits:
                self._ending.acknowledge_rejecting(leg)
            self._ending.send_bye(leg, lines, now)
            self._legs.drop(leg, now)
            return
        leg.state = "confirmed"
        self._legs.events.append(LegAnswered(leg.id, session or None))

    def _settle_stray(
        self, leg: Leg, tag: str, response: Response, source: Hop, now: float
    ) -> None:
        """A second 200 of the same INVITE: ACK it and hang it up (13.2.2.4)."""
        strays = leg.strays = leg.strays or {}
        if tag in strays:
            self._legs.layer.sends.append((strays[tag], source))
            return
        if len(strays) >= MAX_STRAYS:
            return
        fork = Leg(leg.id, inbound=False, sip_call_id=leg.sip_call_id, local_tag=leg.local_tag)
        fork.local, fork.remote, fork.remote_tag = leg.local, response.get("to") or "", tag
        fork.invite_cseq = fork.local_cseq = leg.invite_cseq
        fork.target, fork.source, fork.origin_id = leg.request_uri, leg.source, leg.origin_id
        fork.take_dialog(response, source)
        body = b""
        if leg.late_offer and response.body:
            body = rejecting_answer(response.body, fork.origin_id, 1, self._legs.address(fork.hop))
        self._ending.send_ack(fork, body)
        strays[tag] = fork.ack
        # If the caller gave up, another fork's answer makes it no less a missed call.
        elsewhere = leg.elsewhere or not leg.cancel
        self._ending.send_bye(fork, reason_lines(Cause(), elsewhere=elsewhere), now)

    def _failed(self, leg: Leg, client: ClientInvite, response: Response, now: float) -> None:
        local = self._legs.network.local(leg.hop)
        client.last = leg.failure_ack(leg.branch, leg.invite_cseq, response.get("to") or "", local)
        self._legs.layer.sends.append((client.last, client.hop))
        status = response.status
        if status in (401, 407) and not leg.cancel and self._retry(leg, response, now):
            return
        leg.client = None
        if 300 <= status < 400 and not leg.cancel and not leg.reported:
            self._legs.drop(leg, now)
            leg.reported = True
            targets = tuple(address.uri for address in response.contacts()[:MAX_REDIRECTS])
            cause = cause_of(response, status)
            self._legs.events.append(LegRedirected(leg.id, targets, cause))
            return
        self._legs.end(leg, cause_of(response, status), "us" if leg.cancel else "peer", now)

    def _retry(self, leg: Leg, response: Response, now: float) -> bool:
        """Answer the carrier's challenge, once (RFC 3261 section 22.2)."""
        known = self._legs.access.credentials(leg.trunk_id) if leg.trunk_id else None
        if known is None or leg.auth_tries:
            return False
        cnonce = self._legs.ids.token()
        line = credentials_line(response, "INVITE", leg.request_uri, known, cnonce)
        if not line:
            return False
        leg.auth_tries += 1
        leg.authorization = line
        self._invite(leg, leg.hop, now, line + "\r\n")
        return True

    def unanswered(self, leg: Leg, now: float) -> None:
        """No final response in 64*T1: after the INVITE (timer B) or after our CANCEL."""
        leg.client = None
        if leg.cancel:
            self._legs.end(leg, Cause(487, 16, "Cancelled"), "us", now)
            return
        self._legs.end(leg, Cause(408, 102, "No response"), "timeout", now)

    def silent(self, leg: Leg) -> None:
        """A host is silent: report it if there may be another one to try.

        Timer B would outlast every ring timeout. Should the host wake up, it is told to stop.
        """
        if (leg.trunk_id or leg.others) and not leg.cancel and leg.client is not None:
            leg.client.silence()
            leg.cancel = "wanted"
            self._legs.report_end(leg, Cause(408, 102, "No response"), "timeout")

    # --- ending -------------------------------------------------------------------------------

    def cancel(self, leg: Leg, action: Cancel, now: float) -> None:
        """Stop ringing; a CANCEL may not go out before a provisional response (section 9.1)."""
        if leg.cancel:
            return
        client = leg.client
        if leg.state == "confirmed":
            self._ending.hang_up(leg, HangUp(leg.id, elsewhere=action.elsewhere), now)
            return
        leg.elsewhere = action.elsewhere
        if client is None:
            self._legs.end(leg, Cause(487, 16, "Cancelled"), "us", now)
            return
        leg.cancel = "wanted"
        if client.state == "proceeding":
            self._send_cancel(leg, client, now)
        else:
            # Nothing rings there as far as anybody knows; what still comes is settled here.
            self._legs.report_end(leg, Cause(487, 16, "Cancelled"), "us")

    def _send_cancel(self, leg: Leg, client: ClientInvite, now: float) -> None:
        leg.cancel = "sent"
        layer = self._legs.layer
        local = self._legs.network.local(leg.hop)
        lines = "".join(f"{line}\r\n" for line in reason_lines(Cause(), elsewhere=leg.elsewhere))
        text = (
            f"CANCEL {leg.request_uri} SIP/2.0\r\n"
            f"Via: SIP/2.0/{leg.hop[0].upper()} {local};branch={leg.branch};rport\r\n"
            f"Max-Forwards: 70\r\nFrom: {leg.local}\r\nTo: {leg.remote}\r\n"
            f"Call-ID: {leg.sip_call_id}\r\nCSeq: {leg.invite_cseq} CANCEL\r\n"
            f"{lines}Content-Length: 0\r\n\r\n"
        )
        data = text.encode("utf-8", "surrogateescape")
        layer.ask(leg.branch + "CANCEL", data, leg.hop, "cancel", None, now)
        client.expect_final_by(now + layer.timers.give_up)
        layer.rearm(client)


def _is_sdp(response: Response) -> bool:
    content_type = response.get("content-type")
    return bool(response.body) and (
        content_type is None or content_type[:15].lower() == "application/sdp"
    )


def _plain(uri: str) -> str:
    """A Request-URI as To shows it: without parameters and headers."""
    user, at, host = uri.rpartition("@")
    return user + at + host.partition("?")[0].partition(";")[0]
