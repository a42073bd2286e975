"""Where calls go, seen through the router: who is rung, or why nobody."""

import pytest
from msgspec.structs import replace

from fakes.company import CONFIGURATION, Registered, company
from switchroom.agents.availability import Availability
from switchroom.agents.routing import AgentRouter
from switchroom.calls.plan import GroupPlan, LegPlan, Plan, Refusal, Route
from switchroom.directory.lookup import Directory
from switchroom.directory.model import Address, Agent, Configuration, Extension, Group
from switchroom.foundation.leg import Identity, LegArrived, Origin

AT = 1_700_000_000.0
BOB = Identity("+12025550199", "Bob")


def a_router(configuration: Configuration | None = None) -> AgentRouter:
    directory = company() if configuration is None else Directory(configuration)
    return AgentRouter(
        directory, Registered(), Availability(), own_hosts=["192.0.2.254"], own_ports=["5060"]
    )


def routed(
    dialled: str,
    *,
    origin: str = "carrier",
    host: str = "acme.example",
    caller: Identity = BOB,
    router: AgentRouter | None = None,
) -> Route | Refusal:
    arrival = LegArrived(
        "caller",
        Origin("trunk" if origin == "carrier" else "extension", origin, "acme"),
        dialled,
        host,
        caller,
        None,
        70,
        ("udp", "192.0.2.9", 5060),
    )
    return (router or a_router()).route(arrival, 0.0)


def reached(dialled: str, *, origin: str = "carrier", caller: Identity = BOB) -> Route:
    route = routed(dialled, origin=origin, caller=caller)
    assert isinstance(route, Route)
    return route


def refused(
    dialled: str, *, origin: str = "carrier", host: str = "acme.example"
) -> tuple[int, str]:
    refusal = routed(dialled, origin=origin, host=host)
    assert isinstance(refusal, Refusal)
    return refusal.cause.status, refusal.cause.text


def legs(plan: Plan) -> list[LegPlan]:
    if isinstance(plan, LegPlan):
        return [plan]
    return [leg for member in plan.members for leg in legs(member)]


def rung(plan: Plan | None) -> list[str]:
    """The URIs of a plan, first attempts only; a leg with nothing to dial in brackets."""
    assert plan is not None
    return [leg.attempts[0].to.uri if leg.attempts else f"({leg.address})" for leg in legs(plan)]


ALICES = [
    "sip:1001@192.0.2.1:5060",
    "sip:alice@198.51.100.1:5091",
    "sip:+12025550123@192.0.2.90",
]
BENS = ["sip:1002@192.0.2.1:5060", "sip:1002@192.0.2.2:5060", "(extension:1003)"]


# --- from a carrier -------------------------------------------------------------------------------


def test_number_rings_all_addresses_of_its_agent() -> None:
    route = reached("+12025550100")
    assert rung(route.plan) == ALICES
    assert route.give_up_s == 30.0
    assert [leg.delay_s for leg in legs(route.plan)] == [0.0, 0.0, 2.0]
    assert {leg.agent_id for leg in legs(route.plan)} == {"alice"}
    assert [leg.address for leg in legs(route.plan)] == [
        "extension:1001",
        "sip:alice@198.51.100.1:5091",
        "tel:+12025550123",
    ]


def test_call_for_a_client_is_told_as_such() -> None:
    route = reached("12025550100")
    assert (route.direction, route.customer_id) == ("in", "acme")
    assert (route.client_id, route.client_name) == ("zeta", "Zeta")
    assert (route.called, route.caller.user) == ("+12025550100", "+12025550199")
    assert route.origin_name == "carrier"
    (desk, *_) = legs(route.plan)
    assert desk.attempts[0].caller == Identity("+12025550199", "Zeta: Bob")


def test_telephone_address_fails_over_through_all_hosts_of_the_trunk() -> None:
    mobile = legs(reached("+12025550100").plan)[2]
    assert [attempt.to.uri for attempt in mobile.attempts] == [
        "sip:+12025550123@192.0.2.90",
        "sip:+12025550123@192.0.2.91",
    ]
    assert {attempt.to.trunk_id for attempt in mobile.attempts} == {"carrier"}


