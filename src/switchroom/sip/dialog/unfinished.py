"""What is under way inside a dialog when the process dies: answers without ACK, open re-INVITEs.

The dialog would come back without it, but a phone that waits for an ACK or for an answer ends the
call by itself after 64*T1 (RFC 3261 section 13.3.1.4), or waits for ever.
"""

from msgspec import Struct

from switchroom.foundation.events import UtcSeconds
from switchroom.foundation.leg import Ask, Carry, Hop
from switchroom.foundation.text import kept_text, text_again
from switchroom.sip.dialog.leg import Leg
from switchroom.sip.dialog.midcall import Carried
from switchroom.sip.dialog.table import Legs
from switchroom.sip.message import Request, Response, parse, stamp_source
from switchroom.sip.transaction.server import ServerInvite


class Unacknowledged(Struct, frozen=True, array_like=True):
    """A 2xx of ours whose ACK has not come."""

    key: str
    "Of its transaction, so that a copy of the INVITE starts no second call."
    cseq: int
    answer: bytes
    hop: Hop
    "Where it went."
    until: UtcSeconds
    "When the dialog ends if no ACK has come: 64*T1 after the answer first went out."


class Unanswered(Struct, frozen=True, array_like=True):
    """An INVITE of theirs without a final answer of ours."""

    header: str
    "What a response is built from (RFC 3261 section 8.2.6)."
    source: Hop
    ask_id: str = ""
    "Under which a re-INVITE was carried to the other party."


class Outstanding(Struct, frozen=True, array_like=True):
    """A re-INVITE of ours without a final answer of theirs."""

    ask_id: str
    ask: Ask
    branch: str
    cseq: int
    request: bytes
    "Empty if it must not be sent again."
    withdrawn: bool = False


def unacknowledged(leg: Leg, utc_offset: float) -> Unacknowledged | None:
    server = leg.server or leg.unsure
    if server is None or server.state != "accepted" or not server.last:
        return None
    until = server.expires_at + utc_offset
    key = kept_text(server.key)
    return Unacknowledged(key, leg.server_cseq, server.last, server.hop, until)


def unanswered(leg: Leg) -> Unanswered | None:
    server = leg.server
    if server is None or server.request is None:
        return None
    asks = leg.asks or {}
    ask_id = next((ask_id for ask_id in asks if asks[ask_id] is server), "")
    return Unanswered(kept_text(_header(server.request)), server.hop, ask_id)


def outstanding(leg: Leg) -> Outstanding | None:
    client = leg.carried
    if client is None or client.owner is None:
        return None
    carried: Carried = client.owner
    action = carried.action
    request = b"" if carried.progress == "cancelled" else client.last
    return Outstanding(
        action.ask_id, action.ask, carried.branch, carried.cseq, request, carried.withdrawn
    )


def repeat_answer(
    legs: Legs, leg: Leg, kept: Unacknowledged, now: float, until: float
) -> ServerInvite:
    """Repeat the answer until its ACK comes; ``until`` in monotonic seconds."""
    leg.server_cseq = kept.cseq
    key = text_again(kept.key)
    server = legs.layer.answer_again(key, kept.answer, _hop_of(kept), now, until)
    server.owner = leg
    return server


def say_once(legs: Legs, kept: Unacknowledged) -> None:
    """Send the answer once more, whatever comes of it."""
    legs.layer.sends.append((kept.answer, _hop_of(kept)))


def wait_to_answer(legs: Legs, leg: Leg, kept: Unanswered, now: float) -> None:
    """Take up their INVITE; what cannot be read leaves the leg without one."""
    request = parse(text_again(kept.header).encode("utf-8", "surrogateescape"))
    if not isinstance(request, Request):
        return
    hop = _hop_again(kept.source, request.via.port)
    _, server = legs.layer.match_request(request, hop, now)
    if not isinstance(server, ServerInvite):
        return
    stamp_source(request, kept.source[1], kept.source[2])
    server.owner = leg
    leg.server = server
    leg.server_cseq = request.cseq
    if kept.ask_id:
        leg.asks = {kept.ask_id: server}


def wait_for_answer(legs: Legs, leg: Leg, kept: Outstanding, now: float) -> None:
    """Ask again, in the same transaction: whoever has heard it already only repeats himself."""
    carried = Carried(leg, Carry(leg.id, kept.ask_id, kept.ask))
    carried.branch, carried.cseq, carried.withdrawn = kept.branch, kept.cseq, kept.withdrawn
    layer = legs.layer
    if kept.request:
        leg.carried = layer.call(kept.branch, kept.request, leg.hop, carried, now, "reinvite")
        return
    carried.progress = "cancelled"
    leg.carried = layer.resume(kept.branch, leg.hop, carried, now, "reinvite")
    leg.carried.expect_final_by(now + layer.timers.give_up)
    layer.rearm(leg.carried)


def _hop_of(kept: Unacknowledged) -> Hop:
    response = parse(kept.answer)
    return _hop_again(kept.hop, response.via.port if isinstance(response, Response) else None)


def _hop_again(hop: Hop, port: int | None) -> Hop:
    """Where a response goes when its connection is gone: to the port in Via (section 18.2.2)."""
    return hop if hop[0] == "udp" else (hop[0], hop[1], port or 5060)


def _header(request: Request) -> str:
    names = ("via", "from", "to", "call-id", "cseq", "record-route")
    lines = [f"{name}: {value}" for name in names for value in request.raw(name)]
    return "\r\n".join((f"INVITE {request.uri} SIP/2.0", *lines, "", ""))
