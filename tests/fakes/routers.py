"""A router that sends every call along one plan and lets agents take one call at a time."""

# ruff: noqa: ARG002 - the port says what is passed; this router needs little of it

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from switchroom.calls.plan import Attempt, GroupPlan, LegPlan, Order, Plan, Refusal, Route
from switchroom.calls.ports import AgentLeg
from switchroom.foundation.events import Fact
from switchroom.foundation.leg import Destination, Identity, LegArrived

BOB = Identity("+12025550199", "Bob")


def phone(name: str, *, agent_id: str = "", delay_s: float = 0.0, hosts: int = 1) -> LegPlan:
    """A leg to ring, with as many hosts to try."""
    uris = [f"sip:{name}@192.0.2.{number}" for number in range(1, hosts + 1)]
    attempts = tuple(Attempt(Destination(uri), BOB) for uri in uris)
    return LegPlan(f"sip:{name}", attempts, agent_id, delay_s)


def together(*members: Plan, timeout_s: float | None = None) -> GroupPlan:
    return GroupPlan("ring_all", members, timeout_s)


def in_turn(*members: Plan, timeout_s: float | None = None) -> GroupPlan:
    return GroupPlan("linear", members, timeout_s)


class PlannedRouter:
    """``route`` and ``no_answer`` return what the test has put there."""

    def __init__(self, plan: Plan, *, give_up_s: float = 30.0, agent_id: str = "") -> None:
        self.planned: Route | Refusal = Route(
            customer_id="acme",
            direction="in",
            caller=BOB,
            called="+12025550100",
            plan=plan,
            give_up_s=give_up_s,
            agent_id=agent_id,
        )
        self.next_plan: Plan | None = None
        self.destination: Plan | Refusal | None = None
        "Where an originated call goes; ``None`` for parked ones."
        self.redirected: Plan | None = None
        self.busy: dict[str, dict[str, set[str]]] = {}

    def route(self, arrival: LegArrived, now: float) -> Route | Refusal:
        return self.planned

    def originate(self, order: Order) -> Route | Refusal:
        return self.planned if isinstance(self.planned, Refusal) else self._for(order)

    def onward(self, route: Route, taker: LegPlan, contact: str) -> Route | Refusal:
        if isinstance(self.destination, Refusal):
            return self.destination
        taken = replace(route, caller=Identity(taker.address), agent_id=taker.agent_id)
        if self.destination is None:
            return taken
        return replace(taken, plan=self.destination)

    def _for(self, order: Order) -> Route:
        assert isinstance(self.planned, Route)
        return replace(self.planned, order=order, rung="somebody")

    def no_answer(self, route: Route) -> Route | None:
        if self.next_plan is None:
            return None
        return replace(route, plan=self.next_plan, give_up_s=30.0)

    def redirect(self, route: Route, leg: LegPlan, targets: Sequence[str]) -> Plan | None:
        return self.redirected

    def offer(self, agent_id: str, call_id: str, leg_id: str, at: float) -> Sequence[Fact] | None:
        calls = self.busy.setdefault(agent_id, {})
        if calls and call_id not in calls:
            return None
        return self.engage(agent_id, call_id, leg_id, at)

    def engage(self, agent_id: str, call_id: str, leg_id: str, at: float) -> Sequence[Fact]:
        self.busy.setdefault(agent_id, {}).setdefault(call_id, set()).add(leg_id)
        return ()

    def connected(self, agent_id: str, call_id: str, leg_id: str, at: float) -> Sequence[Fact]:
        return ()

    def release(self, agent_id: str, call_id: str, leg_id: str, at: float) -> Sequence[Fact]:
        legs = self.busy.get(agent_id, {}).get(call_id, set())
        legs.discard(leg_id)
        if not legs:
            self.busy.get(agent_id, {}).pop(call_id, None)
        return ()

    def reconcile(self, live: Iterable[AgentLeg], at: float) -> Sequence[Fact]:
        self.busy = {}
        for agent_id, call_id, leg_id, _ in live:
            self.engage(agent_id, call_id, leg_id, at)
        return ()
