"""What of a leg survives a restart: its dialog, or enough to end it if it only rang.

All that is kept is plain text and numbers, so a snapshot can be written as JSON.
"""

from msgspec import Struct

from switchroom.foundation.leg import Hop
from switchroom.foundation.text import kept_text, text_again
from switchroom.sip.dialog.leg import Leg
from switchroom.sip.dialog.table import Legs
from switchroom.sip.message import Request, parse, stamp_source
from switchroom.sip.transaction.client import ClientInvite
from switchroom.sip.transaction.server import ServerInvite

CSEQ_GAP = 100
"Requests that may have gone out after the last snapshot; our next CSeq is beyond them."


class LegSnapshot(Struct, frozen=True, omit_defaults=True, array_like=True):
    """One leg. Whether its end was reported is not kept: only live legs are."""

    id: str
    inbound: bool
    sip_call_id: str
    local_tag: str
    remote_tag: str
    state: str
    local: str
    remote: str
    target: str
    request_uri: str
    routes: tuple[str, ...]
    hop: Hop
    source: Hop | None
    customer_id: str
    trunk_id: str
    local_cseq: int
    remote_cseq: int
    invite_cseq: int
    origin_id: int
    origin_version: int
    branch: str = ""
    "Of our INVITE."
    proceeding: bool = False
    invite: str = ""
    "Header of their unanswered INVITE."
    invite_source: Hop | None = None
    late_offer: bool = False


def snapshot(leg: Leg) -> LegSnapshot:
    """``leg`` as it is now."""
    server = leg.server
    request = server.request if server is not None and leg.state in ("new", "early") else None
    return LegSnapshot(
        leg.id,
        leg.inbound,
        kept_text(leg.sip_call_id),
        leg.local_tag,
        kept_text(leg.remote_tag),
        leg.state,
        kept_text(leg.local),
        kept_text(leg.remote),
        kept_text(leg.target),
        kept_text(leg.request_uri),
        tuple(map(kept_text, leg.routes)),
        leg.hop,
        leg.source,
        leg.customer_id,
        leg.trunk_id,
        leg.local_cseq,
        leg.remote_cseq,
        leg.invite_cseq,
        leg.origin_id,
        leg.origin_version,
        "" if leg.inbound else leg.branch,
        leg.client is not None and leg.client.state == "proceeding",
        kept_text(_header(request)) if request is not None else "",
        server.hop if server is not None else None,
        leg.late_offer,
    )


def restore(legs: Legs, kept: LegSnapshot, now: float) -> Leg:
    """Put a leg back into the tables; the timers of its transactions start anew."""
    leg = Leg(
        kept.id,
        inbound=kept.inbound,
        sip_call_id=text_again(kept.sip_call_id),
        local_tag=kept.local_tag,
    )
    leg.remote_tag = text_again(kept.remote_tag)
    leg.local, leg.remote = text_again(kept.local), text_again(kept.remote)
    leg.target, leg.request_uri = text_again(kept.target), text_again(kept.request_uri)
    leg.routes = tuple(map(text_again, kept.routes))
    leg.hop, leg.source = kept.hop, kept.source
    leg.customer_id, leg.trunk_id = kept.customer_id, kept.trunk_id
    leg.local_cseq = kept.local_cseq + CSEQ_GAP
    leg.remote_cseq, leg.invite_cseq = kept.remote_cseq, kept.invite_cseq
    leg.late_offer = kept.late_offer
    if leg.hop[0] != "udp":
        leg.leave_flow()  # no connection outlives a restart
    legs.add(leg)
    leg.origin_id, leg.origin_version = kept.origin_id, kept.origin_version
    if kept.state in ("answered", "confirmed"):
        leg.state = "confirmed"
        if kept.branch and not kept.late_offer:
            _await_copies(legs, leg, kept.branch, now)
    elif kept.inbound:
        leg.state = "early"
        leg.server = _their_invite(legs, leg, kept, now)
    else:
        leg.state = "early"
        leg.client = _our_invite(legs, leg, kept, now) if kept.branch else None
    return leg


def _header(request: Request) -> str:
    """What a response is built from (RFC 3261 section 8.2.6)."""
    names = ("via", "from", "to", "call-id", "cseq", "record-route")
    lines = [f"{name}: {value}" for name in names for value in request.raw(name)]
    return "\r\n".join((f"INVITE {request.uri} SIP/2.0", *lines, "", ""))


def _their_invite(legs: Legs, leg: Leg, kept: LegSnapshot, now: float) -> ServerInvite | None:
    request = parse(text_again(kept.invite).encode("utf-8", "surrogateescape"))
    if not isinstance(request, Request) or kept.invite_source is None:
        return None
    _, server = legs.layer.match_request(request, kept.invite_source, now)
    if not isinstance(server, ServerInvite):
        return None
    stamp_source(request, kept.invite_source[1], kept.invite_source[2])
    server.owner = leg
    leg.server_cseq = request.cseq
    return server


def _our_invite(legs: Legs, leg: Leg, kept: LegSnapshot, now: float) -> ClientInvite:
    """The INVITE is not sent again: the phone rings, and is about to be told to stop.

    It may have rung since the snapshot without saying so again, so the CANCEL must not wait for a
    provisional response; if one comes all the same, the CANCEL is repeated.
    """
    leg.branch = kept.branch
    leg.cancel_again = not kept.proceeding
    return legs.layer.resume(kept.branch, leg.hop, leg, now)


def _await_copies(legs: Legs, leg: Leg, branch: str, now: float) -> None:
    """Our ACK may have been lost with the process: answer the 200 should it come again."""
    layer = legs.layer
    invite = layer.resume(branch, leg.hop, leg, now)
    invite.receive(200, now)
    layer.rearm(invite)
    local = legs.network.local(leg.hop)
    leg.ack = leg.request("ACK", leg.invite_cseq, layer.branch(), local, (), b"")