def test_number_rings_its_groups_in_order_and_nobody_twice() -> None:
    route = reached("+12025550101")
    assert rung(route.plan) == [*ALICES, *BENS, "sip:+12025550177@192.0.2.90"]
    assert isinstance(route.plan, GroupPlan)
    assert route.plan.method == "linear"
    assert route.give_up_s == 60.0


def test_number_rings_an_extension_without_an_agent() -> None:
    route = reached("+12025550102")
    assert rung(route.plan) == ["sip:1004@192.0.2.1:5060"]
    assert legs(route.plan)[0].agent_id == ""


def test_number_of_another_customer_belongs_to_that_one() -> None:
    route = reached("+442071838750")
    assert route.customer_id == "other"
    assert rung(route.plan) == ["(extension:1001)"]


@pytest.mark.parametrize("dialled", ["+12025550144", "1001", "alice", "911", "", "+" * 500])
def test_carrier_reaches_nothing_but_numbers_of_the_platform(dialled: str) -> None:
    assert refused(dialled)[0] == 404


def test_no_answer_target_is_looked_up_when_it_is_needed() -> None:
    router = a_router()
    route = routed("+12025550100", router=router)
    assert isinstance(route, Route)
    onward = router.no_answer(route)
    assert onward is not None
    assert rung(onward.plan) == [*ALICES, *BENS, "sip:+12025550177@192.0.2.90"]
    assert (onward.client_id, onward.no_answer, onward.give_up_s) == ("zeta", None, 60.0)
    assert router.no_answer(onward) is None
    router.directory = Directory(replace(CONFIGURATION, groups=()))
    assert router.no_answer(route) is None


# --- from an extension ----------------------------------------------------------------------------


@pytest.mark.parametrize("dialled", ["201", "alice", "alice@acme.example", "1001"])
def test_agent_is_reached_by_short_number_user_name_and_extension(dialled: str) -> None:
    route = reached(dialled, origin="x1002", caller=Identity("1002", "Ben"))
    assert rung(route.plan)[0] == "sip:1001@192.0.2.1:5060"
    assert {leg.agent_id for leg in legs(route.plan)} == {"alice"}
    assert (route.direction, route.agent_id, route.origin_name) == ("internal", "ben", "1002")
    assert route.client_id == ""


def test_extension_of_an_agent_called_directly_counts_on_the_agent() -> None:
    (leg,) = legs(reached("1001", origin="x1004").plan)
    assert leg.agent_id == "alice"


def test_group_is_reached_by_number_but_never_rings_who_calls() -> None:
    assert rung(reached("301", origin="x1001").plan) == BENS


def test_agent_who_calls_himself_is_busy() -> None:
    (leg,) = legs(reached("201", origin="x1001").plan)
    assert not leg.attempts
    assert leg.if_none.status == 486
    assert refused("1001", origin="x1001")[0] == 486


def test_own_number_is_answered_inside() -> None:
    route = reached("2025550100", origin="x1004")
    assert rung(route.plan) == ALICES
    assert (route.direction, route.called) == ("internal", "+12025550100")


def test_telephone_number_goes_to_the_carrier_with_the_callers_own_number() -> None:
    route = reached("2025550144", origin="x1001", caller=Identity("1001", "Alice"))
    assert (route.direction, route.called) == ("out", "+12025550144")
    assert (route.client_id, route.company) == ("zeta", "+12025550100")
    (leg,) = legs(route.plan)
    assert [a.to.uri for a in leg.attempts] == [
        "sip:+12025550144@192.0.2.90",
        "sip:+12025550144@192.0.2.91",
    ]
    assert leg.attempts[0].caller == Identity("+12025550100")
    assert leg.agent_id == ""


def test_who_has_no_number_presents_that_of_the_trunk() -> None:
    route = reached("+442071838751", origin="x1002", caller=Identity("1002"))
    (leg,) = legs(route.plan)
    assert leg.attempts[0].caller == Identity("+12025550000")


@pytest.mark.parametrize(
    ("dialled", "origin", "status", "text"),
    [
        ("+442071838751", "x1001", 403, "No right to make international calls"),
        ("2025550144", "x1004", 403, "No right to make national calls"),
        ("0000", "x1001", 404, "Nobody has the number or name 0000"),
        ("nobody", "x1001", 404, "Nobody has the number or name nobody"),
        ("1001", "no-such", 403, "This extension is not known"),
    ],
)
def test_refusals_say_why(dialled: str, origin: str, status: int, text: str) -> None:
    assert refused(dialled, origin=origin) == (status, text)


