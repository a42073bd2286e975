"""What differs in a call that a command has begun: who answers first becomes its caller.

Third party call control without media of our own (RFC 3725 section 4.3, flow III). Everybody is
rung without an offer. The first answer brings one and is acknowledged at once with media that
rests, however long the destination may ring. The destination's answer brings another offer; that
goes to the caller in a re-INVITE, and what he answers goes back in the destination's ACK.
"""

from switchroom.calls.events import CallTaken
from switchroom.calls.model import Call, Leg
from switchroom.calls.turn import Turn
from switchroom.foundation.leg import (
    Acknowledge,
    Ask,
    Carry,
    Cause,
    LegAction,
    LegAsked,
    LegReplied,
    Park,
    Reply,
    SendReply,
)

PARK_S = 3600.0
"How long a party stays parked, in seconds."
HOPS = 70
"Max-Forwards of a call that comes from nowhere."
AGAIN_S = 2.1
"""Seconds after which a re-INVITE is tried again that crossed one of the caller's: of both sides we
made the Call-ID, so the other one comes first (RFC 3261 section 14.1)."""
MOST_TRIES = 5
"Together 8.4 s; the destination's answer is repeated, and waits, for 32 s."

NO_OFFER = Cause(488, 88, "Answered without an offer")
NO_COMMON_MEDIA = Cause(488, 88, "No common media")
PARKED_TOO_LONG = Cause(480, 102, "Parked too long")

_NOBODY = Reply(500, "Nobody at the other end")
_ALONE = {"INVITE": Reply(488, "Nobody to make an offer"), "UPDATE": Reply(200, "OK")}
"What a caller gets who asks without an offer of his own."

_CROSSED = (491, 500)
"491, or 500 while the caller waits for the ACK of a re-INVITE of its own (section 14.2)."


def take(turn: Turn, call: Call, leg: Leg) -> None:
    """This leg was first to answer: it is the caller's from now on."""
    assert leg.session is not None
    del call.legs[leg.leg_id]
    call.caller_leg_id = leg.leg_id
    call.caller_live = True
    call.agent_id = leg.agent_id
    turn.out.append(Park(leg.leg_id, leg.session))
    turn.engaged(call, leg.leg_id, leg.agent_id)


def taken(turn: Turn, call: Call, caller: str) -> None:
    """Say who has taken it."""
    call.caller = caller
    turn.out.append(
        CallTaken(
            at=turn.at,
            customer_id=call.customer_id,
            call_id=call.call_id,
            client_id=call.client_id,
            leg_id=call.caller_leg_id,
            agent_id=call.agent_id,
            caller=caller,
        )
    )


def park(turn: Turn, call: Call) -> None:
    """Leave the caller alone with himself until somebody hangs up."""
    call.phase = "connected"
    call.due = turn.now + PARK_S
    turn.call_answered(call, call.caller_leg_id, call.agent_id)


def join(turn: Turn, call: Call, leg: Leg) -> None:
    """The destination has answered: its offer goes to the caller."""
    call.phase = "joining"
    call.winner = leg
    turn.engaged(call, leg.leg_id, leg.agent_id)
    offer(turn, call)


def offer(turn: Turn, call: Call) -> None:
    """Offer the destination's session to the caller, perhaps once more."""
    assert call.winner is not None
    assert call.winner.session is not None
    call.due = None
    call.tries += 1
    call.ask_id = turn.ids.token()
    ask = Ask("INVITE", "application/sdp", call.winner.session)
    turn.out.append(Carry(call.caller_leg_id, call.ask_id, ask))


def replied(turn: Turn, call: Call, event: LegReplied) -> Cause | None:
    """The caller has answered the destination's offer; why the two cannot be joined, if so."""
    leg, reply = call.winner, event.reply
    if leg is None or event.leg_id != call.caller_leg_id or event.ask_id != call.ask_id:
        return None
    if reply.status in _CROSSED and call.tries < MOST_TRIES:
        call.ask_id = ""
        call.due = turn.now + AGAIN_S
        return None
    if not (200 <= reply.status < 300 and reply.body):
        return NO_COMMON_MEDIA if reply.status in (415, 488, 606) else _failed(reply)
    call.phase = "connected"
    call.ask_id = ""
    leg.session = None
    turn.keep = True
    turn.out.append(Acknowledge(leg.leg_id, reply.body))
    turn.call_answered(call, leg.leg_id, leg.agent_id)
    return None


def asked_alone(call: Call, event: LegAsked) -> LegAction | None:
    """How a caller with nobody at the other end is answered; ``None``: as anybody else.

    His phone may refresh the session or stop its side of the media; there is nobody to ask.
    """
    waits = call.phase == "ringing" or (call.phase == "connected" and call.winner is None)
    if not call.originated or event.leg_id != call.caller_leg_id or not waits:
        return None
    leg_id, ask_id, ask = event.leg_id, event.ask_id, event.ask
    if ask.method not in _ALONE:
        return SendReply(leg_id, ask_id, _NOBODY)
    return (
        Park(leg_id, ask.body, ask_id)
        if ask.body
        else SendReply(leg_id, ask_id, _ALONE[ask.method])
    )


def _failed(reply: Reply) -> Cause:
    return Cause(480, 31, f"The caller's phone answered {reply.status} to the session")
