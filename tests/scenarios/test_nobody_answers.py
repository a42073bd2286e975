"""What the caller is told when nobody answers, and what never leaks to him."""

import pytest
from msgspec.structs import replace

from scenarios.peer import OFFER, Peer
from scenarios.world import (
    ALICE,
    PEER_PLACE,
    SECOND_PEER_PLACE,
    TRUNK_PLACE,
    World,
    bob_config,
    configuration,
)
from switchroom.simulator.policy import Policy

NEVER = Policy(answer_after_s=None)


def test_the_caller_gives_up_and_the_phones_show_a_missed_call() -> None:
    world = World()
    phones = [world.phone(user, NEVER) for user in ("1001", "1002")]
    caller = world.phone("2001")
    call = caller.call("201")
    world.run(3.0)
    assert call.rang_at is not None
    caller.cancel(call)
    world.run(1.0)
    assert caller.log.statuses("INVITE") == [401, 180, 487]
    for phone in phones:
        (cancel,) = phone.log.requests("CANCEL")
        assert "elsewhere" not in (cancel.get("reason") or "")
        assert phone.ended[-1].by == "peer"
    (ended,) = world.host.named("call.ended")
    assert (ended.status, ended.by) == (487, "caller")  # type: ignore[attr-defined]
    world.assert_empty()


def test_one_busy_and_one_dead_do_not_disturb_the_one_that_answers() -> None:
    world = World()
    dead = world.phone("1001")
    world.phone("1002", Policy(reject=486))
    answering = world.phone("1003", Policy(answer_after_s=5.0))
    dead.policy = Policy(is_dead=True)
    caller = world.phone("2001")
    call = caller.call("201")
    world.run(6.0)
    assert call.state == "answered"
    assert call.answered_at is not None
    assert 5.0 < call.answered_at - call.began_at < 5.1
    assert len(answering.calls) == 1
    caller.hang_up(call)
    dead.policy = Policy()
    world.assert_empty()


def test_all_busy_is_486_with_q850_17() -> None:
    world = World()
    for user in ("1001", "1002", "1003"):
        world.phone(user, Policy(reject=486))
    caller = world.phone("2001")
    call = caller.call("201")
    world.run(1.0)
    assert (call.cause.status, call.cause.q850) == (486, 17)
    assert caller.log.responses("INVITE")[-1].values("reason")[0].startswith("Q.850;cause=17")
    world.assert_empty()


def test_ringing_to_the_end_is_480_with_q850_19() -> None:
    world = World(configuration(replace(ALICE, ring_timeout_s=10.0)))
    phone = world.phone("1001", NEVER)
    caller = world.phone("2001")
    call = caller.call("201")
    world.run(11.0)
    assert (call.cause.status, call.cause.q850) == (480, 19)
    assert call.ended_at is not None
    assert 10.0 < call.ended_at - call.began_at < 10.2
    (cancel,) = phone.log.requests("CANCEL")
    assert "elsewhere" not in (cancel.get("reason") or "")
    world.assert_empty()


def test_nobody_registered_is_480_with_q850_20_at_once() -> None:
    world = World()
    caller = world.phone("2001")
    call = caller.call("201")
    world.run(0.1)
    assert (call.cause.status, call.cause.q850) == (480, 20)
    world.assert_empty()


def test_a_phone_that_never_says_anything_is_unreachable() -> None:
    world = World(configuration(replace(ALICE, ring_timeout_s=60.0)))
    world.phone("1001").policy = Policy(is_dead=True)
    caller = world.phone("2001")
    call = caller.call("201")
    world.run(31.0)
    assert call.state == "ringing"
    world.run(2.0)
    assert (call.cause.status, call.cause.q850) == (480, 20)


@pytest.mark.parametrize("status", ["301 Moved", "401 Unauthorized", "407 Proxy", "503 Full"])
def test_statuses_that_never_leak(status: str) -> None:
    world = World(bob_config())
    caller, callee = world.peer(TRUNK_PLACE), world.peer(PEER_PLACE)
    caller.request("INVITE", body=OFFER)
    world.run(0.1)
    callee.answer(callee.last("INVITE"), status, "Contact: <sip:else@10.0.7.7>")
    world.run(0.1)
    assert callee.heard("ACK")
    assert len(callee.heard("INVITE")) == 1
    assert caller.last_response().status == 480
    assert caller.last_response().get("www-authenticate") is None


def two_peers(*, follow_redirects: bool) -> tuple[World, Peer, Peer, Peer]:
    world = World(bob_config(follow_redirects=follow_redirects))
    return world, world.peer(TRUNK_PLACE), world.peer(PEER_PLACE), world.peer(SECOND_PEER_PLACE)


def test_a_302_is_followed_once_if_the_agent_allows_it() -> None:
    world, caller, callee, other = two_peers(follow_redirects=True)
    caller.request("INVITE", body=OFFER)
    world.run(0.1)
    host, port = SECOND_PEER_PLACE
    callee.answer(callee.last("INVITE"), "302 Moved Temporarily", f"Contact: <sip:x@{host}:{port}>")
    world.run(0.1)
    assert callee.heard("ACK")
    followed = other.heard("INVITE")
    if followed:  # dial rights decide
        other.answer(followed[0], "302 Moved", f"Contact: <sip:y@{PEER_PLACE[0]}>")
        world.run(0.1)
        assert len(callee.heard("INVITE")) == 1
    assert caller.last_response().status == 480


def test_a_302_is_a_failure_otherwise() -> None:
    world, caller, callee, other = two_peers(follow_redirects=False)
    caller.request("INVITE", body=OFFER)
    world.run(0.1)
    host, port = SECOND_PEER_PLACE
    callee.answer(callee.last("INVITE"), "302 Moved Temporarily", f"Contact: <sip:x@{host}:{port}>")
    world.run(0.1)
    assert not other.requests
    assert caller.last_response().status == 480


def test_a_redirect_to_an_extension_rings_there() -> None:
    world = World(
        configuration(replace(ALICE, addresses=ALICE.addresses[:1], follow_redirects=True))
    )
    world.phone("1001", Policy(redirect_to=("sip:1003@acme.example",)))
    target = world.phone("1003", Policy(answer_after_s=1.0))
    caller = world.phone("2001")
    call = caller.call("201")
    world.run(3.0)
    assert call.state == "answered"
    assert len(target.calls) == 1
    assert 302 not in caller.log.statuses("INVITE")
    caller.hang_up(call)
    world.assert_empty()


def test_an_agent_who_redirects_to_himself_ends_as_unreachable() -> None:
    world = World(configuration(replace(ALICE, follow_redirects=True)))
    world.phone("1001", Policy(redirect_to=("sip:201@acme.example", "sip:1001@acme.example")))
    caller = world.phone("2001")
    call = caller.call("201")
    world.run(60.0)
    assert call.cause.status == 480
    world.assert_empty()