def test_other_customers_are_not_called_by_their_domain() -> None:
    assert refused("1001", origin="x1001", host="other.example")[0] == 404


def test_number_that_no_trunk_carries() -> None:
    router = a_router(replace(CONFIGURATION, routes=()))
    refusal = routed("2025550144", origin="x1001", router=router)
    assert isinstance(refusal, Refusal)
    assert refusal.cause.text == "No trunk carries calls to +12025550144"


def test_emergency_numbers_route_without_any_permission() -> None:
    extensions = tuple(replace(extension, dial=()) for extension in CONFIGURATION.extensions)
    router = a_router(replace(CONFIGURATION, extensions=extensions))
    route = routed("911", origin="x1004", router=router)
    assert isinstance(route, Route)
    assert rung(route.plan) == ["sip:911@192.0.2.90"]
    assert route.direction == "out"


def test_who_may_not_call_inside_does_not() -> None:
    extensions = tuple(replace(extension, dial=()) for extension in CONFIGURATION.extensions)
    router = a_router(replace(CONFIGURATION, extensions=extensions))
    refusal = routed("1001", origin="x1004", router=router)
    assert isinstance(refusal, Refusal)
    assert refusal.cause.status == 403


# --- addresses that point inside ------------------------------------------------------------------


def with_alice(*addresses: Address, **changes: object) -> Configuration:
    agents = tuple(
        replace(agent, addresses=addresses, **changes) if agent.id == "alice" else agent
        for agent in CONFIGURATION.agents
    )
    return replace(CONFIGURATION, agents=agents)


def alices(*addresses: Address) -> Plan:
    route = routed("+12025550100", router=a_router(with_alice(*addresses)))
    assert isinstance(route, Route)
    return route.plan


@pytest.mark.parametrize(
    "address",
    [
        Address("1", "sip", "sip:1004@acme.example"),
        Address("1", "sip", "sip:1004@192.0.2.254:5060"),
        Address("1", "sip", "sip:1004@192.0.2.254"),
        Address("1", "tel", "+12025550102"),
    ],
)
def test_address_of_our_own_is_resolved_inside(address: Address) -> None:
    assert rung(alices(address)) == ["sip:1004@192.0.2.1:5060"]


def test_another_program_at_our_address_is_foreign() -> None:
    place = "sip:1004@192.0.2.254:5091"
    assert rung(alices(Address("1", "sip", place))) == [place]


def test_address_that_leads_to_another_agent_counts_on_him_and_keeps_its_delay() -> None:
    plan = alices(Address("1", "sip", "sip:ben@acme.example", delay_s=5.0))
    assert rung(plan) == BENS
    assert {leg.agent_id for leg in legs(plan)} == {"ben"}
    assert isinstance(plan, GroupPlan)
    (member,) = plan.members
    assert member.delay_s == 5.0


def test_agent_who_points_at_himself_is_rung_once() -> None:
    plan = alices(
        Address("1", "sip", "sip:alice@acme.example"),
        Address("2", "tel", "+12025550100"),
        Address("3", "extension", "1001"),
    )
    assert [uri for uri in rung(plan) if "(" not in uri] == ["sip:1001@192.0.2.1:5060"]


def test_sip_address_at_another_customer_or_of_nobody_is_unreachable() -> None:
    plan = alices(
        Address("1", "sip", "sip:1001@other.example"), Address("2", "sip", "sip:x@acme.example")
    )
    assert all(uri.startswith("(") for uri in rung(plan))


def test_disabled_address_is_left_out_and_an_agent_without_any_is_unreachable() -> None:
    plan = alices(Address("1", "extension", "1001", enabled=False))
    assert rung(plan) == ["(agent:alice@acme.example)"]


def test_confirm_has_an_effect_only_if_somebody_can_ask() -> None:
    address = Address("1", "tel", "+12025550123", confirm=True)
    (leg,) = legs(alices(address))
    assert not leg.confirm
    directory = Directory(with_alice(address))
    router = AgentRouter(directory, Registered(), Availability(), confirms=True)
    route = routed("+12025550100", router=router)
    assert isinstance(route, Route)
    assert legs(route.plan)[0].confirm


