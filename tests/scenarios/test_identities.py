"""Who is shown as the caller on the wire, and whom a carrier's call is from."""

import pytest
from msgspec.structs import replace

from scenarios.peer import OFFER, Peer
from scenarios.world import (
    PEER_PLACE,
    TRUNK_PLACE,
    World,
    agent,
    bob_config,
    configuration,
    number,
    sip_address,
    trunk,
)
from switchroom.directory.model import Address, CallerIdChoice
from switchroom.sip.message import Request

CALLER, COMPANY = "+12025550199", "+12025550100"
ASSERTED = 'P-Asserted-Identity: "Bob" <sip:+12025550144@carrier.example>'


def shown(request: Request) -> tuple[str, str]:
    """User part of From and of P-Asserted-Identity."""
    asserted = request.addresses("p-asserted-identity")
    users = [request.from_.uri, *(address.uri for address in asserted)]
    first, second, *_ = [uri.removeprefix("sip:").partition("@")[0] for uri in [*users, ""]]
    return first, second


@pytest.mark.parametrize(
    ("choice", "sender", "asserted"),
    [("caller", CALLER, ""), ("company", COMPANY, ""), ("both", CALLER, COMPANY)],
)
def test_what_an_address_chooses_is_what_its_phone_and_its_carrier_see(
    choice: CallerIdChoice, sender: str, asserted: str
) -> None:
    mobile = Address("a-tel", "tel", "+12025550123", caller_id=choice)
    bob = agent("bob", sip_address(PEER_PLACE, caller_id=choice), mobile)
    carrier = replace(trunk("carrier", TRUNK_PLACE), number_format="without_plus")
    numbers = (number(COMPANY, "agent", "agent-bob"),)
    world = World(configuration(bob, trunks=(carrier,), numbers=numbers))
    outside, phone = world.peer(TRUNK_PLACE), world.peer(PEER_PLACE)
    outside.request("INVITE", uri=f"sip:{COMPANY[1:]}@10.0.0.1", body=OFFER)
    world.run(0.1)
    assert shown(phone.last("INVITE")) == (sender, asserted)
    assert shown(outside.last("INVITE")) == (sender[1:], asserted[1:])


def called(*lines: str) -> tuple[str, str]:
    """Number and name on Bob's phone of a call that a carrier brings with these lines."""
    world = World(bob_config())
    carrier: Peer = world.peer(TRUNK_PLACE)
    phone = world.peer(PEER_PLACE)
    carrier.request("INVITE", *lines, body=OFFER)
    world.run(0.1)
    invite = phone.last("INVITE")
    return shown(invite)[0], invite.from_.display


def test_what_a_carrier_asserts_counts_more_than_from() -> None:
    assert called() == (CALLER, "")
    assert called(ASSERTED) == ("+12025550144", "Bob")


@pytest.mark.parametrize("privacy", ["id", "user;critical", "full", "header; id"])
def test_who_wants_to_stay_unknown_shows_only_his_from(privacy: str) -> None:
    assert called(ASSERTED, f"Privacy: {privacy}") == (CALLER, "")


def test_privacy_none_hides_nothing() -> None:
    assert called(ASSERTED, "Privacy: none") == ("+12025550144", "Bob")
