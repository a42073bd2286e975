"""Calls to the platform's own numbers: to whom they belong and where they lead."""

from msgspec.structs import replace

from switchroom.agents.planner import Surroundings, planner_for
from switchroom.calls.plan import LegPlan, Refusal, Route
from switchroom.directory.model import Customer, Number, Target, TargetKind
from switchroom.directory.numbering import from_trunk
from switchroom.foundation.leg import Cause, Identity, LegArrived


def refuse(status: int, q850: int, text: str, customer_id: str = "") -> Refusal:
    """A refusal in the users' words."""
    return Refusal(Cause(status, q850, text), customer_id)


def draft(customer: Customer, caller: Identity, called: str, origin_name: str) -> Route:
    """A route from inside that leads nowhere yet."""
    return Route(
        customer_id=customer.id,
        direction="internal",
        caller=caller,
        called=called,
        plan=LegPlan(""),
        give_up_s=0.0,
        origin_name=origin_name,
    )


def from_carrier(around: Surroundings, arrival: LegArrived) -> Route | Refusal:
    """A call that a trunk brought: to numbers of the platform only, and to their customer."""
    directory = around.directory
    trunk = directory.trunk(arrival.origin.id)
    home = None if trunk is None else directory.customer(trunk.customer_id)
    if trunk is None or home is None:
        return refuse(403, 21, "This trunk is not known")
    e164 = from_trunk(arrival.dialled, trunk, home.country)
    number = None if e164 is None else directory.number(e164)
    customer = None if number is None else directory.customer(number.customer_id)
    if number is None or customer is None:
        return refuse(404, 1, f"No number {arrival.dialled} here", trunk.customer_id)
    user = from_trunk(arrival.caller.user, trunk, home.country) or arrival.caller.user
    caller = Identity(user, arrival.caller.display)
    route = replace(draft(customer, caller, number.e164, trunk.name), direction="in")
    return to_number(around, customer, replace(route, company=number.e164), number)


def to_number(
    around: Surroundings, customer: Customer, route: Route, number: Number
) -> Route | Refusal:
    """Where a number leads, for its client."""
    client = around.directory.client(number.client_id)
    if client is not None:
        route = replace(route, client_id=client.id, client_name=client.name)
    found = planner_for(around, customer, route).target(number.to)
    if found is None:
        refusal = refuse(404, 1, f"The number {number.e164} leads nowhere", customer.id)
        return replace(refusal, client_id=route.client_id)
    return replace(
        route,
        called=number.e164,
        plan=found[0],
        give_up_s=found[1],
        no_answer=plain(number.no_answer),
    )


def no_answer(around: Surroundings, route: Route) -> Route | None:
    """The route's no-answer target, as it is configured now; ``None`` for none."""
    customer = around.directory.customer(route.customer_id)
    if route.no_answer is None or customer is None:
        return None
    found = planner_for(around, customer, route).target(Target(*route.no_answer))
    if found is None:
        return None
    return replace(route, plan=found[0], give_up_s=found[1], no_answer=None)


def plain(target: Target | None) -> tuple[TargetKind, str] | None:
    """A target as a route keeps it."""
    return None if target is None else (target.kind, target.id)
