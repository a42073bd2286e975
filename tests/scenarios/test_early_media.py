"""A 183 with a session is passed only if one leg exists and none can still be added."""

from scenarios.established import origin
from scenarios.peer import OFFER
from scenarios.world import (
    PEER_PLACE,
    SECOND_PEER_PLACE,
    TRUNK_PLACE,
    World,
    bob_config,
    sip_address,
)


def test_a_single_legs_early_media_is_passed() -> None:
    world = World(bob_config())
    caller, callee = world.peer(TRUNK_PLACE), world.peer(PEER_PLACE)
    caller.request("INVITE", body=OFFER)
    world.run(0.1)
    callee.answer(callee.last("INVITE"), "183 Session Progress", body=OFFER)
    world.run(0.1)
    early = caller.last_response()
    assert early.status == 183
    assert b"m=audio 9000" in early.body
    assert origin(early.body)
    callee.answer(callee.last("INVITE"), "200 OK", body=OFFER)
    world.run(0.1)
    assert caller.statuses() == [183, 200]
    assert caller.last_response().body == early.body  # the same description, the same version


def test_180_with_a_session_rings_and_passes_it() -> None:
    world = World(bob_config())
    caller, callee = world.peer(TRUNK_PLACE), world.peer(PEER_PLACE)
    caller.request("INVITE", body=OFFER)
    world.run(0.1)
    callee.answer(callee.last("INVITE"), "180 Ringing", body=OFFER)
    world.run(0.1)
    assert caller.statuses() == [180, 183]
    assert world.host.named("leg.ringing")


def test_with_two_legs_it_becomes_a_180_without_session() -> None:
    world = World(bob_config(sip_address(SECOND_PEER_PLACE)))
    caller = world.peer(TRUNK_PLACE)
    first, _ = world.peer(PEER_PLACE), world.peer(SECOND_PEER_PLACE)
    caller.request("INVITE", body=OFFER)
    world.run(0.1)
    first.answer(first.last("INVITE"), "183 Session Progress", body=OFFER)
    world.run(0.1)
    assert caller.statuses() == [180]
    assert not caller.last_response().body


def test_a_leg_that_is_still_to_come_counts_as_well() -> None:
    world = World(bob_config(sip_address(SECOND_PEER_PLACE, delay_s=5.0)))
    caller = world.peer(TRUNK_PLACE)
    first, second = world.peer(PEER_PLACE), world.peer(SECOND_PEER_PLACE)
    caller.request("INVITE", body=OFFER)
    world.run(0.1)
    first.answer(first.last("INVITE"), "183 Session Progress", body=OFFER)
    world.run(0.1)
    assert caller.statuses() == [180]
    assert not second.requests
    world.run(5.0)
    assert second.requests
