"""Who is free: the status an agent chose, and the state that the agent's live legs make.

The state is nothing but the set of live legs, so it cannot get stuck: whatever the order of
events, it is back to idle when the last leg has ended. Everything happens synchronously; whoever
dials a leg has reserved the agent in the same step.
"""

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from switchroom.agents.events import AgentStateChanged, Said, State, Status
from switchroom.calls.ports import AgentLeg
from switchroom.directory.model import Agent
from switchroom.foundation.events import UtcSeconds

Legs = dict[str, dict[str, bool]]
"Live legs by call id: leg id, connected or not."


class Difference(Struct, frozen=True):
    """A leg that the state knew and that does not live, or the other way round."""

    agent_id: str
    call_id: str
    leg_id: str
    lives: bool


class _Record:
    __slots__ = ("calls", "capacity", "configured", "customer_id", "said", "status")

    def __init__(self) -> None:
        self.customer_id = ""
        self.capacity = 0
        self.configured = False
        self.status: Status = "available"
        self.calls: Legs = {}
        self.said: Said = ("available", "idle", 0)


class Availability:
    """All agents of a node. Whatever changes returns the facts that say so."""

    __slots__ = ("_is_silent", "_records")

    def __init__(self) -> None:
        self._records: dict[str, _Record] = {}
        self._is_silent = False
        "While calls are put back after a restart: what they make of agents is old news."

    def configure(self, agents: Iterable[Agent]) -> None:
        """These are the agents now. One who is gone takes no new calls; his live ones count on."""
        gone = set(self._records)
        for agent in agents:
            gone.discard(agent.id)
            record = self._record(agent.id)
            record.customer_id = agent.customer_id
            record.capacity = agent.capacity
            record.configured = True
        for agent_id in gone:
            record = self._records[agent_id]
            record.capacity = 0
            record.configured = False
            if not record.calls:
                del self._records[agent_id]

    def restore(self, said: Mapping[str, Said]) -> None:
        """This was last said of agents before a restart; their calls are put back next.

        Nothing is said until ``speak``.
        """
        self._is_silent = True
        for agent_id, one in said.items():
            record = self._records.get(agent_id)
            if record is not None:
                record.status = one[0]
                record.said = one

    def speak(self, at: UtcSeconds) -> Sequence[AgentStateChanged]:
        """Everything is put back: what has become another than was last said is told."""
        self._is_silent = False
        found = [self._said(agent_id, record, at) for agent_id, record in self._records.items()]
        return [fact for facts in found for fact in facts]

    def set_status(
        self, agent_id: str, status: Status, at: UtcSeconds
    ) -> Sequence[AgentStateChanged]:
        """The agent chose a status; live calls go on. Nothing happens for an unknown agent."""
        record = self._records.get(agent_id)
        if record is None:
            return ()
        record.status = status
        return self._said(agent_id, record, at)

    def status(self, agent_id: str) -> Status:
        """What the agent chose; ``offline`` for an unknown one."""
        record = self._records.get(agent_id)
        return "offline" if record is None else record.status

    def state(self, agent_id: str) -> tuple[State, int]:
        """What calls make of the agent, and how many they are."""
        record = self._records.get(agent_id)
        return ("idle", 0) if record is None else (_state(record), len(record.calls))

    def is_available(self, agent_id: str, call_id: str = "") -> bool:
        """Whether a leg may be offered; the agent's own ``call_id`` may always have one more."""
        record = self._records.get(agent_id)
        if record is None or record.status != "available":
            return False
        return call_id in record.calls or len(record.calls) < record.capacity

    def leg_started(
        self, agent_id: str, call_id: str, leg_id: str, at: UtcSeconds
    ) -> Sequence[AgentStateChanged]:
        """A leg of the agent began: dialled to him, or by him."""
        record = self._record(agent_id)
        record.calls.setdefault(call_id, {})[leg_id] = False
        return self._said(agent_id, record, at)

    def leg_connected(
        self, agent_id: str, call_id: str, leg_id: str, at: UtcSeconds
    ) -> Sequence[AgentStateChanged]:
        """The agent talks on this leg."""
        record = self._records.get(agent_id)
        legs = None if record is None else record.calls.get(call_id)
        if record is None or legs is None or leg_id not in legs:
            return ()
        legs[leg_id] = True
        return self._said(agent_id, record, at)

    def leg_ended(
        self, agent_id: str, call_id: str, leg_id: str, at: UtcSeconds
    ) -> Sequence[AgentStateChanged]:
        """The leg is over; harmless when repeated."""
        record = self._records.get(agent_id)
        legs = None if record is None else record.calls.get(call_id)
        if record is None or legs is None or legs.pop(leg_id, None) is None:
            return ()
        if not legs:
            del record.calls[call_id]
        facts = self._said(agent_id, record, at)
        if not record.calls and not record.configured:
            del self._records[agent_id]
        return facts

    def reconcile(
        self, live: Iterable[AgentLeg], at: UtcSeconds
    ) -> tuple[Sequence[Difference], Sequence[AgentStateChanged]]:
        """Compare with the legs that live, all there are; set right and report what differs."""
        wanted: dict[str, Legs] = {agent_id: {} for agent_id in self._records}
        for agent_id, call_id, leg_id, connected in live:
            wanted.setdefault(agent_id, {}).setdefault(call_id, {})[leg_id] = connected
        differences: list[Difference] = []
        facts: list[AgentStateChanged] = []
        for agent_id, calls in wanted.items():
            record = self._record(agent_id)
            if record.calls == calls:
                continue
            differences += _differences(agent_id, record.calls, calls)
            record.calls = calls
            facts.append(_fact(agent_id, record, at, corrected=True))
            if not calls and not record.configured:
                del self._records[agent_id]
        return differences, facts

    def _record(self, agent_id: str) -> _Record:
        record = self._records.get(agent_id)
        if record is None:
            record = self._records[agent_id] = _Record()
        return record

    def _said(self, agent_id: str, record: _Record, at: UtcSeconds) -> Sequence[AgentStateChanged]:
        now = (record.status, _state(record), len(record.calls))
        return (
            ()
            if self._is_silent or now == record.said
            else (_fact(agent_id, record, at, corrected=False),)
        )


def _state(record: _Record) -> State:
    if not record.calls:
        return "idle"
    talks = any(True in legs.values() for legs in record.calls.values())
    return "on_call" if talks else "ringing"


def _fact(agent_id: str, record: _Record, at: UtcSeconds, *, corrected: bool) -> AgentStateChanged:
    record.said = (record.status, _state(record), len(record.calls))
    status, state, calls = record.said
    return AgentStateChanged(
        at=at,
        customer_id=record.customer_id,
        agent_id=agent_id,
        status=status,
        state=state,
        calls=calls,
        corrected=corrected,
    )


def _differences(agent_id: str, known: Legs, live: Legs) -> list[Difference]:
    before = {(call, leg): on for call, legs in known.items() for leg, on in legs.items()}
    after = {(call, leg): on for call, legs in live.items() for leg, on in legs.items()}
    changed = sorted(key for key in before | after if before.get(key) != after.get(key))
    return [Difference(agent_id, *key, lives=key in after) for key in changed]
