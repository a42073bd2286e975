"""A 200 is repeated until its ACK comes; without one the call ends (RFC 3261 section 13.3.1.4)."""

from scenarios.peer import OFFER
from scenarios.world import PEER_PLACE, TRUNK_PLACE, World, bob_config


def test_the_200_is_repeated_until_its_ack_comes() -> None:
    world = World(bob_config())
    caller, callee = world.peer(TRUNK_PLACE), world.peer(PEER_PLACE)
    caller.request("INVITE", body=OFFER)
    world.run(0.1)
    callee.answer(callee.last("INVITE"), "200 OK", body=OFFER)
    world.run(4.0)
    assert caller.statuses() == [200, 200, 200, 200]  # at 0.5, 1.5 and 3.5 s again
    assert len({raw for raw in caller.raw if raw.startswith(b"SIP/2.0 200")}) == 1
    caller.request("ACK", branch="ack", to=caller.last_response().get("to") or "")
    world.run(60.0)
    assert len(caller.statuses()) == 4
    assert not caller.heard("BYE")
    assert not callee.heard("BYE")


def test_without_an_ack_both_sides_get_a_bye() -> None:
    world = World(bob_config())
    caller, callee = world.peer(TRUNK_PLACE), world.peer(PEER_PLACE)
    caller.request("INVITE", body=OFFER)
    world.run(0.1)
    callee.answer(callee.last("INVITE"), "200 OK", body=OFFER)
    world.run(31.5)
    assert not caller.heard("BYE")
    world.run(1.0)
    assert caller.heard("BYE")
    assert callee.heard("BYE")
    caller.answer(caller.last("BYE"), "200 OK")
    callee.answer(callee.last("BYE"), "200 OK")
    world.assert_empty()


def test_a_copy_of_the_200_gets_the_same_ack_again() -> None:
    world = World(bob_config())
    caller, callee = world.peer(TRUNK_PLACE), world.peer(PEER_PLACE)
    caller.request("INVITE", body=OFFER)
    world.run(0.1)
    for _ in range(3):
        callee.answer(callee.last("INVITE"), "200 OK", body=OFFER)
        world.run(0.1)
    acks = [raw for raw in callee.raw if raw.startswith(b"ACK")]
    assert len(acks) == 3
    assert len(set(acks)) == 1


def test_a_refusal_is_repeated_until_its_ack_comes_and_no_bye_follows() -> None:
    world = World(bob_config())
    caller, callee = world.peer(TRUNK_PLACE), world.peer(PEER_PLACE)
    caller.request("INVITE", body=OFFER)
    world.run(0.1)
    callee.answer(callee.last("INVITE"), "486 Busy Here")
    world.run(60.0)
    assert caller.statuses().count(486) == 11  # timer G
    assert not caller.heard("BYE")
    world.assert_empty()


def test_copies_of_requests_are_answered_from_memory() -> None:
    world = World(bob_config())
    caller, callee = world.peer(TRUNK_PLACE), world.peer(PEER_PLACE)
    caller.request("INVITE", body=OFFER)
    caller.request("INVITE", body=OFFER)
    world.run(0.1)
    assert len(callee.heard("INVITE")) == 1
    callee.answer(callee.last("INVITE"), "180 Ringing")
    world.run(0.1)
    caller.request("INVITE", body=OFFER)
    world.run(0.1)
    assert caller.statuses() == [180, 180]
    callee.answer(callee.last("INVITE"), "200 OK", body=OFFER)
    world.run(0.1)
    to = caller.last_response().get("to") or ""
    caller.request("ACK", branch="ack", to=to)
    for _ in range(2):
        caller.request("BYE", branch="bye", cseq="2", to=to)
        world.run(0.1)
    assert caller.statuses("BYE") == [200, 200]
    assert len(callee.heard("BYE")) == 1
