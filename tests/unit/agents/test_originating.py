"""What a command may ask for: who is found, who is rung, who is shown to whom."""

import pytest
from msgspec.structs import replace

from fakes.company import CONFIGURATION, Registered
from switchroom.agents.availability import Availability
from switchroom.agents.routing import AgentRouter
from switchroom.calls.plan import GroupPlan, LegPlan, Order, Party, Plan, Refusal, Route
from switchroom.directory.lookup import Directory
from switchroom.directory.model import Agent, Client, Number, Target
from switchroom.foundation.leg import Identity

ALL = ("internal", "national", "international", "premium", "sip")
ALICE = Party("agent", "alice")
BEN = Party("agent", "ben")


def router(**changes: object) -> AgentRouter:
    configuration = replace(CONFIGURATION, **changes)
    return AgentRouter(
        Directory(configuration), Registered(), Availability(), own_hosts=("192.0.2.1",)
    )


def order(*destinations: Party, to: Party | None = None, **more: object) -> Order:
    return replace(Order("acme", destinations, to, dial=ALL), **more)


def planned(wanted: Order) -> Route:
    route = router().originate(wanted)
    assert isinstance(route, Route), route
    return route


def refused(wanted: Order) -> tuple[int, str]:
    refusal = router().originate(wanted)
    assert isinstance(refusal, Refusal)
    return refusal.cause.status, refusal.cause.text


def legs(plan: Plan) -> list[LegPlan]:
    if isinstance(plan, LegPlan):
        return [plan]
    return [leg for member in plan.members for leg in legs(member)]


def addresses(route: Route) -> list[str]:
    return [leg.address for leg in legs(route.plan)]


def taker(route: Route, address: str) -> tuple[LegPlan, str]:
    leg = next(leg for leg in legs(route.plan) if leg.address == address)
    return leg, leg.attempts[0].to.uri


PHONES_OF_ALICE = ["extension:1001", "sip:alice@198.51.100.1:5091", "tel:+12025550123"]


@pytest.mark.parametrize(
    ("party", "rung", "ring_s"),
    [
        (ALICE, PHONES_OF_ALICE, 30.0),
        (Party("agent", "201"), PHONES_OF_ALICE, 30.0),
        (Party("agent", "Alice@acme.example"), PHONES_OF_ALICE, 30.0),
        (Party("extension", "1004"), ["extension:1004"], 60.0),
        (Party("extension", "x1004"), ["extension:1004"], 60.0),
        (Party("number", "1004"), ["extension:1004"], 60.0),
        (Party("number", "alice"), PHONES_OF_ALICE, 30.0),
        (Party("number", "+12025550102"), ["extension:1004"], 60.0),
        (Party("number", "(202) 555-0144"), ["tel:+12025550144"], 180.0),
        (Party("sip", "sip:1004@acme.example"), ["extension:1004"], 60.0),
        (Party("sip", "sip:eve@203.0.113.1:5070"), ["sip:eve@203.0.113.1:5070"], 60.0),
    ],
)
def test_who_is_found(party: Party, rung: list[str], ring_s: float) -> None:
    route = planned(order(party))
    assert addresses(route) == rung
    assert route.give_up_s == ring_s


@pytest.mark.parametrize("name", ["sales", "301"])
def test_a_group_by_its_name_or_number(name: str) -> None:
    route = planned(order(Party("group", name)))
    assert {leg.agent_id for leg in legs(route.plan)} == {"alice", "ben"}
    assert route.rung == "301"


@pytest.mark.parametrize(
    ("party", "status", "text"),
    [
        (Party("agent", "nobody"), 404, "There is no agent nobody"),
        (Party("group", "nobody"), 404, "There is no group nobody"),
        (Party("extension", "o1001"), 404, "There is no extension o1001"),
        (Party("number", "0000"), 404, "Nobody has the number or name 0000"),
        (Party("number", "911"), 403, "Emergency numbers can only be connected to"),
        (Party("sip", "sip:1001@other.example"), 404, "There is nobody at sip:1001@other.example"),
        (
            Party("sip", "sip:nobody@acme.example"),
            404,
            "There is nobody at sip:nobody@acme.example",
        ),
        (
            Party("sip", "sip:+19005550100@192.0.2.90"),
            403,
            "192.0.2.90 is a carrier: dial a number",
        ),
        (Party("sip", "tel:+12025550100"), 404, "The SIP address 'tel:+12025550100' is not"),
        (Party("sip", "sip:a@b\r\nRoute: x"), 404, "The SIP address 'sip:a@b\\r\\nRoute: x' does"),
    ],
)
def test_who_is_not_found(party: Party, status: int, text: str) -> None:
    for wanted in (order(party), order(ALICE, party)):
        found, said = refused(wanted)
        assert found == status
        assert said.startswith(text)
    if party.name != "911":
        assert refused(order(ALICE, to=party))[0] == status


