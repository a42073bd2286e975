"""The places of a race while one input is worked on: who begins, who stops, what comes next."""

from typing import Literal

from msgspec.structs import replace

from switchroom.calls.outcome import said_to_caller
from switchroom.calls.plan import LegPlan, Plan
from switchroom.calls.race import GOING, Action, Cancel, GiveUp, HangUp, Node, Place, Race, Start
from switchroom.foundation.leg import Cause


def flatten(plan: Plan, parent: int = -1, base: int = 0) -> list[Node]:
    """The plan's nodes, each before its members; the first has the place ``base``."""
    if isinstance(plan, LegPlan):
        return [Node(parent, (), False, plan.delay_s, plan.timeout_s, plan)]
    nodes: list[Node] = []
    places: list[int] = []
    for member in plan.members:
        place = base + 1 + len(nodes)
        places.append(place)
        nodes += flatten(member, base, place)
    linear = plan.method == "linear"
    return [Node(parent, tuple(places), linear, plan.delay_s, plan.timeout_s, None), *nodes]


class Progress:
    """The places while one input is worked on."""

    __slots__ = ("actions", "give_up_at", "nodes", "now", "places", "state")

    def __init__(
        self, nodes: list[Node], places: list[Place], now: float, give_up_at: float
    ) -> None:
        self.nodes = nodes
        self.places = places
        self.now = now
        self.give_up_at = give_up_at
        self.state: Literal["ringing", "connected", "over"] = "ringing"
        self.actions: list[Action] = []

    def result(self) -> Race:
        due = None
        if self.state == "ringing":
            due = self.give_up_at
            for place in self.places:
                if place.due is not None and place.due < due and place.phase in GOING:
                    due = place.due
        return Race(tuple(self.nodes), tuple(self.places), self.give_up_at, self.state, due)

    def begin(self, index: int) -> bool:
        """Give this node its turn; false if there was nothing to ring."""
        node = self.nodes[index]
        if node.leg is not None and not node.leg.attempts:
            self.places[index] = Place("over", cause=node.leg.if_none)
            return False
        if node.delay_s > 0:
            self.places[index] = Place("delayed", self.now + node.delay_s)
            return True
        return self.go(index)

    def go(self, index: int) -> bool:
        """Dial this leg, or begin what is in this group; false if there was nothing to ring."""
        node = self.nodes[index]
        if node.leg is not None:
            self.places[index] = Place("ringing", self._stop_at(node))
            self.actions.append(Start((index, 0)))
            return True
        self.places[index] = Place("active", self._stop_at(node))
        going = False
        for member in node.members:
            going = self.begin(member) or going
            if going and node.linear:
                return True
        if not going:
            self.places[index] = Place("over")
        return going

    def _stop_at(self, node: Node) -> float | None:
        return None if node.timeout_s is None else self.now + node.timeout_s

    def settle(self, index: int) -> None:
        """Go on after this node is over: the next in line, or what contains it is over too."""
        parent = self.nodes[index].parent
        while parent >= 0:
            node = self.nodes[parent]
            if any(self.places[member].phase in GOING for member in node.members):
                return
            for member in node.members if node.linear else ():
                if self.places[member].phase == "waiting" and self.begin(member):
                    return
            self.places[parent] = Place("over")
            parent = node.parent
        self.give_up()

    def stop(self, index: int, *, elsewhere: bool, cause: Cause) -> None:
        """Stop this node and all below it."""
        place = self.places[index]
        if place.phase == "ringing":
            self.actions.append(Cancel((index, place.attempt), elsewhere))
            self.places[index] = replace(place, phase="stopping", cause=cause)
        elif place.phase == "confirming":
            self.actions.append(HangUp((index, place.attempt), elsewhere))
            self.places[index] = replace(place, phase="over", cause=cause)
        elif place.phase in ("waiting", "delayed", "active"):
            self.places[index] = Place("over")
            for member in self.nodes[index].members:
                self.stop(member, elsewhere=elsewhere, cause=cause)

    def give_up(self) -> None:
        self.state = "over"
        met = [
            (node.leg, place.cause, place.rang)
            for node, place in zip(self.nodes, self.places, strict=True)
            if node.leg is not None and place.cause is not None
        ]
        self.actions.append(GiveUp(said_to_caller(met)))
