"""What is going on in one customer right now, and how each event changes it.

Whoever has a snapshot and applies the events after it has what a fresh snapshot would say; a test
holds this for every kind of fact. Facts about calls and agents that are not known change nothing.
"""

from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from switchroom.agents.events import AgentStateChanged, State, Status
from switchroom.calls import events
from switchroom.directory.events import ConfigurationFact
from switchroom.foundation.events import Fact, UtcSeconds, name_of

LEG_LIMIT = 256
"Legs kept of one call, as in its record."

LegState: TypeAlias = Literal["calling", "dialled", "ringing", "answered", "ended"]
"``calling``: the caller's, until somebody has answered."


class LiveLeg(Struct, frozen=True):
    """One side of a live call."""

    leg_id: str
    role: Literal["caller", "callee"] = "callee"
    agent_id: str = ""
    address: str = ""
    state: LegState = "dialled"
    outcome: str = "live"
    "``live`` until it has ended."


class LiveCall(Struct, frozen=True):
    """A call that is not over."""

    call_id: str
    client_id: str = ""
    direction: str = ""
    caller: str = ""
    called: str = ""
    agent_id: str = ""
    "Who answered; until then the first agent dialled."
    caller_agent_id: str = ""
    asked_by: str = ""
    "The agent who wanted a call that a command has begun."
    started_at: UtcSeconds = 0.0
    answered_at: UtcSeconds | None = None
    legs: tuple[LiveLeg, ...] = ()

    @property
    def agent_ids(self) -> frozenset[str]:
        """All agents that the call has touched so far."""
        found = {self.agent_id, self.caller_agent_id, self.asked_by}
        return frozenset(found.union(leg.agent_id for leg in self.legs) - {""})


class LiveAgent(Struct, frozen=True):
    """What an agent chose, and what his calls make of it."""

    agent_id: str
    status: Status = "available"
    state: State = "idle"
    calls: int = 0


class Snapshot(Struct, frozen=True):
    """The live calls and the agents of one customer, by id."""

    calls: Mapping[str, LiveCall] = {}
    agents: Mapping[str, LiveAgent] = {}


class Picture:
    """A snapshot that is kept up to date in place: applying costs nothing for what is unchanged."""

    __slots__ = ("agents", "calls")

    def __init__(self, snapshot: Snapshot) -> None:
        self.calls = dict(snapshot.calls)
        self.agents = dict(snapshot.agents)

    @property
    def snapshot(self) -> Snapshot:
        """As it is now; later facts do not change it."""
        return Snapshot(dict(self.calls), dict(self.agents))

    def apply(self, fact: Fact) -> None:
        """Take ``fact`` in."""
        if isinstance(fact, AgentStateChanged):
            self._agent_changed(fact)
        elif isinstance(fact, ConfigurationFact):
            self._configured(fact)
        elif isinstance(fact, events.CallFact):
            self._call_changed(fact)

    def _agent_changed(self, fact: AgentStateChanged) -> None:
        if fact.agent_id in self.agents:
            said = LiveAgent(fact.agent_id, fact.status, fact.state, fact.calls)
            self.agents[fact.agent_id] = said

    def _configured(self, fact: ConfigurationFact) -> None:
        if name_of(type(fact)) == "agent.created":
            self.agents.setdefault(fact.id, LiveAgent(fact.id))
        elif name_of(type(fact)) == "agent.deleted":
            self.agents.pop(fact.id, None)

    def _call_changed(self, fact: events.CallFact) -> None:
        if isinstance(fact, events.CallEnded):
            self.calls.pop(fact.call_id, None)
            return
        if isinstance(fact, events.CallCreated):
            known = self.calls.get(fact.call_id, LiveCall(fact.call_id))
            self.calls[fact.call_id] = _created(known, fact)
            return
        call = self.calls.get(fact.call_id)
        step = _STEPS.get(type(fact))
        if call is not None and step is not None:
            self.calls[fact.call_id] = step(call, fact)


