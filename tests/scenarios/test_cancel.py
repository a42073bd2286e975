"""When a CANCEL may go out, what it says, and what if nobody reacts (RFC 3261 section 9)."""

from scenarios.peer import OFFER
from scenarios.world import PEER_PLACE, TRUNK_PLACE, World, bob_config


def test_cancel_is_held_back_until_a_provisional_response() -> None:
    world = World(bob_config())
    caller, callee = world.peer(TRUNK_PLACE), world.peer(PEER_PLACE)
    caller.request("INVITE", body=OFFER)
    world.run(0.3)
    caller.request("CANCEL")
    world.run(0.1)

    assert not callee.heard("CANCEL")
    assert caller.statuses("CANCEL") == [200]
    assert caller.statuses() == [100, 487]
    callee.answer(callee.last("INVITE"), "100 Trying", tag="")
    world.run(0.1)
    assert len(callee.heard("CANCEL")) == 1
    assert callee.last("CANCEL").get("reason") is None  # it must stay a missed call


def test_no_cancel_at_all_if_the_answer_comes_first() -> None:
    world = World(bob_config())
    caller, callee = world.peer(TRUNK_PLACE), world.peer(PEER_PLACE)
    caller.request("INVITE", body=OFFER)
    world.run(0.1)
    caller.request("CANCEL")
    world.run(0.1)
    callee.answer(callee.last("INVITE"), "200 OK", body=OFFER)
    world.run(0.1)

    assert not callee.heard("CANCEL")
    assert len(callee.heard("ACK")) == 1
    assert len(callee.heard("BYE")) == 1
    callee.answer(callee.last("BYE"), "200 OK")
    caller.request("ACK", to=caller.last_response().get("to") or "")
    world.assert_empty()


def test_a_cancel_answered_but_no_487_ends_after_64_t1() -> None:
    world = World(bob_config())
    caller, callee = world.peer(TRUNK_PLACE), world.peer(PEER_PLACE)
    caller.request("INVITE", body=OFFER)
    world.run(0.1)
    callee.answer(callee.last("INVITE"), "180 Ringing")
    world.run(0.1)
    caller.request("CANCEL")
    world.run(0.1)
    callee.answer(callee.last("CANCEL"), "200 OK")
    world.run(31.0)
    assert len(world.host.agent.legs.by_id) == 1
    world.run(2.0)
    assert not world.host.agent.legs.by_id
    assert not world.host.calls.calls
    world.assert_empty()


def test_a_cancel_for_nothing_gets_481() -> None:
    world = World(bob_config())
    caller = world.peer(TRUNK_PLACE)
    caller.request("CANCEL", branch="never")
    world.run(0.1)
    assert caller.statuses("CANCEL") == [481]


def test_a_cancel_after_the_answer_changes_nothing() -> None:
    world = World(bob_config())
    caller, callee = world.peer(TRUNK_PLACE), world.peer(PEER_PLACE)
    caller.request("INVITE", body=OFFER)
    world.run(0.1)
    callee.answer(callee.last("INVITE"), "200 OK", body=OFFER)
    world.run(0.1)
    caller.request("CANCEL")
    world.run(0.1)
    assert caller.statuses("CANCEL") == [200]
    assert caller.statuses() == [200]
    assert not callee.heard("BYE")
    assert len(world.host.calls.calls) == 1
