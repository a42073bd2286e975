"""What of a leg survives a restart: its dialog, or enough to end it if it only rang.

All that is kept is plain text and numbers, so a snapshot can be written as JSON.
"""

from msgspec import Struct

from switchroom.foundation.leg import Hop
from switchroom.foundation.text import kept_text, text_again
from switchroom.sip.dialog.leg import Leg, LegState
from switchroom.sip.dialog.table import Legs
from switchroom.sip.dialog.unfinished import (
    Outstanding,
    Unacknowledged,
    Unanswered,
    outstanding,
    repeat_answer,
    say_once,
    unacknowledged,
    unanswered,
    wait_for_answer,
    wait_to_answer,
)
from switchroom.sip.transaction.client import ClientInvite

CSEQ_GAP = 100
"Requests that may have gone out after the last snapshot; our next CSeq is beyond them."


class LegSnapshot(Struct, frozen=True, omit_defaults=True, array_like=True):
    """One leg. Whether its end was reported is not kept: only live legs are."""

    id: str
    inbound: bool
    sip_call_id: str
    local_tag: str
    remote_tag: str
    state: LegState
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
    late_offer: bool = False
    unanswered: Unanswered | None = None
    unacknowledged: Unacknowledged | None = None
    ack_waits: bool = False
    offer: bytes = b""
    ack: bytes = b""
    "Only of a late offer: others' ACKs can be made anew."
    outstanding: Outstanding | None = None
    rested: bytes = b""


def snapshot(leg: Leg, utc_offset: float) -> LegSnapshot:
    """``leg`` as it is now; ``utc_offset`` makes Unix seconds of monotonic ones."""
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
        leg.late_offer,
        unanswered(leg),
        unacknowledged(leg, utc_offset),
        leg.ack_waits,
        leg.offer,
        leg.ack if leg.late_offer else b"",
        outstanding(leg) if leg.carried is not None else None,
        leg.rested,
    )


def restore(legs: Legs, kept: LegSnapshot, now: float, utc_offset: float) -> Leg:
    """Put a leg back into the tables; the timers of most of its transactions start anew."""
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
    leg.branch = kept.branch
    leg.rested = kept.rested
    leg.late_offer = kept.late_offer
    if leg.hop[0] != "udp":
        leg.leave_flow()  # no connection outlives a restart
    legs.add(leg)
    leg.origin_id, leg.origin_version = kept.origin_id, kept.origin_version
    if kept.state in ("answered", "confirmed"):
        _go_on(legs, leg, kept, now, utc_offset)
    else:
        leg.state = "early"
        if kept.branch:
            leg.client = _our_invite(legs, leg, kept, now)
    if kept.unanswered is not None:
        wait_to_answer(legs, leg, kept.unanswered, now)
    return leg


def _go_on(legs: Legs, leg: Leg, kept: LegSnapshot, now: float, utc_offset: float) -> None:
    """A dialog that stands, and what was under way in it.

    A plain ACK makes no snapshot, so it may have come. Whoever has sent it sends it again when he
    is asked (13.2.2.4), but not later than 64*T1 after the 2xx.
    """
    leg.state = "confirmed"
    leg.ack_waits, leg.offer = kept.ack_waits, kept.offer
    if kept.branch:
        _await_copies(legs, leg, kept, now)
    if kept.unacknowledged is not None:
        _repeat_answer(legs, leg, kept, kept.unacknowledged, (now, utc_offset))
    if kept.outstanding is not None:
        wait_for_answer(legs, leg, kept.outstanding, now)


def _repeat_answer(
    legs: Legs, leg: Leg, kept: LegSnapshot, owed: Unacknowledged, times: tuple[float, float]
) -> None:
    """Ask for the ACK of our 2xx; ``times``: now, and what makes Unix seconds of it."""
    now, utc_offset = times
    until = owed.until - utc_offset
    if until <= now:
        # A long outage. Whoever still waits hears it once; from others no ACK can be asked for.
        if until + legs.layer.timers.give_up > now:
            say_once(legs, owed)
        return
    server = repeat_answer(legs, leg, owed, now, until)
    if kept.state == "answered" and leg.late_offer:
        leg.state, leg.server = "answered", server  # its ACK has an answer and so a snapshot
    else:
        leg.unsure = server


def _our_invite(legs: Legs, leg: Leg, kept: LegSnapshot, now: float) -> ClientInvite:
    """The INVITE is not sent again: the phone rings, and is about to be told to stop.

    It may have rung since the snapshot without saying so again, so the CANCEL must not wait for a
    provisional response; if one comes all the same, the CANCEL is repeated.
    """
    leg.cancel_again = not kept.proceeding
    return legs.layer.resume(kept.branch, leg.hop, leg, now)


def _await_copies(legs: Legs, leg: Leg, kept: LegSnapshot, now: float) -> None:
    """Our ACK may have been lost with the process: answer the 200 should it come again."""
    layer = legs.layer
    invite = layer.resume(kept.branch, leg.hop, leg, now)
    invite.receive(200, now)
    layer.rearm(invite)
    if kept.late_offer:
        leg.ack = kept.ack  # it has a session; none at all while the caller's ACK is awaited
        return
    local = legs.network.local(leg.hop)
    leg.ack = leg.request("ACK", leg.invite_cseq, layer.branch(), local, (), b"")
