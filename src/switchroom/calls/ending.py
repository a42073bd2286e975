"""How a call ends: what is on record of it, and when the last leg is gone."""

from switchroom.calls.events import CallEnded
from switchroom.calls.model import Call, EndedBy, Ender
from switchroom.calls.outcome import Outcome
from switchroom.calls.outputs import CallGone
from switchroom.calls.turn import Turn
from switchroom.foundation.leg import Cause, HangUp


def finish(turn: Turn, call: Call) -> bool:
    """Say that the call is over if its last leg is and nobody is to be rung; true if so."""
    if call.caller_live or call.legs or call.race is not None:
        return False
    talked_s = 0.0
    if call.answered_at is not None and call.ended_at is not None:
        talked_s = call.ended_at - call.answered_at
    turn.out.append(
        CallEnded(
            at=turn.at,
            customer_id=call.customer_id,
            call_id=call.call_id,
            client_id=call.client_id,
            status=call.cause.status,
            q850=call.cause.q850,
            text=call.cause.text,
            by=call.by,
            talked_s=talked_s,
        )
    )
    turn.out.append(CallGone(call.call_id))
    return True


def part(turn: Turn, call: Call, outcome: Outcome, cause: Cause) -> None:
    """Hang up the destination that has answered and was never joined with the caller."""
    leg = call.winner
    call.winner = call.due = None
    if leg is not None:
        leg.ending = outcome
        turn.out.append(HangUp(leg.leg_id, cause))
        turn.release(call, leg.leg_id, leg.agent_id)


def end(turn: Turn, call: Call, cause: Cause, by: EndedBy) -> None:
    """From now on the call is only to be brought to its end."""
    turn.keep = True  # after a crash it must be known how this was meant to end
    call.phase = "ending"
    call.cause = cause
    call.by = by
    call.ended_at = turn.now


def side_of(call: Call, ender: Ender | None) -> EndedBy:
    """On which side of the call the agent is who ends it from outside.

    Who wants an originated call is its caller as long as it has none.
    """
    if ender is None:
        return "system"
    order = None if call.route is None else call.route.order
    callers = {call.agent_id}
    if order is not None and not call.caller_leg_id:
        callers = {order.asked_by, order.for_agent}
    if ender.agent_id in callers:
        return "caller"
    is_rung = any(leg.agent_id == ender.agent_id for leg in call.legs.values())
    return "callee" if is_rung else "system"


def normal(cause: Cause) -> Cause:
    """The record of an answered call or leg: it succeeded, whatever ended it."""
    return Cause(200, cause.q850 or 16, cause.text)
