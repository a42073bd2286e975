"""All live calls of a node: events of legs in, actions, facts and checkpoints out."""

from collections.abc import Callable, Collection, Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

from switchroom.calls import beginning, ringing
from switchroom.calls import call as machine
from switchroom.calls.ending import finish
from switchroom.calls.model import Alarm, Call, Ender, legs_of_agents
from switchroom.calls.outputs import Checkpoint, Output
from switchroom.calls.plan import Order, Refusal, Route
from switchroom.calls.ports import AgentLeg, Router
from switchroom.calls.snapshot import CallSnapshot, call_of, resume, take
from switchroom.calls.turn import Turn
from switchroom.foundation.ids import Ids
from switchroom.foundation.leg import Cause, LegArrived, LegEnded, LegEvent
from switchroom.foundation.timer_wheel import TimerWheel

MOST_CALLS = 20_000

FULL = Cause(503, 42, "Too many calls")
DRAINING = Cause(503, 41, "Server is about to stop")
_TOO_MANY_HOPS = Cause(483, 25, "Too many hops")
_LOST = Cause(0, 41, "Leg is lost")


class Originated(NamedTuple):
    """A call that a command has begun, and what is to be done now."""

    call_id: str
    outputs: list[Output]


class CallService:
    """The thin shell around the calls.

    Every input returns what is to be done, in order; nothing is done in here. An input must not
    be given while another is worked on, which a plain loop over the outputs ensures.
    """

    __slots__ = ("_calls", "_draining", "_most_calls", "_turn", "_utc_offset", "_wheel")

    def __init__(
        self,
        router: Router,
        ids: Ids,
        utc_offset: Callable[[], float],
        *,
        most_calls: int = MOST_CALLS,
    ) -> None:
        """``utc_offset()`` added to monotonic seconds gives Unix seconds."""
        self._turn = Turn(router, ids)
        self._utc_offset = utc_offset
        self._most_calls = most_calls
        self._calls: dict[str, Call] = {}
        self._wheel: TimerWheel[Alarm] = TimerWheel()
        self._draining = False

    @property
    def calls(self) -> Mapping[str, Call]:
        """The live calls by id, to look at only."""
        return MappingProxyType(self._calls)

    def feed(self, event: LegEvent, now: float) -> list[Output]:
        """Take an event of a leg. Events of unknown legs change nothing."""
        turn = self._begin(now)
        call = turn.call_of_leg.get(event.leg_id)
        if call is not None:
            machine.step(turn, call, event)
            self._settle(call)
        elif isinstance(event, LegArrived):
            self._arrive(event)
        return turn.out

    def originate(self, order: Order, now: float) -> Originated | Refusal:
        """Begin a call that nobody has made: ring whom the order names and connect who answers.

        That nobody can be reached is no refusal but what becomes of the call.
        """
        turn = self._begin(now)
        route = turn.router.originate(order)
        if isinstance(route, Refusal):
            return route
        refusal = self._no_room(route)
        if refusal is not None:
            return refusal
        call = beginning.ordered(turn, order, route)
        self._start(call)
        return Originated(call.call_id, turn.out)

    def tick(self, now: float) -> list[Output]:
        """Do what is due."""
        turn = self._begin(now)
        for alarm in self._wheel.due(now):
            call = alarm.call
            if call is not None:
                machine.tick(turn, call)
                self._settle(call)
        return turn.out

    def deadline(self) -> float | None:
        """When to call ``tick``, in monotonic seconds; ``None`` while nothing waits."""
        return self._wheel.deadline()

    def hang_up(
        self, call_id: str, cause: Cause, now: float, ender: Ender | None = None
    ) -> list[Output]:
        """End a call for everybody in it, as ``ender`` wants if an agent does."""
        turn = self._begin(now)
        call = self._calls.get(call_id)
        if call is not None:
            machine.hang_up(turn, call, cause, ender)
            self._settle(call)
        return turn.out

    def confirm(self, leg_id: str, now: float, *, accepted: bool) -> list[Output]:
        """The person on a leg that must be confirmed took the call, or did not want it."""
        turn = self._begin(now)
        call = turn.call_of_leg.get(leg_id)
        if call is not None:
            machine.confirm(turn, call, leg_id, accepted=accepted)
            self._settle(call)
        return turn.out

    def drain(self, now: float) -> list[Output]:
        """Refuse new calls from now on; those there are go on."""
        self._draining = True
        return self._begin(now).out

    def reconcile(self, live_leg_ids: Collection[str], now: float) -> list[Output]:
        """End every leg that no longer exists, and set right the agents' states."""
        turn = self._begin(now)
        lost = [leg_id for leg_id in turn.call_of_leg if leg_id not in live_leg_ids]
        for leg_id in lost:
            call = turn.call_of_leg.get(leg_id)
            if call is not None:
                machine.step(turn, call, LegEnded(leg_id, _LOST, "transport"))
                self._settle(call)
        turn.out += turn.router.reconcile(self.agent_legs(), turn.at)
        return turn.out

    def agent_legs(self) -> Iterator[AgentLeg]:
        """Every live leg that belongs to an agent."""
        for call in self._calls.values():
            yield from legs_of_agents(call)

    def snapshot(self, call_id: str) -> CallSnapshot | None:
        """What to keep of a call; ``None`` if it is over."""
        call = self._calls.get(call_id)
        return None if call is None else take(call, self._utc_offset())

    def restore(self, snapshot: CallSnapshot, now: float) -> list[Output]:
        """Take up a call after a restart, once the legs are back.

        A connected call goes on. One that still rang is ended on both sides with the status 480
        and Q.850 41, "Call server restarted".
        """
        turn = self._begin(now)
        if snapshot.call_id in self._calls:
            return turn.out
        call = call_of(snapshot, self._utc_offset())
        self._calls[call.call_id] = call
        if call.caller_live:
            turn.call_of_leg[call.caller_leg_id] = call
        for leg_id in call.legs:
            turn.call_of_leg[leg_id] = call
        actions = resume(call, now)
        for agent_id, call_id, leg_id, connected in legs_of_agents(call):
            turn.out += turn.router.engage(agent_id, call_id, leg_id, turn.at)
            if connected:
                turn.out += turn.router.connected(agent_id, call_id, leg_id, turn.at)
        turn.out += actions
        self._settle(call)
        return turn.out

    def _begin(self, now: float) -> Turn:
        self._turn.begin(now, now + self._utc_offset())
        return self._turn

    def _arrive(self, arrival: LegArrived) -> None:
        if arrival.max_forwards <= 0:
            beginning.refuse(self._turn, arrival, Refusal(_TOO_MANY_HOPS))
            return
        route = self._turn.router.route(arrival, self._turn.now)
        refusal = self._no_room(route)
        if isinstance(route, Refusal):
            beginning.refuse(self._turn, arrival, route)
        elif refusal is not None:
            beginning.refuse(self._turn, arrival, refusal)
        else:
            self._start(beginning.arrived(self._turn, arrival, route))

    def _no_room(self, route: Route | Refusal) -> Refusal | None:
        """Why this node takes no call more now; an emergency call it always takes."""
        if isinstance(route, Refusal) or route.is_emergency:
            return None
        if self._draining:
            return Refusal(DRAINING, route.customer_id, route.client_id)
        if len(self._calls) >= self._most_calls:
            return Refusal(FULL, route.customer_id, route.client_id)
        return None

    def _start(self, call: Call) -> None:
        self._calls[call.call_id] = call
        ringing.begin(self._turn, call)
        self._settle(call)

    def _settle(self, call: Call) -> None:
        """After each change: is it over, what is to be kept, when does it want to be woken?"""
        turn, alarm = self._turn, call.alarm
        turn.stopped_as = "no_answer"
        if finish(turn, call):
            turn.keep = False
            alarm.call = alarm.deadline = None
            del self._calls[call.call_id]
            return
        if turn.keep:
            turn.keep = False
            turn.out.append(Checkpoint(call.call_id))
        when = call.due if call.race is None else call.race.due
        alarm.deadline = when
        # The wheel files a later deadline anew by itself; an earlier one it must be told.
        if when is not None and (when < alarm.filed or alarm.filed <= turn.now):
            alarm.filed = when
            self._wheel.watch(alarm)
