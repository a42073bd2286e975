"""A call before anybody has answered: its races, and what they do to the legs."""

from collections import deque
from collections.abc import Sequence

from switchroom.calls import originated
from switchroom.calls import race as races
from switchroom.calls.events import LegDialled
from switchroom.calls.model import MOST_LEGS, Call, Leg, end_caller
from switchroom.calls.plan import BUSY, UNREACHABLE, Refusal
from switchroom.calls.ring_all import is_alone, leg_of, start, step
from switchroom.calls.turn import Turn
from switchroom.foundation.events import Fact
from switchroom.foundation.leg import Answer, Cancel, Cause, Dial, HangUp, Progress, Ring

NORMAL = Cause(0, 16)


def begin(turn: Turn, call: Call) -> None:
    """Start to ring what the call's route says."""
    assert call.route is not None
    race, actions = start(call.route.plan, turn.now, call.route.give_up_s)
    _perform(turn, call, race, actions)


def advance(turn: Turn, call: Call, event: races.Input) -> None:
    """Tell the race, and do what it decides."""
    if call.race is None:
        return
    race, actions = step(call.race, event)
    if actions or call.phase != "ringing":
        _perform(turn, call, race, actions)
    else:
        call.race = race


def give_up(turn: Turn, call: Call, cause: Cause) -> None:
    """Turn the caller away: nobody answered and nobody is left to ring."""
    call.phase = "ending"
    call.cause = cause
    call.by = "callee" if cause.status in (486, 603) else "system"
    call.ended_at = turn.now
    turn.keep = True
    turn.out += end_caller(call, cause)


def ring_caller(turn: Turn, call: Call) -> None:
    """Tell the caller that it rings; once is enough however many phones do.

    Who has answered an originated call cannot be told.
    """
    if not call.ring_told and not call.originated:
        call.ring_told = True
        turn.out.append(Ring(call.caller_leg_id))


def progress_caller(turn: Turn, call: Call, session: bytes) -> None:
    """Pass early media if nobody else's could ever mix with it, else just say that it rings."""
    route, race = call.route, call.race
    if route is None or race is None or call.originated:
        return
    may_go_on = route.no_answer is not None and not call.forwarded
    if len(call.legs) == 1 and not may_go_on and is_alone(race):
        turn.out.append(Progress(call.caller_leg_id, session))
    else:
        ring_caller(turn, call)


def _perform(turn: Turn, call: Call, race: races.Race, actions: list[races.Action]) -> None:
    call.race = race
    todo = deque(actions)
    refused: deque[races.Input] = deque()
    while todo or refused:
        if not todo:
            call.race, actions = step(call.race, refused.popleft())
            todo.extend(actions)
            continue
        action = todo.popleft()
        match action:
            case races.Start(branch):
                why = _dial(turn, call, branch)
                if why is not None:
                    refused.append(races.Ended(branch, why, turn.now))
            case races.GiveUp(cause):
                todo.extend(_go_on_or_give_up(turn, call, cause))
            case races.Connect(branch):
                _connect(turn, call, call.branches[branch])
            case races.Cancel(branch, elsewhere):
                _stop(turn, call, call.branches[branch], elsewhere=elsewhere)
            case races.HangUp(branch, elsewhere):
                _stop(turn, call, call.branches[branch], elsewhere=elsewhere)
    _settle(turn, call, call.race)


def _settle(turn: Turn, call: Call, race: races.Race) -> None:
    if call.phase == "ringing" and race.state == "connected":
        _go_onward(turn, call, race)
    if call.phase != "ringing":
        call.race = call.route = call.arrival = None
        call.branches.clear()


def _go_onward(turn: Turn, call: Call, race: races.Race) -> None:
    """Somebody has taken an originated call: now it rings where it is to go, or is parked."""
    assert call.route is not None
    taken = next(leaf for leaf, place in enumerate(race.places) if place.phase == "won")
    taker = leg_of(race, (taken, 0))
    contact = taker.attempts[race.places[taken].attempt].to.uri
    onward = turn.router.onward(call.route, taker, contact)
    call.branches.clear()  # whoever still ends has been told so and is in no race any more
    if isinstance(onward, Refusal):
        originated.taken(turn, call, call.caller)
        give_up(turn, call, onward.cause)
        return
    call.route = onward
    originated.taken(turn, call, onward.caller.user)
    if onward.order is None or onward.order.connect_to is None:
        originated.park(turn, call)
    else:
        begin(turn, call)