def apply(snapshot: Snapshot, fact: Fact) -> Snapshot:
    """``snapshot`` with ``fact`` in it."""
    picture = Picture(snapshot)
    picture.apply(fact)
    return picture.snapshot


def _created(call: LiveCall, fact: events.CallCreated) -> LiveCall:
    legs = call.legs
    if fact.leg_id:  # a call that a command has begun has no caller yet
        leg = replace(
            _leg(call, fact.leg_id),
            role="caller",
            agent_id=fact.agent_id,
            address=f"{fact.origin}:{fact.origin_name or fact.origin_id}",
            state=_calling(_leg(call, fact.leg_id).state),
        )
        legs = _with_leg(call, leg)
    return replace(
        call,
        client_id=fact.client_id,
        direction=fact.direction,
        caller=fact.caller,
        called=fact.called,
        caller_agent_id=fact.agent_id,
        asked_by=fact.origin_id if fact.origin == "command" else "",
        started_at=fact.at,
        legs=legs,
    )


def _dialled(call: LiveCall, fact: events.LegDialled) -> LiveCall:
    leg = replace(_leg(call, fact.leg_id), agent_id=fact.agent_id, address=fact.address)
    return replace(call, agent_id=call.agent_id or fact.agent_id, legs=_with_leg(call, leg))


def _rang(call: LiveCall, fact: events.LegRang) -> LiveCall:
    leg = _leg(call, fact.leg_id)
    state: LegState = "ringing" if leg.state in ("calling", "dialled") else leg.state
    return replace(call, legs=_with_leg(call, replace(leg, state=state)))


def _picked_up(call: LiveCall, fact: events.LegPickedUp) -> LiveCall:
    leg = _leg(call, fact.leg_id)
    state: LegState = leg.state if leg.state == "ended" else "answered"
    return replace(call, legs=_with_leg(call, replace(leg, state=state)))


def _finished(call: LiveCall, fact: events.LegFinished) -> LiveCall:
    leg = _leg(call, fact.leg_id)
    if leg.state == "ended":
        return call
    return replace(call, legs=_with_leg(call, replace(leg, state="ended", outcome=fact.outcome)))


def _taken(call: LiveCall, fact: events.CallTaken) -> LiveCall:
    leg = _leg(call, fact.leg_id)
    leg = replace(leg, role="caller", state=_calling(leg.state))
    return replace(
        call,
        caller=fact.caller,
        caller_agent_id=fact.agent_id,
        agent_id="",
        legs=_with_leg(call, leg),
    )


def _connected(call: LiveCall, fact: events.CallConnected) -> LiveCall:
    legs = tuple(
        replace(leg, state="answered") if leg.role == "caller" and leg.state != "ended" else leg
        for leg in call.legs
    )
    agent_id = fact.agent_id or call.agent_id
    return replace(call, answered_at=fact.at, agent_id=agent_id, legs=legs)


def _calling(state: LegState) -> LegState:
    return "calling" if state == "dialled" else state


_STEPS: dict[type[events.CallFact], Callable[[LiveCall, Any], LiveCall]] = {
    events.LegDialled: _dialled,
    events.LegRang: _rang,
    events.LegPickedUp: _picked_up,
    events.LegFinished: _finished,
    events.CallTaken: _taken,
    events.CallConnected: _connected,
}


def _leg(call: LiveCall, leg_id: str) -> LiveLeg:
    return next((leg for leg in call.legs if leg.leg_id == leg_id), LiveLeg(leg_id))


def _with_leg(call: LiveCall, changed: LiveLeg) -> tuple[LiveLeg, ...]:
    legs = call.legs
    for place, leg in enumerate(legs):
        if leg.leg_id == changed.leg_id:
            return (*legs[:place], changed, *legs[place + 1 :])
    return (*legs, changed) if len(legs) < LEG_LIMIT else legs
