"""What a caller inside may dial, and where that goes."""

from msgspec.structs import replace

from switchroom.agents.numbers import draft, refuse, to_number
from switchroom.agents.planner import TELEPHONE_S, Surroundings, planner_for
from switchroom.calls.plan import Plan, Refusal, Route
from switchroom.directory.lookup import TrunkAttempt
from switchroom.directory.model import Address, Client, Customer
from switchroom.directory.numbering import dial_class, is_emergency, normalise
from switchroom.foundation.leg import LegArrived


def from_extension(around: Surroundings, arrival: LegArrived) -> Route | Refusal:
    """Where a call goes that one of our extensions makes."""
    directory = around.directory
    extension = directory.extension_by_id(arrival.origin.id)
    customer = None if extension is None else directory.customer(extension.customer_id)
    if extension is None or customer is None:
        return refuse(403, 21, "This extension is not known")
    agent = directory.agent_of_extension(customer.id, extension.number)
    own = around.companies.number_of(agent, extension)
    route = replace(
        draft(customer, arrival.caller, arrival.dialled, extension.number),
        company="" if own is None else own.e164,
        agent_id="" if agent is None else agent.id,
    )
    client = None if own is None else directory.client(own.client_id)
    emergency = _emergency(around, customer, _outward(route, client), arrival.dialled)
    if emergency is not None:
        return emergency
    if not _is_at_home(around, customer, arrival.host):
        return refuse(404, 1, f"Nobody at {arrival.host} can be called", customer.id)
    if arrival.dialled == extension.number:
        return refuse(486, 17, "You have called your own extension", customer.id)
    rights = extension.dial if agent is None else agent.dial
    inside = _inside(around, customer, route)
    if inside is None:
        return _outside(around, customer, _outward(route, client), rights)
    if "internal" not in rights:
        return refuse(403, 21, "This extension may not call inside", customer.id)
    return inside


def _is_at_home(around: Surroundings, customer: Customer, host: str) -> bool:
    """Whether the address dialled is the caller's own: its domain, or the server he is at."""
    owner = around.directory.customer_of_domain(host)
    if owner is None:
        return not host or host in around.own_hosts
    return owner.id == customer.id


def to_telephone(
    around: Surroundings, customer: Customer, route: Route, rights: tuple[str, ...]
) -> Plan | Refusal:
    """A telephone number that is not the customer's own (``route.called``), over a carrier."""
    attempts = carriers(around, customer, route.called, rights)
    if isinstance(attempts, Refusal):
        return attempts
    return planner_for(around, customer, route).telephone(route.called, attempts)


def carriers(
    around: Surroundings, customer: Customer, e164: str, rights: tuple[str, ...]
) -> tuple[TrunkAttempt, ...] | Refusal:
    """Over which trunks a telephone number is dialled, if these rights allow it."""
    kind = dial_class(e164, customer.country)
    if kind not in rights:
        return refuse(403, 21, f"No right to make {kind} calls", customer.id)
    attempts = around.directory.attempts(customer.id, e164)
    return attempts or refuse(404, 3, f"No trunk carries calls to {e164}", customer.id)


def _outward(route: Route, client: Client | None) -> Route:
    # Colleagues talk for nobody; a call to the outside is made for the client.
    route = replace(route, direction="out")
    if client is None:
        return route
    return replace(route, client_id=client.id, client_name=client.name)


def _emergency(
    around: Surroundings, customer: Customer, route: Route, dialled: str
) -> Route | None:
    """Whoever dials for help gets it, over any trunk and without permission."""
    if not is_emergency(dialled, customer.country):
        return None
    attempts = around.directory.emergency_attempts(customer.id, dialled)
    if not attempts:
        return None
    plan = planner_for(around, customer, route).telephone(dialled, attempts)
    return replace(route, plan=plan, give_up_s=TELEPHONE_S, is_emergency=True)


def _inside(around: Surroundings, customer: Customer, route: Route) -> Route | None:
    dialled = route.called
    address = Address("", "extension", dialled)
    found = planner_for(around, customer, route).inside(dialled, address)
    if found is not None:
        return replace(route, plan=found[0], give_up_s=found[1])
    e164 = normalise(dialled, customer.country)
    number = None if e164 is None else around.directory.number(e164)
    if number is None or number.customer_id != customer.id:
        return None
    to = to_number(around, customer, route, number)
    return to if isinstance(to, Route) else None


def _outside(
    around: Surroundings, customer: Customer, route: Route, rights: tuple[str, ...]
) -> Route | Refusal:
    e164 = normalise(route.called, customer.country)
    if e164 is None:
        return refuse(404, 1, f"Nobody has the number or name {route.called}", customer.id)
    route = replace(route, called=e164)
    plan = to_telephone(around, customer, route, rights)
    if isinstance(plan, Refusal):
        return plan
    return replace(route, plan=plan, give_up_s=TELEPHONE_S)