def test_chain_of_agents_pointing_at_each_other_ends() -> None:
    agents = tuple(
        Agent(
            f"n{number}",
            "acme",
            f"n{number}@acme.example",
            "",
            (Address("1", "sip", f"sip:n{(number + 1) % 40}@acme.example"),),
        )
        for number in range(40)
    )
    router = a_router(replace(CONFIGURATION, agents=agents))
    route = routed("n0", origin="x1004", router=router)
    assert isinstance(route, Route)
    assert rung(route.plan) == ["(sip:n8@acme.example)"]


def test_groups_in_circles_and_hundreds_of_members_stay_finite() -> None:
    extensions = tuple(Extension(f"y{n}", "acme", f"5{n:03}", "", "") for n in range(200))
    agents = tuple(
        Agent(f"m{n}", "acme", f"m{n}@acme.example", "", (Address("1", "sip", f"sip:m{n}@x.net"),))
        for n in range(200)
    )
    members = ("all", *(agent.id for agent in agents), "all")
    groups = (Group("all", "acme", "all", members, "302"),)
    router = a_router(
        replace(CONFIGURATION, extensions=extensions, agents=agents, groups=groups, numbers=())
    )
    route = routed("302", origin="y1", router=router)
    assert isinstance(route, Route)
    assert len(rung(route.plan)) == 64


# --- forwarding -----------------------------------------------------------------------------------


def forwarded(*targets: str) -> Plan | None:
    router = a_router()
    route = routed("+12025550100", router=router)
    assert isinstance(route, Route)
    return router.redirect(route, legs(route.plan)[0], targets)


@pytest.mark.parametrize("host", ["acme.example", "192.0.2.254"])
def test_forwarding_inside_counts_on_the_agent_who_forwards(host: str) -> None:
    plan = forwarded(f"sip:1004@{host}")
    assert rung(plan) == ["sip:1004@192.0.2.1:5060"]
    assert plan is not None
    (leg,) = legs(plan)
    assert leg.agent_id == "alice"
    assert not leg.follow_redirects


def test_forwarding_to_a_telephone_number_needs_the_dial_right() -> None:
    assert rung(forwarded("tel:+12025550188")) == ["sip:+12025550188@192.0.2.90"]
    assert forwarded("tel:+442071838751") is None
    assert rung(forwarded("sip:+12025550188@acme.example")) == ["sip:+12025550188@192.0.2.90"]


def test_forwarding_to_foreign_hosts_is_not_followed() -> None:
    assert forwarded("sip:x@203.0.113.1", "sip:1001@other.example", "", "tel:", "???") is None


def test_forwarding_keeps_the_order_of_preference() -> None:
    plan = forwarded("sip:x@203.0.113.1", "tel:+12025550188", "sip:1004@acme.example")
    assert isinstance(plan, GroupPlan)
    assert plan.method == "linear"
    assert rung(plan) == ["sip:+12025550188@192.0.2.90", "sip:1004@192.0.2.1:5060"]


# --- who is free ----------------------------------------------------------------------------------


def test_offer_reserves_and_release_frees() -> None:
    router = a_router()
    facts = router.offer("alice", "call1", "leg1", AT)
    assert facts is not None
    assert len(facts) == 1
    assert router.offer("alice", "call2", "leg2", AT) is None
    assert router.offer("alice", "call1", "leg3", AT) == ()
    router.release("alice", "call1", "leg1", AT)
    router.release("alice", "call1", "leg3", AT)
    assert router.offer("alice", "call2", "leg2", AT) is not None


def test_own_call_engages_whether_free_or_not() -> None:
    router = a_router()
    router.offer("alice", "call1", "leg1", AT)
    assert router.engage("alice", "call2", "leg2", AT)
    assert router.connected("alice", "call2", "leg2", AT)


def test_reconciling_keeps_what_differed_to_look_at() -> None:
    router = a_router()
    router.offer("alice", "call1", "leg1", AT)
    assert len(router.reconcile([], AT)) == 1
    assert [difference.leg_id for difference in router.differences] == ["leg1"]


def test_new_directory_holds_from_the_next_call_on() -> None:
    router = a_router()
    router.directory = Directory(replace(CONFIGURATION, numbers=()))
    assert isinstance(routed("+12025550100", router=router), Refusal)
