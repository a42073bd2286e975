"""Two parties and nothing between them: what one sends is carried to the other."""

from switchroom.calls.model import Call
from switchroom.calls.originated import asked_alone
from switchroom.foundation.leg import (
    Acknowledge,
    Carry,
    LegAcknowledged,
    LegAction,
    LegAsked,
    LegEvent,
    LegReplied,
    LegWithdrew,
    Reply,
    SendReply,
    Withdraw,
)

_TRY_LATER = Reply(491, "Request Pending")
_NOT_YET = Reply(500, "Call not answered yet")
_OVER = Reply(481, "Call is over")


def carry(call: Call, event: LegEvent) -> list[LegAction]:
    """What to do about a request inside the call, its reply or a late answer.

    A reply goes back as it is, 491 included: the two phones settle glare between themselves
    (RFC 3261 section 14.1). Whoever asks before there is another party is told to try later.
    """
    other = _other_party(call, event.leg_id)
    match event:
        case LegAsked(leg_id, ask_id, ask):
            if other is not None:
                return [Carry(other, ask_id, ask)]
            alone = asked_alone(call, event)
            return [alone or SendReply(leg_id, ask_id, _refusal(call, ask.method))]
        case LegReplied(_, ask_id, reply) if other is not None:
            return [SendReply(other, ask_id, reply)]
        case LegWithdrew(_, ask_id) if other is not None:
            return [Withdraw(other, ask_id)]
        case LegAcknowledged(_, session) if other is not None:
            return [Acknowledge(other, session)]
    return []  # the other party is gone, and with it the question


def _other_party(call: Call, leg_id: str) -> str | None:
    """The leg at the other end, ``None`` if the two are not connected."""
    winner = call.winner
    if call.phase != "connected" or winner is None:
        return None
    if leg_id == call.caller_leg_id:
        return winner.leg_id
    return call.caller_leg_id if leg_id == winner.leg_id else None


def _refusal(call: Call, method: str) -> Reply:
    if call.phase in ("ringing", "joining"):
        return _TRY_LATER if method in ("INVITE", "UPDATE") else _NOT_YET
    return _OVER
