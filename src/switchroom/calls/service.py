"""All live calls of a node: events of legs in, actions, facts and checkpoints out."""

from collections.abc import Callable, Collection, Iterator, Mapping
from types import MappingProxyType

from switchroom.calls import call as machine
from switchroom.calls import ringing
from switchroom.calls.events import CallCreated, CallRefused
from switchroom.calls.model import Alarm, Call, legs_of_agents
from switchroom.calls.outputs import Checkpoint, Output
from switchroom.calls.plan import Refusal, Route
from switchroom.calls.ports import AgentLeg, Router
from switchroom.calls.race import Tick
from switchroom.calls.snapshot import CallSnapshot, call_of, resume, take
from switchroom.calls.turn import Turn
from switchroom.foundation.ids import Ids
from switchroom.foundation.leg import Cause, LegArrived, LegEnded, LegEvent, Reject
from switchroom.foundation.timer_wheel import TimerWheel

MOST_CALLS = 20_000
RETRY_AFTER_S = 10
"What a caller is told to wait when the node is full or about to stop."

_FULL = Cause(503, 42, "Too many calls")
_DRAINING = Cause(503, 41, "Server is about to stop")
_TOO_MANY_HOPS = Cause(483, 25, "Too many hops")
_LOST = Cause(0, 41, "Leg is lost")


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

    def tick(self, now: float) -> list[Output]:
        """Do what is due."""
        turn = self._begin(now)
        for alarm in self._wheel.due(now):
            call = alarm.call
            if call is not None:
                ringing.advance(turn, call, Tick(now))
                self._settle(call)
        return turn.out

    def deadline(self) -> float | None:
        """When to call ``tick``, in monotonic seconds; ``None`` while nothing waits."""
        return self._wheel.deadline()

    def hang_up(self, call_id: str, cause: Cause, now: float) -> list[Output]:
        """End a call for everybody in it."""
        turn = self._begin(now)
        call = self._calls.get(call_id)
        if call is not None:
            machine.hang_up(turn, call, cause)
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
            self._refuse(arrival, Refusal(_TOO_MANY_HOPS))
            return
        route = self._turn.router.route(arrival, self._turn.now)
        if isinstance(route, Refusal):
            self._refuse(arrival, route)
        elif self._draining and not route.is_emergency:
            self._refuse(arrival, Refusal(_DRAINING, route.customer_id, route.client_id))
        elif len(self._calls) >= self._most_calls and not route.is_emergency:
            self._refuse(arrival, Refusal(_FULL, route.customer_id, route.client_id))
        else:
            self._start(arrival, route)

    def _refuse(self, arrival: LegArrived, refusal: Refusal) -> None:
        turn, cause = self._turn, refusal.cause
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

    def _start(self, arrival: LegArrived, route: Route) -> None:
        turn = self._turn
        call = Call(turn.ids.token(), arrival.leg_id, turn.now)
        call.customer_id = route.customer_id
        call.client_id = route.client_id
        call.agent_id = route.agent_id
        call.direction = route.direction
        call.caller = route.caller.user
        call.called = route.called
        call.arrival = arrival
        call.route = route
        self._calls[call.call_id] = call
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
        ringing.begin(turn, call)
        self._settle(call)

    def _settle(self, call: Call) -> None:
        """After each change: is it over, what is to be kept, when does it want to be woken?"""
        turn, alarm = self._turn, call.alarm
        turn.stopped_as = "no_answer"
        if machine.finish(turn, call):
            turn.keep = False
            alarm.call = alarm.deadline = None
            del self._calls[call.call_id]
            return
        if turn.keep:
            turn.keep = False
            turn.out.append(Checkpoint(call.call_id))
        when = None if call.race is None else call.race.due
        alarm.deadline = when
        # The wheel files a later deadline anew by itself; an earlier one it must be told.
        if when is not None and (when < alarm.filed or alarm.filed <= turn.now):
            alarm.filed = when
            self._wheel.watch(alarm)


def _written(arrival: LegArrived) -> str:
    transport, address, port = arrival.source
    return f"{transport}:{address}:{port}"
