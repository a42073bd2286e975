"""What happens in a call, from arrival to the end of its last leg.

Either side's end ends the other with the same cause. That holds from the winner's answer on: if
the first who picked up hangs up before the caller's side stands, the call is over for the caller
too, for the other phones have been told that somebody answered.
"""

from msgspec.structs import replace

from switchroom.calls import crossbar, originated, ringing
from switchroom.calls.ending import end, normal, part, side_of
from switchroom.calls.events import LegPickedUp, LegRang
from switchroom.calls.model import Call, EndedBy, Ender, Leg, end_caller
from switchroom.calls.outcome import Outcome, may_try_next, outcome_of
from switchroom.calls.race import (
    CallerGone,
    Confirmed,
    Declined,
    Ended,
    PickedUp,
    Rang,
    Redirected,
    Tick,
)
from switchroom.calls.ring_all import leg_of
from switchroom.calls.turn import Turn
from switchroom.foundation.leg import (
    Cause,
    HangUp,
    LegAcknowledged,
    LegAnswered,
    LegAsked,
    LegEnded,
    LegEvent,
    LegProgressed,
    LegRedirected,
    LegReplied,
    LegRinging,
    LegWithdrew,
)

GAVE_UP = Cause(487, 16, "Caller gave up")
NOT_JOINED = Cause(480, 31, "Hung up before the two were connected")
ELSEWHERE = Cause(200, 26, "Call completed elsewhere")


def step(turn: Turn, call: Call, event: LegEvent) -> None:
    """Take one event of one of the call's legs; late and repeated ones change nothing."""
    match event:
        case LegReplied() if call.phase == "joining":
            _join(turn, call, event)
        case LegAsked() | LegReplied() | LegAcknowledged() | LegWithdrew():
            turn.out += crossbar.carry(call, event)
            # The legs' dialogs have moved on (CSeq, target, session): worth a new snapshot.
            turn.keep = call.phase == "connected"
        case LegEnded() if event.leg_id == call.caller_leg_id:
            _caller_ended(turn, call, event)
        case LegRedirected(leg_id, _, cause) if leg_id == call.caller_leg_id:
            _caller_ended(turn, call, LegEnded(leg_id, cause, "peer"))
        case _:
            leg = call.legs.get(event.leg_id)
            if leg is not None:
                _leg_step(turn, call, leg, event)


def confirm(turn: Turn, call: Call, leg_id: str, *, accepted: bool) -> None:
    """The person on a leg that must be confirmed has spoken."""
    leg = call.legs.get(leg_id)
    if leg is None or leg.ending is not None or call.phase != "ringing":
        return
    if not accepted:
        turn.stopped_as = "refused"
    ringing.advance(
        turn, call, Confirmed(leg.branch) if accepted else Declined(leg.branch, turn.now)
    )


def hang_up(turn: Turn, call: Call, cause: Cause, ender: Ender | None = None) -> None:
    """End the call for everybody. A caller who still waits gets 480 unless ``cause`` refuses."""
    refusal = cause if cause.status >= 400 else Cause(480, cause.q850, cause.text)
    by = side_of(call, ender)
    text = cause.text if ender is None else ender.text
    if call.phase == "ringing":
        end(turn, call, replace(refusal, text=text), by)
        turn.stopped_as = "cancelled"
        ringing.advance(turn, call, CallerGone())
        turn.out += end_caller(call, refusal)
    elif call.phase == "joining":
        end(turn, call, replace(refusal, text=text), by)
        part(turn, call, "cancelled", refusal)
        turn.out += end_caller(call, refusal)
    elif call.phase == "connected":
        end(turn, call, replace(normal(cause), text=text), by)
        turn.out.append(HangUp(call.caller_leg_id, cause))
        if call.winner is not None:
            turn.out.append(HangUp(call.winner.leg_id, cause))


def tick(turn: Turn, call: Call) -> None:
    """Do what is due."""
    if call.race is not None:
        ringing.advance(turn, call, Tick(turn.now))
    elif call.due is not None and turn.now >= call.due:
        call.due = None
        if call.phase == "joining":
            originated.offer(turn, call)
        else:
            hang_up(turn, call, originated.PARKED_TOO_LONG)


def _leg_step(turn: Turn, call: Call, leg: Leg, event: LegEvent) -> None:
    match event:
        case LegRinging():
            _rang(turn, call, leg)
        case LegProgressed(_, session) if leg.ending is None and call.phase == "ringing":
            ringing.progress_caller(turn, call, session)
        case LegAnswered(_, session) if not leg.answered:
            _picked_up(turn, call, leg, session)
        case LegRedirected() if not leg.answered:
            _redirected(turn, call, leg, event)
        case LegRedirected(leg_id, _, cause):  # makes no sense, but the leg says it is over
            _leg_ended(turn, call, leg, LegEnded(leg_id, cause, "peer"))
        case LegEnded():
            _leg_ended(turn, call, leg, event)


def _rang(turn: Turn, call: Call, leg: Leg) -> None:
    if leg.rang or leg.answered or leg.ending is not None:
        return
    leg.rang = True
    turn.out.append(
        LegRang(
            at=turn.at,
            customer_id=call.customer_id,
            call_id=call.call_id,
            client_id=call.client_id,
            leg_id=leg.leg_id,
            agent_id=leg.agent_id,
        )
    )
    ringing.ring_caller(turn, call)
    ringing.advance(turn, call, Rang(leg.branch))


