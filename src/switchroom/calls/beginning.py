"""How a call begins: somebody calls, is turned away, or a command wants one."""

from switchroom.calls.events import CallCreated, CallRefused
from switchroom.calls.model import Call
from switchroom.calls.plan import Order, Refusal, Route
from switchroom.calls.turn import Turn
from switchroom.foundation.leg import LegArrived, Reject

RETRY_AFTER_S = 10
"What a caller is told to wait when the node is full or about to stop."


def arrived(turn: Turn, arrival: LegArrived, route: Route) -> Call:
    """The call of somebody who calls and has somewhere to go."""
    call = _call(turn, route, arrival.leg_id)
    call.agent_id = route.agent_id
    call.caller = route.caller.user
    call.arrival = arrival
    turn.call_of_leg[arrival.leg_id] = call
    turn.out.append(
        CallCreated(
            at=turn.at,
            customer_id=call.customer_id,
            call_id=call.call_id,
            client_id=call.client_id,
            leg_id=arrival.leg_id,
            direction=route.direction,
            caller=route.caller.user,
            caller_display=route.caller.display,
            called=route.called,
            origin=arrival.origin.kind,
            origin_id=arrival.origin.id,
            origin_name=route.origin_name,
            agent_id=route.agent_id,
            source=_written(arrival),
            sip_call_id=arrival.reference,
        )
    )
    if call.agent_id:
        turn.out += turn.router.engage(call.agent_id, call.call_id, arrival.leg_id, turn.at)
    return call


def ordered(turn: Turn, order: Order, route: Route) -> Call:
    """The call that a command wants; it has no caller until somebody answers."""
    call = _call(turn, route, "")
    call.originated = True
    call.caller_live = False
    call.caller = route.rung
    turn.out.append(
        CallCreated(
            at=turn.at,
            customer_id=call.customer_id,
            call_id=call.call_id,
            client_id=call.client_id,
            leg_id="",
            direction=route.direction,
            caller=route.rung,
            called=route.called,
            origin="command",
            origin_id=order.asked_by,
            origin_name=route.origin_name,
            agent_id=order.for_agent,
        )
    )
    return call


def refuse(turn: Turn, arrival: LegArrived, refusal: Refusal) -> None:
    """Turn somebody away who calls."""
    cause = refusal.cause
    retry_after_s = RETRY_AFTER_S if cause.status == 503 else 0
    turn.out.append(Reject(arrival.leg_id, cause, retry_after_s))
    turn.out.append(
        CallRefused(
            at=turn.at,
            customer_id=refusal.customer_id or arrival.origin.customer_id,
            call_id=turn.ids.token(),
            client_id=refusal.client_id,
            caller=arrival.caller.user,
            called=arrival.dialled,
            status=cause.status,
            q850=cause.q850,
            text=cause.text,
            source=_written(arrival),
        )
    )


def _call(turn: Turn, route: Route, caller_leg_id: str) -> Call:
    call = Call(turn.ids.token(), caller_leg_id, turn.now)
    call.customer_id = route.customer_id
    call.client_id = route.client_id
    call.direction = route.direction
    call.called = route.called
    call.route = route
    return call


def _written(arrival: LegArrived) -> str:
    transport, address, port = arrival.source
    return f"{transport}:{address}:{port}"