def _dial(turn: Turn, call: Call, branch: races.Branch) -> Cause | None:
    """Dial a branch, or say why not. The agent is reserved in this very step."""
    race, arrival = call.race, call.arrival
    assert race is not None
    plan = leg_of(race, branch)
    if call.dialled >= MOST_LEGS:
        return UNREACHABLE
    leg = Leg(turn.ids.token(), plan.agent_id, branch)
    agent_facts = None
    if plan.agent_id:
        agent_facts = _reserve(turn, call, plan.agent_id, leg.leg_id)
        if agent_facts is None:
            return BUSY
    call.dialled += 1
    call.legs[leg.leg_id] = call.branches[branch] = leg
    turn.call_of_leg[leg.leg_id] = call
    attempt = plan.attempts[branch[1]]
    turn.out.append(
        Dial(
            leg.leg_id,
            attempt.to,
            attempt.caller,
            None if arrival is None else arrival.session,
            originated.HOPS if arrival is None else arrival.max_forwards - 1,
            call.customer_id,
            attempt.asserted,
        )
    )
    turn.out.append(
        LegDialled(
            at=turn.at,
            customer_id=call.customer_id,
            call_id=call.call_id,
            client_id=call.client_id,
            leg_id=leg.leg_id,
            agent_id=plan.agent_id,
            address=plan.address,
            contact=attempt.to.uri,
            trunk=attempt.to.trunk_id,
        )
    )
    if agent_facts:
        turn.out += agent_facts
    turn.keep = True
    return None


def _reserve(turn: Turn, call: Call, agent_id: str, leg_id: str) -> Sequence[Fact] | None:
    """What is said of the agent who is about to be rung; ``None`` if he is not free.

    Whose call it is that a command begins is rung, free or not: as if he had dialled himself.
    """
    order = None if call.route is None else call.route.order
    if order is not None and order.speaker == agent_id and not call.caller_leg_id:
        return turn.router.engage(agent_id, call.call_id, leg_id, turn.at)
    return turn.router.offer(agent_id, call.call_id, leg_id, turn.at)


def _connect(turn: Turn, call: Call, leg: Leg) -> None:
    turn.keep = True
    if call.originated:
        if call.caller_leg_id:
            originated.join(turn, call, leg)
        else:
            originated.take(turn, call, leg)
        return
    call.phase = "connected"
    call.winner = leg
    turn.out.append(Answer(call.caller_leg_id, leg.session))
    leg.session = None
    turn.call_answered(call, leg.leg_id, leg.agent_id)
    turn.engaged(call, leg.leg_id, leg.agent_id)
    turn.engaged(call, call.caller_leg_id, call.agent_id)


def _stop(turn: Turn, call: Call, leg: Leg, *, elsewhere: bool) -> None:
    leg.ending = "elsewhere" if elsewhere else turn.stopped_as
    if leg.answered:
        turn.out.append(HangUp(leg.leg_id, NORMAL, elsewhere))
    else:
        turn.out.append(Cancel(leg.leg_id, elsewhere))
    # A dead phone may take 32 s to be given up; its agent is free from now on.
    turn.release(call, leg.leg_id, leg.agent_id)


def _go_on_or_give_up(turn: Turn, call: Call, cause: Cause) -> list[races.Action]:
    """Ring the no-answer target, once; without one the caller is turned away."""
    route = call.route
    if route is not None and route.no_answer is not None and not call.forwarded:
        call.forwarded = True
        onward = turn.router.no_answer(route)
        if onward is not None:
            call.route = onward
            call.branches.clear()  # what still ends has been told so and is in no race any more
            call.race, actions = start(onward.plan, turn.now, onward.give_up_s)
            return actions
    give_up(turn, call, cause)
    return []