def _picked_up(turn: Turn, call: Call, leg: Leg, session: bytes | None) -> None:
    leg.answered = True
    turn.out.append(
        LegPickedUp(
            at=turn.at,
            customer_id=call.customer_id,
            call_id=call.call_id,
            client_id=call.client_id,
            leg_id=leg.leg_id,
            agent_id=leg.agent_id,
        )
    )
    if leg.ending is not None:  # its answer crossed our Cancel (RFC 3261 section 9.2)
        turn.out.append(HangUp(leg.leg_id, ringing.NORMAL, leg.ending == "elsewhere"))
        return
    if call.originated and session is None:
        _answered_without_offer(turn, call, leg)
        return
    leg.session = session
    turn.keep = True  # even if the answer is yet to be confirmed: what answered is not cancelled
    ringing.advance(turn, call, PickedUp(leg.branch, turn.now))


def _answered_without_offer(turn: Turn, call: Call, leg: Leg) -> None:
    """A phone that was asked for an offer owes one (RFC 3261 section 13.2.1)."""
    leg.ending = "failed"
    turn.keep = True
    turn.out.append(HangUp(leg.leg_id, originated.NO_OFFER))
    ringing.advance(turn, call, Ended(leg.branch, originated.NO_OFFER, turn.now))
    turn.release(call, leg.leg_id, leg.agent_id)


def _join(turn: Turn, call: Call, event: LegReplied) -> None:
    cause = originated.replied(turn, call, event)
    if cause is not None:
        end(turn, call, cause, "system")
        part(turn, call, "failed", cause)
        turn.out += end_caller(call, cause)


def _redirected(turn: Turn, call: Call, leg: Leg, event: LegRedirected) -> None:
    """The leg is over; its new targets ring in its place if its agent allows that."""
    _forget(turn, call, leg, (leg.ending or "failed", event.cause, "peer"))
    race, route = call.race, call.route
    if leg.ending is None and race is not None and route is not None:
        plan = leg_of(race, leg.branch)
        to = None
        if plan.follow_redirects:
            to = turn.router.redirect(route, plan, event.targets)
        if to is not None:
            ringing.advance(turn, call, Redirected(leg.branch, to, turn.now))
        else:
            ringing.advance(turn, call, Ended(leg.branch, event.cause, turn.now))
        turn.keep = True
    turn.release(call, leg.leg_id, leg.agent_id)


def _leg_ended(turn: Turn, call: Call, leg: Leg, event: LegEnded) -> None:
    cause = event.cause
    if leg is call.winner and call.phase == "joining":
        end(turn, call, NOT_JOINED, "callee" if event.by == "peer" else "system")
        turn.out += end_caller(call, NOT_JOINED)
        _forget(turn, call, leg, ("failed", cause, event.by))
        call.winner = call.due = None
    elif leg is call.winner:
        if call.phase == "connected":
            end(turn, call, normal(cause), "callee" if event.by == "peer" else "system")
            turn.out.append(HangUp(call.caller_leg_id, cause))
        _forget(turn, call, leg, ("answered", normal(cause), event.by))
        call.winner = None
    elif leg.ending is not None:
        told = ELSEWHERE if leg.ending == "elsewhere" else cause
        _forget(turn, call, leg, (leg.ending, told, event.by))
        # Once the last loser is gone: a crash must not have all of them cancelled again.
        turn.keep = call.phase == "connected" and len(call.legs) == (call.winner is not None)
    else:
        outcome = "refused" if leg.answered else outcome_of(cause, rang=leg.rang)
        _forget(turn, call, leg, (outcome, cause, event.by))
        retry = may_try_next(cause, event.by)
        ringing.advance(turn, call, Ended(leg.branch, cause, turn.now, retry, event.others))
        turn.keep = True  # its outcome is on record and must not be told again after a crash
    # Only now: the next attempt may ring the same agent, who was never free in between.
    turn.release(call, leg.leg_id, leg.agent_id)


def _forget(turn: Turn, call: Call, leg: Leg, end: tuple[Outcome, Cause, str]) -> None:
    del call.legs[leg.leg_id]
    turn.leg_finished(call, leg.leg_id, leg.agent_id, end)


def _caller_ended(turn: Turn, call: Call, event: LegEnded) -> None:
    call.caller_live = False
    by: EndedBy = "caller" if event.by == "peer" else "system"
    outcome: Outcome | None = None
    if call.phase == "ringing":
        end(turn, call, GAVE_UP, by)
        turn.stopped_as = outcome = "cancelled"
        ringing.advance(turn, call, CallerGone())
    elif call.phase == "joining":
        end(turn, call, GAVE_UP, by)
        part(turn, call, "cancelled", GAVE_UP)
    elif call.phase == "connected":
        end(turn, call, normal(event.cause), by)
        if call.winner is not None:
            turn.out.append(HangUp(call.winner.leg_id, event.cause))
    cause = normal(event.cause) if call.originated else call.cause
    if call.caller_answered:
        outcome = "answered"
    outcome = outcome or outcome_of(call.cause, rang=False)
    turn.leg_finished(call, call.caller_leg_id, call.agent_id, (outcome, cause, event.by))
    turn.release(call, call.caller_leg_id, call.agent_id)
