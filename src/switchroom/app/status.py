"""What a running node tells about itself: status for people, gauges for Prometheus."""

from collections import Counter
from collections.abc import Sequence
from importlib.metadata import version

import structlog

from switchroom.app.parts import Parts
from switchroom.calls.events import CallRefused
from switchroom.calls.model import Call, Leg
from switchroom.directory.model import Agent
from switchroom.drivers.clock import Clock
from switchroom.drivers.journal import Journal
from switchroom.drivers.recorder_process import RecorderProcess
from switchroom.drivers.status import (
    AgentStatus,
    BanStatus,
    CallStatus,
    JournalStatus,
    LegStatus,
    NodeStatus,
    RefusalStatus,
    RegistrationStatus,
    TrunkStatus,
)
from switchroom.foundation.events import Fact
from switchroom.foundation.text import readable

log = structlog.get_logger()

RECORDED_S = 2.0
"How long who has begun a call waits for its record at most; mostly it is a few milliseconds."
MOST_SHOWN = 256
"Characters of what a peer has sent."


class Status:
    """Reads the live tables at the moment it is asked; changes nothing."""

    def __init__(
        self, parts: Parts, journal: Journal, recorder: RecorderProcess, clock: Clock
    ) -> None:
        self._parts = parts
        self._journal = journal
        self._recorder = recorder
        self._clock = clock
        self._started_at = clock.utc()
        self.listens: list[str] = []
        self.is_draining = False
        self.warnings: tuple[str, ...] = ()
        self.reconciled = 0
        "Agents' states that had to be corrected; a fault of ours unless 0."

    def now(self) -> float:
        """Monotonic seconds, as the node counts them."""
        return self._clock.monotonic()

    def utc(self) -> float:
        """Unix seconds."""
        return self._clock.utc()

    def warn(self, warnings: Sequence[str]) -> None:
        """Say from now on that this must be put right, and nothing else any more."""
        for text in warnings:
            log.error(text)
        self.warnings = tuple(warnings)

    def watch(self, fact: Fact) -> None:
        """Note calls that were turned away beside what the edge has refused."""
        if isinstance(fact, CallRefused):
            what = f"call from {fact.caller} to {fact.called}"
            source = fact.source.split(":")[1] if fact.source else ""
            self._parts.defence.refused(source, what, fact.text, self.now())

    async def recorded(self) -> bool:
        """Whether what has happened so far came into the database within RECORDED_S."""
        return await self._recorder.written(self._journal.position, RECORDED_S)

    def obstacles(self) -> list[str]:
        """Why new calls should go elsewhere; empty when ready."""
        found = []
        if self.is_draining:
            found.append("the node is about to stop")
        if self._journal.failure is not None:
            found.append(f"the journal cannot be written: {self._journal.failure.text}")
        if self._recorder.progress.failure is not None:
            found.append(f"the database takes nothing: {self._recorder.progress.failure}")
        if self._parts.node.user_agent.overloaded:
            found.append("overloaded")
        return found

    def node(self) -> NodeStatus:
        parts, now = self._parts, self._clock.monotonic()
        return NodeStatus(
            version("switchroom"),
            self._clock.utc(),
            self._started_at,
            tuple(self.listens),
            self.is_draining,
            tuple(self.obstacles()),
            tuple(self._registrations(now)),
            tuple(self._trunks()),
            self.calls(),
            self.agents(),
            tuple(
                BanStatus(ban.source, ban.until - now, ban.count, ban.reason)
                for ban in parts.defence.bans(now)
            ),
            tuple(
                RefusalStatus(one.at, one.source, one.what, one.reason)
                for one in parts.defence.refusals
            ),
            self.journal_status(),
            self.warnings,
        )

    def calls(self) -> tuple[CallStatus, ...]:
        """The live calls."""
        offset = self._clock.utc_offset()
        return tuple(self._call(call, offset) for call in self._parts.node.calls.calls.values())

    def agents(self) -> tuple[AgentStatus, ...]:
        """All agents."""
        return tuple(map(self.agent, self._parts.directory.agents))

    def agent(self, agent: Agent) -> AgentStatus:
        """One agent."""
        availability = self._parts.availability
        state, live_calls = availability.state(agent.id)
        return AgentStatus(
            self._customer(agent.customer_id),
            agent.username,
            agent.name,
            availability.status(agent.id),
            state,
            live_calls,
            agent.capacity,
            agent.number,
        )

    def _registrations(self, now: float) -> list[RegistrationStatus]:
        return [
            RegistrationStatus(
                self._customer(binding.customer_id),
                binding.number,
                binding.uri,
                f"{binding.hop[0]}:{binding.hop[1]}:{binding.hop[2]}",
                binding.expires_at - now,
                binding.user_agent,
                binding.is_reachable,
            )
            for binding in self._parts.registrar.bindings()
        ]

    def _trunks(self) -> list[TrunkStatus]:
        live = Counter(leg.trunk_id for leg in self._parts.node.user_agent.legs.by_id.values())
        return [
            TrunkStatus(
                self._customer(trunk.customer_id),
                trunk.name,
                trunk.hosts,
                live[trunk.id],
            )
            for trunk in self._parts.directory.configuration.trunks
        ]

    def _call(self, call: Call, offset: float) -> CallStatus:
        client = self._parts.directory.client(call.client_id)
        winner = call.winner
        agent_id = winner.agent_id if winner is not None else call.agent_id
        return CallStatus(
            call.call_id,
            self._customer(call.customer_id),
            call.direction,
            call.caller,
            call.called,
            call.phase,
            call.arrived_at + offset,
            call.answered_at + offset if call.answered_at is not None else None,
            client.name if client is not None else "",
            self._agent(agent_id),
            tuple(self._leg(leg) for leg in call.legs.values()),
        )

    def _leg(self, leg: Leg) -> LegStatus:
        sip = self._parts.node.user_agent.legs.by_id.get(leg.leg_id)
        state = "answered" if leg.answered else "ringing" if leg.rang else "dialled"
        return LegStatus(
            leg.leg_id,
            readable(sip.remote, MOST_SHOWN) if sip is not None else "",
            readable(sip.target, MOST_SHOWN) if sip is not None else "",
            "ending" if leg.ending is not None else state,
            self._agent(leg.agent_id),
        )

    def journal_status(self) -> JournalStatus:
        failure = self._journal.failure.text if self._journal.failure is not None else ""
        return JournalStatus(
            self._journal.position.segment,
            self._journal.bytes_after(self._recorder.progress.position),
            self._journal.dropped,
            failure or self._recorder.progress.failure or "",
        )

    def _customer(self, customer_id: str) -> str:
        customer = self._parts.directory.customer(customer_id)
        return customer.name if customer is not None else ""

    def _agent(self, agent_id: str) -> str:
        agent = self._parts.directory.agent(agent_id)
        return agent.username if agent is not None else ""
