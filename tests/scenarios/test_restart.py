"""kill -9 in the middle of calls: connected ones go on, ringing ones end on both sides."""

import pytest

from scenarios.established import Established
from scenarios.peer import OFFER
from scenarios.world import PEER_PLACE, TRUNK_PLACE, World, bob_config
from switchroom.simulator.policy import Policy


def test_registrations_are_there_again() -> None:
    world = World()
    world.phone("1001")
    caller = world.phone("2001")
    world.restart()
    call = caller.call("201")
    world.run(1.0)
    assert call.state == "answered"


@pytest.mark.parametrize("who", ["caller", "callee"])
def test_a_bye_from_either_side_is_carried(who: str) -> None:
    world = World()
    phone, caller = world.phone("1001"), world.phone("2001")
    call = caller.call("201")
    world.run(1.0)
    (answered,) = phone.calls.values()
    world.restart()
    world.run(1.0)
    assert world.host.availability.state("agent-alice") == ("on_call", 1)
    if who == "caller":
        caller.hang_up(call)
    else:
        phone.hang_up(answered)
    world.run(1.0)
    assert call.state == answered.state == "ended"
    assert {call.by, answered.by} == {"us", "peer"}
    world.assert_empty()


@pytest.mark.parametrize("who", ["caller", "callee"])
def test_a_hold_from_either_side_is_carried(who: str) -> None:
    world = World()
    phone, caller = world.phone("1001"), world.phone("2001")
    call = caller.call("201")
    world.run(1.0)
    (answered,) = phone.calls.values()
    world.restart()
    world.run(1.0)
    for asker, mine, other in (
        ((caller, call, answered) if who == "caller" else (phone, answered, call)),
    ):
        asker.hold(mine)
        world.run(1.0)
        assert [reply.status for reply in mine.replies] == [200]
        assert b"a=sendonly" in other.peer_session
        assert b"a=recvonly" in mine.peer_session
        asker.resume(mine)
        world.run(1.0)
        assert b"a=sendrecv" in other.peer_session
    caller.hang_up(call)
    world.assert_empty()


def test_calls_that_rang_end_on_both_sides() -> None:
    world = World()
    phones = [world.phone(user, Policy(answer_after_s=None)) for user in ("1001", "1002")]
    caller = world.phone("2001")
    call = caller.call("201")
    world.run(2.0)
    world.restart()
    world.run(1.0)
    assert (call.cause.status, call.cause.q850) == (480, 41)
    for phone in phones:
        assert not phone.calls
        assert phone.ended[-1].cause.text != "Call completed elsewhere"
    (ended,) = world.host.named("call.ended")
    assert ended.status == 480  # type: ignore[attr-defined]
    again = caller.call("201")
    world.run(1.0)
    assert again.state == "ringing"
    caller.cancel(again)
    world.assert_empty()


def test_a_cancel_that_comes_before_its_invite_is_repeated_when_the_phone_speaks() -> None:
    world = World(bob_config())
    caller, callee = world.peer(TRUNK_PLACE), world.peer(PEER_PLACE)
    caller.request("INVITE", body=OFFER)
    world.run(0.1)
    world.restart()
    world.run(0.1)
    assert caller.last_response().status == 480
    callee.answer(callee.last("CANCEL"), "481 No Such Transaction")
    callee.answer(callee.last("INVITE"), "180 Ringing")
    world.run(0.1)
    assert len(callee.heard("CANCEL")) == 2
    callee.answer(callee.last("CANCEL"), "200 OK")
    callee.answer(callee.last("INVITE"), "180 Ringing")
    world.run(0.1)
    assert len(callee.heard("CANCEL")) == 2
    callee.answer(callee.last("INVITE"), "487 Request Terminated")
    world.run(0.1)
    assert callee.last("ACK").branch == callee.last("INVITE").branch
    caller.request("ACK", branch="one", to=caller.last_response().get("to") or "")
    world.assert_empty()


def test_an_answer_that_comes_after_the_restart_is_acknowledged_and_ended() -> None:
    world = World(bob_config())
    caller, callee = world.peer(TRUNK_PLACE), world.peer(PEER_PLACE)
    caller.request("INVITE", body=OFFER)
    world.run(0.1)
    callee.answer(callee.last("INVITE"), "180 Ringing")
    world.run(0.1)
    world.restart()
    callee.answer(callee.last("INVITE"), "200 OK", body=OFFER)
    world.run(0.1)
    assert callee.heard("ACK")
    assert callee.heard("BYE")
    assert caller.last_response().status == 480


def test_a_restart_between_the_200_and_its_ack() -> None:
    world = World(bob_config())
    caller, callee = world.peer(TRUNK_PLACE), world.peer(PEER_PLACE)
    caller.request("INVITE", body=OFFER)
    world.run(0.1)
    callee.answer(callee.last("INVITE"), "200 OK", body=OFFER)
    world.run(0.1)
    world.restart()
    to = caller.last_response().get("to") or ""
    caller.request("ACK", branch="ack", to=to)
    world.run(0.1)
    caller.request("BYE", branch="bye", cseq="2", to=to)
    world.run(0.1)
    assert caller.last_response("BYE").status == 200
    assert callee.heard("BYE")


def test_the_cseq_is_beyond_everything_sent_before() -> None:
    call = Established()
    for cseq in range(2, 6):
        call.from_caller("INFO", cseq=cseq)
        call.run()
        call.callee.answer(call.callee.last("INFO"), "200 OK")
        call.run()
    before = call.callee.last("INFO").cseq
    call.world.restart()
    call.from_caller("BYE", cseq=6)
    call.run()
    assert call.callee.last("BYE").cseq > before


def test_two_restarts_in_a_row() -> None:
    call = Established()
    call.world.restart()
    call.world.restart()
    call.from_callee("BYE")
    call.run()
    assert call.caller.heard("BYE")
