"""Where a phone that forwards its calls (302) may send them: not further than its owner may dial.

Followed are telephone numbers that the owner may call, and names and numbers inside. A SIP address
at a foreign host is not followed: a phone whose web page is open to strangers must not send our
customers' calls anywhere on the network.
"""

from collections.abc import Sequence

from msgspec.structs import replace

from switchroom.agents.dialling import to_telephone
from switchroom.agents.planner import Surroundings, planner_for
from switchroom.agents.turns import in_turns
from switchroom.agents.uri import user_and_place
from switchroom.calls.plan import GroupPlan, LegPlan, Plan, Refusal, Route
from switchroom.directory.model import Address, Agent, Customer
from switchroom.directory.numbering import normalise

MOST_TARGETS = 8


def follow(around: Surroundings, route: Route, leg: LegPlan, targets: Sequence[str]) -> Plan | None:
    """The targets in the order of preference, one after the other; ``None``: none may be rung."""
    customer = around.directory.customer(route.customer_id)
    agent = around.directory.agent(leg.agent_id)
    if customer is None or agent is None:
        return None
    found = [
        plan
        for target in targets[:MOST_TARGETS]
        if (plan := _target(around, customer, (route, agent), target)) is not None
    ]
    return in_turns(GroupPlan("linear", tuple(found)), route.give_up_s) if found else None


def _target(
    around: Surroundings, customer: Customer, call: tuple[Route, Agent], uri: str
) -> Plan | None:
    route, agent = call
    user, host, port = user_and_place(uri)
    owner = around.customer_at(host, port)
    telephone = uri.strip().lower().startswith("tel:")
    if not telephone and (owner is None or owner.id != customer.id):
        return None
    address = Address("", "extension", user)
    if "internal" in agent.dial:
        inside = planner_for(around, customer, route).inside(user, address, agent)
        if inside is not None:
            return _counted(inside[0], agent)
    e164 = normalise(user, customer.country)
    if e164 is None:
        return None
    outward = replace(route, called=e164)
    plan = to_telephone(around, customer, outward, agent.dial)
    return None if isinstance(plan, Refusal) else _counted(plan, agent)


def _counted(plan: Plan, agent: Agent) -> Plan:
    """The plan with every leg on the agent's account, followed no further, ringing undelayed."""
    if isinstance(plan, LegPlan):
        return replace(plan, agent_id=plan.agent_id or agent.id, follow_redirects=False)
    return replace(plan, members=tuple(_counted(member, agent) for member in plan.members))
