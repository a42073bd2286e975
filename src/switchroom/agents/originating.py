"""Calls that a command wants: whom they ring first, and where they go once somebody has answered.

Those who are rung first are shown with whom they will talk: the number that is to be dialled for
them, or who asked for the call if it will only be parked. Where it goes then is planned anew when
somebody has answered, as his call: his phones are not rung, and inside he is shown as the caller.
Carriers see the company in both halves, since neither number need be ours: the client's number if
the call is made for a client, else that of the agent who calls or asks. Without a client in the
order a call to the outside is made for the client of that number, as from a desk phone.
"""

from msgspec.structs import replace

from switchroom.agents.numbers import refuse
from switchroom.agents.parties import Found, Parties, agent_named
from switchroom.agents.planner import Surroundings, planner_for
from switchroom.agents.turns import in_turns
from switchroom.agents.uri import user_and_place
from switchroom.calls.plan import GroupPlan, LegPlan, Order, Party, Plan, Refusal, Route
from switchroom.directory.model import Agent, Client, Customer
from switchroom.foundation.leg import Identity

RING_S = 30.0
"How long several destinations ring unless the order says, in seconds."
MOST_DESTINATIONS = 64
LONGEST_LABEL = 100
PARKED = "park"
"What the record of a parked call has as the number called."


def originate(around: Surroundings, order: Order) -> Route | Refusal:
    """Whom the order rings first; refused if anybody in it is unknown or may not be dialled."""
    customer = around.directory.customer(order.customer_id)
    if customer is None or not 1 <= len(order.destinations) <= MOST_DESTINATIONS:
        return refuse(404, 1, f"An order has 1 to {MOST_DESTINATIONS} destinations")
    asker, client = _own(around, customer, order.asked_by), _client(around, customer, order)
    if _is_unknown(around, customer, order) or (order.client_id and client is None):
        return refuse(404, 1, "Nobody is there to call for", customer.id)
    speaker = _speaker(around, customer, order)
    route = _draft(customer, order, asker)
    route = replace(route, company=_company(around, order.client_id, speaker))
    if client is not None:
        route = replace(route, client_id=client.id, client_name=client.name)
    to = _connect_to(around, customer, route)
    if isinstance(to, Refusal):
        return to
    if to is not None:
        route = replace(route, caller=to.identity, called=to.label)
        route = _outward(around, route, speaker) if to.is_outside else route
    parties = Parties(around, customer, order, planner_for(around, customer, route))
    rung: list[Found] = []
    for place, party in enumerate(order.destinations):
        found = parties.find(party)
        if not isinstance(found, Refusal) and found.is_emergency:
            found = refuse(403, 21, "Emergency numbers can only be connected to", customer.id)
        if isinstance(found, Refusal):
            return found if len(order.destinations) == 1 else replace(found, destination=place)
        rung.append(found)
    outside = any(found.is_outside for found in (*rung, *([to] if to else [])))
    return _planned(replace(route, direction="out" if outside else "internal"), rung, to)


def onward(around: Surroundings, route: Route, taker: LegPlan, contact: str) -> Route | Refusal:
    """The call as that of whoever has taken it: he is its caller, and nobody rings him."""
    order, directory = route.order, around.directory
    customer = directory.customer(route.customer_id)
    if order is None or customer is None:
        return refuse(404, 1, "This customer is gone", route.customer_id)
    agent = directory.agent(taker.agent_id)
    speaker = agent or _speaker(around, customer, order)
    route = replace(
        route,
        caller=_identity(taker, agent),
        agent_id=taker.agent_id,
        company=_company(around, route.client_id, speaker),
    )
    to = _connect_to(around, customer, route, contact)
    if to is None or isinstance(to, Refusal):
        return to or route
    plan = in_turns(to.plan, to.ring_s)
    return replace(
        route, plan=plan, give_up_s=to.ring_s, no_answer=to.no_answer, is_emergency=to.is_emergency
    )


def _draft(customer: Customer, order: Order, asker: Agent | None) -> Route:
    shown = Identity("", customer.name)
    if asker is not None:
        shown = Identity(asker.number or asker.username.partition("@")[0], asker.name)
    return Route(
        customer_id=customer.id,
        direction="internal",
        caller=shown,
        called=PARKED,
        plan=LegPlan(""),
        give_up_s=0.0,
        origin_name="" if asker is None else asker.username,
        order=order,
    )


def _outward(around: Surroundings, route: Route, speaker: Agent | None) -> Route:
    """As from a desk phone, a call to the outside is made for the client of the own number."""
    own = around.companies.number_of(speaker, None)
    client = None if own is None else around.directory.client(own.client_id)
    if route.client_id or client is None:
        return route
    return replace(route, client_id=client.id, client_name=client.name)


def _planned(route: Route, rung: list[Found], to: Found | None) -> Route:
    order = route.order
    assert order is not None
    ring_s = order.ring_timeout_s or (rung[0].ring_s if len(rung) == 1 else RING_S)
    plan: Plan = GroupPlan(order.ring_method, tuple(found.plan for found in rung))
    if len(rung) == 1:
        plan = rung[0].plan
    return replace(
        route,
        plan=in_turns(plan, ring_s),
        give_up_s=ring_s,
        rung=", ".join(found.label for found in rung)[:LONGEST_LABEL],
        is_emergency=to is not None and to.is_emergency,
    )


def _connect_to(
    around: Surroundings, customer: Customer, route: Route, contact: str = ""
) -> Found | Refusal | None:
    """The destination, for which ``route`` has the caller; ``None`` if it is to be parked."""
    order = route.order
    if order is None or order.connect_to is None:
        return None
    planner = planner_for(around, customer, route)
    if contact:
        planner.exclude(contact)
    return Parties(around, customer, order, planner).find(order.connect_to)


def _is_unknown(around: Surroundings, customer: Customer, order: Order) -> bool:
    """Whether an agent of the order is not there. Guests and platform staff may ask as well."""
    asks = around.directory.agent(order.asked_by)
    speaks = _own(around, customer, order.for_agent)
    return bool((order.asked_by and asks is None) or (order.for_agent and speaks is None))


def _speaker(around: Surroundings, customer: Customer, order: Order) -> Agent | None:
    """The agent whose call it is."""
    return _own(around, customer, order.speaker) or _only_agent(around, customer, order)


def _own(around: Surroundings, customer: Customer, agent_id: str) -> Agent | None:
    agent = around.directory.agent(agent_id)
    return agent if agent is not None and agent.customer_id == customer.id else None


def _only_agent(around: Surroundings, customer: Customer, order: Order) -> Agent | None:
    """The one who is to talk, if the order rings just one agent."""
    match order.destinations:
        case (Party(kind="agent", name=name),):
            return agent_named(around.directory, customer.id, name)
    return None


def _client(around: Surroundings, customer: Customer, order: Order) -> Client | None:
    client = around.directory.client(order.client_id)
    return client if client is not None and client.customer_id == customer.id else None


def _company(around: Surroundings, client_id: str, agent: Agent | None) -> str:
    """The number that carriers see; empty for the trunk's own."""
    own = around.companies.number_of(agent, None)
    if client_id and (own is None or own.client_id != client_id):
        own = around.companies.number_of_client(client_id)
    return "" if own is None else own.e164


def _identity(taker: LegPlan, agent: Agent | None) -> Identity:
    """Who has answered, as those see him whom he is connected to."""
    if agent is not None:
        return Identity(agent.number or agent.username.partition("@")[0], agent.name)
    kind, _, name = taker.address.partition(":")
    return Identity(user_and_place(taker.address)[0] if kind == "sip" else name)
