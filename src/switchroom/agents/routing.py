"""Where calls go: numbers to agents, extensions to agents and telephones, carriers to numbers only.

What a caller inside dials is looked up in this order: emergency number, extension, agent (short
number, user name), group (number), telephone number. Telephone numbers of the customer's own are
answered inside, all others go to a carrier if the dial rights allow. A call from a carrier may
only reach numbers of the platform, so nobody calls through us at our expense; that an agent's own
mobile is one of his addresses is the customer's wish and stays possible.
"""

from collections.abc import Collection, Iterable, Sequence

from switchroom.agents import numbers, originating
from switchroom.agents.availability import Availability, Difference
from switchroom.agents.companies import Companies
from switchroom.agents.dialling import from_extension
from switchroom.agents.planner import Surroundings
from switchroom.agents.ports import Bindings
from switchroom.agents.redirects import follow
from switchroom.calls.plan import LegPlan, Order, Plan, Refusal, Route
from switchroom.calls.ports import AgentLeg
from switchroom.directory.lookup import Directory
from switchroom.foundation.events import Fact, UtcSeconds
from switchroom.foundation.leg import LegArrived


class AgentRouter:
    """The ``Router`` of calls, over the directory, the registrar and the agents' availability.

    ``confirms`` says whether somebody can ask people to confirm an answer; as long as nobody can,
    ``confirm`` of an address has no effect. ``own_hosts`` and
    ``own_ports`` are the server's own addresses.
    """

    def __init__(
        self,
        directory: Directory,
        bindings: Bindings,
        availability: Availability,
        *,
        confirms: bool = False,
        own_hosts: Iterable[str] = (),
        own_ports: Collection[str] = (),
    ) -> None:
        self._bindings = bindings
        self._availability = availability
        self._confirms = confirms
        self._own_hosts = frozenset(own_hosts)
        self._own_ports = own_ports
        self.differences: Sequence[Difference] = ()
        "What the last ``reconcile`` had to set right; empty unless there is a fault."
        self.directory = directory

    @property
    def directory(self) -> Directory:
        """The configuration in force; a new one holds for calls that arrive from then on."""
        return self._around.directory

    @directory.setter
    def directory(self, directory: Directory) -> None:
        companies = Companies(directory.configuration)
        self._around = Surroundings(
            directory, self._bindings, companies, self._confirms, self._own_hosts, self._own_ports
        )
        self._availability.configure(directory.agents)

    def route(self, arrival: LegArrived, now: float) -> Route | Refusal:  # noqa: ARG002
        """Where this call goes, or why nowhere. No route depends on the time yet."""
        if arrival.origin.kind == "trunk":
            return numbers.from_carrier(self._around, arrival)
        return from_extension(self._around, arrival)

    def originate(self, order: Order) -> Route | Refusal:
        """Whom an order rings first, or why it cannot be carried out."""
        return originating.originate(self._around, order)

    def onward(self, route: Route, taker: LegPlan, contact: str) -> Route | Refusal:
        """Where it goes now that ``taker`` has answered, as it is configured now."""
        return originating.onward(self._around, route, taker, contact)

    def no_answer(self, route: Route) -> Route | None:
        """The number's no-answer target, as it is configured now."""
        return numbers.no_answer(self._around, route)

    def redirect(self, route: Route, leg: LegPlan, targets: Sequence[str]) -> Plan | None:
        """Where the phone of ``leg`` sends the call, as far as its owner may dial there."""
        return follow(self._around, route, leg, targets)

    def offer(
        self, agent_id: str, call_id: str, leg_id: str, at: UtcSeconds
    ) -> Sequence[Fact] | None:
        """Reserve the agent for this leg; ``None`` if he is not free."""
        if not self._availability.is_available(agent_id, call_id):
            return None
        return self._availability.leg_started(agent_id, call_id, leg_id, at)

    def engage(self, agent_id: str, call_id: str, leg_id: str, at: UtcSeconds) -> Sequence[Fact]:
        """The agent calls on this leg, free or not."""
        return self._availability.leg_started(agent_id, call_id, leg_id, at)

    def connected(self, agent_id: str, call_id: str, leg_id: str, at: UtcSeconds) -> Sequence[Fact]:
        """The agent talks on this leg."""
        return self._availability.leg_connected(agent_id, call_id, leg_id, at)

    def release(self, agent_id: str, call_id: str, leg_id: str, at: UtcSeconds) -> Sequence[Fact]:
        """This leg of the agent is over."""
        return self._availability.leg_ended(agent_id, call_id, leg_id, at)

    def reconcile(self, live: Iterable[AgentLeg], at: UtcSeconds) -> Sequence[Fact]:
        """Set the agents' states to what these legs make; what differed is in ``differences``."""
        self.differences, facts = self._availability.reconcile(live, at)
        return facts