@pytest.mark.parametrize(
    ("party", "without", "text"),
    [
        (ALICE, "internal", "No right to make internal calls"),
        (Party("group", "sales"), "internal", "No right to make internal calls"),
        (Party("number", "1004"), "internal", "No right to make internal calls"),
        (Party("number", "+12025550102"), "internal", "No right to make internal calls"),
        (Party("sip", "sip:1004@acme.example"), "internal", "No right to make internal calls"),
        (Party("number", "2025550144"), "national", "No right to make national calls"),
        (Party("number", "+442071838750"), "international", "No right to make international calls"),
        (Party("number", "+19005550144"), "premium", "No right to make premium calls"),
        (Party("sip", "sip:a@203.0.113.1"), "sip", "No right to call SIP addresses elsewhere"),
    ],
)
def test_dial_rights_hold_for_both_halves(party: Party, without: str, text: str) -> None:
    rights = tuple(one for one in ALL if one != without)
    assert refused(order(party, dial=rights)) == (403, text)
    other = Party("number", "+12025550188") if without == "internal" else ALICE
    assert refused(order(other, to=party, dial=rights)) == (403, text)


def test_an_emergency_number_needs_no_right() -> None:
    route = planned(order(ALICE, to=Party("number", "911"), dial=("internal",)))
    assert route.is_emergency
    onward = router().onward(route, *taker(route, "extension:1001"))
    assert isinstance(onward, Route)
    assert addresses(onward) == ["tel:911"]


def test_an_order_for_nobody_we_know_is_refused() -> None:
    assert refused(order())[0] == 404
    assert refused(replace(order(ALICE), customer_id="nobody"))[0] == 404
    assert refused(order(ALICE, asked_by="nobody"))[0] == 404
    assert refused(order(ALICE, asked_by="ben", for_agent="nobody"))[0] == 404
    assert refused(order(ALICE, client_id="nobody"))[0] == 404
    assert refused(replace(order(ALICE), customer_id="other"))[0] == 404


def test_nobody_is_rung_twice_and_linear_orders_share_the_time() -> None:
    parties = (BEN, Party("group", "sales"), Party("extension", "1004"))
    route = planned(order(*parties, ring_method="linear", ring_timeout_s=20.0))
    assert isinstance(route.plan, GroupPlan)
    assert route.plan.method == "linear"
    rung = [leg.address for leg in legs(route.plan) if leg.attempts]
    assert rung.count("extension:1002") == 2, "two phones of one extension"
    assert len(set(rung)) == len(rung) - 1
    assert sum(member.timeout_s or 0.0 for member in route.plan.members[:2]) < 20.0
    assert route.give_up_s == 20.0


def test_those_who_are_rung_see_with_whom_they_will_talk_and_carriers_the_company() -> None:
    route = planned(order(ALICE, to=Party("number", "2025550144"), asked_by="alice"))
    assert (route.direction, route.rung, route.called) == ("out", "201", "+12025550144")
    assert route.origin_name == "alice@acme.example"
    shown = {leg.address: leg.attempts[0].caller.user for leg in legs(route.plan)}
    assert shown["extension:1001"] == "+12025550144"
    assert shown["tel:+12025550123"] == "+12025550100", "her own number"
    assert (route.client_id, route.client_name) == ("zeta", "Zeta"), "and whose it is"
    asked = planned(
        order(ALICE, to=Party("number", "2025550144"), asked_by="ben", for_agent="alice")
    )
    assert (asked.company, asked.origin_name) == (route.company, "ben@acme.example")
    several = planned(order(ALICE, BEN, to=Party("number", "2025550144")))
    (mobile,) = [leg for leg in legs(several.plan) if leg.address == "tel:+12025550123"]
    assert mobile.attempts[0].caller.user == "+12025550000", "the trunk's own"
    assert several.client_id == ""
    assert planned(order(ALICE, to=Party("number", "2025550144"))).client_id == "zeta"
    assert planned(order(ALICE, to=BEN)).client_id == "", "colleagues talk for nobody"


