"""What calls need from outside: somebody who knows where a call goes and who is free."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from switchroom.calls.plan import LegPlan, Order, Plan, Refusal, Route
from switchroom.foundation.events import Fact, UtcSeconds
from switchroom.foundation.leg import LegArrived

AgentLeg = tuple[str, str, str, bool]
"A live leg of an agent: agent id, call id, leg id, connected or not."


class Router(Protocol):
    """Decides where calls go and keeps the agents' states; never waits for anything.

    The hooks return the facts that follow from them, to be published with the caller's own.
    """

    def route(self, arrival: LegArrived, now: float) -> Route | Refusal:
        """Where this call goes. Asked once for each call."""
        ...

    def originate(self, order: Order) -> Route | Refusal:
        """Whom to ring first for an order. Asked once for each."""
        ...

    def onward(self, route: Route, taker: LegPlan, contact: str) -> Route | Refusal:
        """Where an originated call goes once ``taker`` has answered at the URI ``contact``."""
        ...

    def no_answer(self, route: Route) -> Route | None:
        """Where it goes when nobody answered ``route``; ``None`` for nowhere."""
        ...

    def redirect(self, route: Route, leg: LegPlan, targets: Sequence[str]) -> Plan | None:
        """Whom to ring instead of ``leg``, under the dial rights of the extension it rang."""
        ...

    def offer(
        self, agent_id: str, call_id: str, leg_id: str, at: UtcSeconds
    ) -> Sequence[Fact] | None:
        """Reserve the agent for a leg about to be dialled; ``None``: not free, do not dial."""
        ...

    def engage(self, agent_id: str, call_id: str, leg_id: str, at: UtcSeconds) -> Sequence[Fact]:
        """The agent calls on this leg, free or not."""
        ...

    def connected(self, agent_id: str, call_id: str, leg_id: str, at: UtcSeconds) -> Sequence[Fact]:
        """The agent talks on this leg."""
        ...

    def release(self, agent_id: str, call_id: str, leg_id: str, at: UtcSeconds) -> Sequence[Fact]:
        """This leg of the agent is over; harmless when repeated."""
        ...

    def reconcile(self, live: Iterable[AgentLeg], at: UtcSeconds) -> Sequence[Fact]:
        """Make the agents' states those that these legs, all there are, make."""
        ...