def test_who_is_parked_sees_who_asked_for_it() -> None:
    asked = planned(order(Party("extension", "1004"), asked_by="ben"))
    assert legs(asked.plan)[0].attempts[0].caller == Identity("202", "Ben")
    assert (asked.called, asked.direction) == ("park", "internal")
    unasked = planned(order(Party("extension", "1004")))
    assert legs(unasked.plan)[0].attempts[0].caller == Identity("", "acme")


def test_a_guest_may_ask_and_is_nobodys_colleague() -> None:
    guest = Agent("guest", "other", "gus@other.example", "Gus", (), number="901")
    found = router(agents=(*CONFIGURATION.agents, guest)).originate(
        order(Party("extension", "1004"), asked_by="guest")
    )
    assert isinstance(found, Route)
    assert legs(found.plan)[0].attempts[0].caller == Identity("", "acme")


def test_the_destination_sees_who_has_answered() -> None:
    wanted = order(ALICE, Party("extension", "1004"), to=BEN)
    route = planned(wanted)
    onward = router().onward(route, *taker(route, "extension:1001"))
    assert isinstance(onward, Route)
    assert (onward.caller, onward.agent_id) == (Identity("201", "Alice"), "alice")
    assert {leg.attempts[0].caller.user for leg in legs(onward.plan) if leg.attempts} == {"201"}
    onward = router().onward(route, *taker(route, "extension:1004"))
    assert isinstance(onward, Route)
    assert (onward.caller, onward.agent_id) == (Identity("1004"), "")


def test_nobody_is_connected_to_himself() -> None:
    route = planned(order(Party("group", "sales"), to=ALICE))
    onward = router().onward(route, *taker(route, "extension:1001"))
    assert isinstance(onward, Route)
    assert [leg.if_none.status for leg in legs(onward.plan)] == [486]
    route = planned(order(Party("extension", "1004"), to=Party("extension", "1004")))
    onward = router().onward(route, *taker(route, "extension:1004"))
    assert isinstance(onward, Route)
    assert not any(leg.attempts for leg in legs(onward.plan))


def test_the_clients_number_is_shown_to_the_carrier_and_his_name_to_the_agent() -> None:
    route = planned(order(BEN, to=Party("number", "2025550144"), client_id="zeta"))
    assert (route.client_id, route.client_name) == ("zeta", "Zeta")
    ben = next(leg for leg in legs(route.plan) if leg.attempts)
    assert ben.attempts[0].caller == Identity("+12025550144", "Zeta")
    onward = router().onward(route, ben, ben.attempts[0].to.uri)
    assert isinstance(onward, Route)
    assert legs(onward.plan)[0].attempts[0].caller == Identity("+12025550100")


def test_another_customers_client_and_asker_are_unknown() -> None:
    clients = (*CONFIGURATION.clients, Client("theirs", "other", "Theirs"))
    found = router(clients=clients).originate(order(ALICE, client_id="theirs"))
    assert isinstance(found, Refusal)


def test_a_number_of_ours_keeps_its_no_answer_target() -> None:
    route = planned(order(BEN, to=Party("number", "+12025550100")))
    ben = next(leg for leg in legs(route.plan) if leg.attempts)
    onward = router().onward(route, ben, ben.attempts[0].to.uri)
    assert isinstance(onward, Route)
    assert onward.no_answer == ("group", "all")


def test_what_has_gone_meanwhile_is_refused() -> None:
    route = planned(order(ALICE, to=BEN))
    agents = tuple(agent for agent in CONFIGURATION.agents if agent.id != "ben")
    gone = router(agents=agents, groups=()).onward(route, *taker(route, "extension:1001"))
    assert isinstance(gone, Refusal)
    assert gone.cause.status == 404


def test_a_number_that_leads_nowhere() -> None:
    numbers = (
        *CONFIGURATION.numbers,
        Number("n9", "acme", "+12025550109", Target("agent", "gone")),
    )
    found = router(numbers=numbers).originate(order(Party("number", "+12025550109")))
    assert isinstance(found, Refusal)
    assert found.cause.text == "The number +12025550109 leads nowhere"
