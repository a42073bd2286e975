"""kill -9 between an answer and its ACK, or between a re-INVITE and its answer: nothing hangs."""

import pytest

from scenarios.established import Established
from scenarios.peer import CALLED, OFFER, SDP, Peer
from scenarios.world import GIVE_UP_S, NODE, PEER_PLACE, TRUNK_PLACE, World, bob_config

ANSWER = OFFER.replace("9000", "9002").replace("o=peer 7", "o=peer 8")
HOLD = OFFER + "a=sendonly\r\n"
HELD = OFFER + "a=recvonly\r\n"


class Answered:
    """The callee has answered, the caller has not said ACK yet, and the node is killed."""

    def __init__(self, *, offers: bool = True) -> None:
        self.world = World(bob_config())
        self.caller, self.callee = self.world.peer(TRUNK_PLACE), self.world.peer(PEER_PLACE)
        self.caller.request("INVITE", body=OFFER if offers else "")
        self.world.run(0.1)
        self.invite = self.callee.last("INVITE")
        self.callee.answer(self.invite, "200 OK", body=OFFER)
        self.world.run(0.1)
        self.answer = self.caller.last_response()
        self.to = self.answer.get("to") or ""
        self.caller.responses.clear()
        self.callee.requests.clear()
        self.world.restart()
        self.run()

    def run(self, seconds: float = 0.1) -> None:
        self.world.run(seconds)

    def acknowledges(self, body: str = "") -> None:
        self.caller.request("ACK", branch="ack", to=self.to, body=body)
        self.run()


def test_the_200_is_repeated_until_its_ack_comes() -> None:
    call = Answered()
    call.run(5.0)
    copies = call.caller.responses
    assert len(copies) >= 4
    assert {copy.get("to") for copy in copies} == {call.to}
    assert {copy.body for copy in copies} == {call.answer.body}
    call.acknowledges()
    count = len(call.caller.responses)
    call.run(60.0)
    assert len(call.caller.responses) == count
    assert not call.caller.heard("BYE")
    assert not call.callee.heard("BYE")
    call.caller.request("BYE", branch="bye", cseq="2", to=call.to)
    call.run()
    assert call.callee.heard("BYE")


def test_after_a_long_outage_it_is_said_once_and_nobody_is_held_to_it() -> None:
    call = Established()
    call.caller.responses.clear()
    world = call.world
    world.network.attach(Peer(world.network, NODE, ("udp", *NODE)), NODE)  # nobody at home
    call.run(GIVE_UP_S + 5.0)
    world.restart()
    call.run(60.0)
    assert call.caller.statuses() == [200]
    assert not call.caller.heard("BYE")
    assert len(world.host.calls.calls) == 1


def test_over_tcp_it_goes_to_where_the_caller_listens() -> None:
    """Its connection is gone; Via says where a new one may be made (section 18.2.2)."""
    world = World(bob_config())
    dialler = world.peer((TRUNK_PLACE[0], 40123), "tcp")
    listener, callee = world.peer(TRUNK_PLACE, "tcp"), world.peer(PEER_PLACE)
    dialler.say(
        f"""INVITE sip:{CALLED}@10.0.0.1 SIP/2.0
        Via: SIP/2.0/TCP {TRUNK_PLACE[0]}:{TRUNK_PLACE[1]};branch=z9hG4bKone
        From: <sip:+12025550199@{TRUNK_PLACE[0]}>;tag=peer
        To: <sip:{CALLED}@10.0.0.1>
        Call-ID: c1
        CSeq: 1 INVITE
        Contact: <sip:peer@{TRUNK_PLACE[0]};transport=tcp>
        {SDP}""",
        OFFER,
    )
    world.run(0.1)
    callee.answer(callee.last("INVITE"), "200 OK", body=OFFER)
    world.run(0.1)
    assert dialler.last_response().status == 200
    assert not listener.responses
    world.restart()
    world.run(0.1)
    assert listener.last_response().status == 200


def test_a_copy_of_the_invite_is_no_new_call() -> None:
    call = Answered()
    call.caller.request("INVITE", body=OFFER)
    call.run()
    assert len(call.world.host.calls.calls) == 1
    assert not call.callee.heard("INVITE")


def test_without_an_ack_both_sides_are_ended_in_time() -> None:
    call = Answered()
    call.run(GIVE_UP_S)
    assert "No ACK received" in (call.caller.last("BYE").get("reason") or "")
    assert call.callee.heard("BYE")
    assert call.world.host.named("call.ended")
    for peer in (call.caller, call.callee):
        peer.answer(peer.last("BYE"), "200 OK")
    call.world.assert_empty()


def test_a_caller_who_hangs_up_at_once_has_acknowledged_as_well() -> None:
    call = Answered()
    call.caller.request("BYE", branch="bye", cseq="2", to=call.to)
    call.run()
    call.caller.responses.clear()
    call.run(10.0)
    assert not call.caller.statuses("INVITE")
    assert call.callee.heard("BYE")


def test_the_200_of_a_call_that_was_acknowledged_long_ago_is_not_repeated() -> None:
    call = Established()
    call.run(2 * GIVE_UP_S + 1.0)
    call.caller.responses.clear()
    call.world.restart()
    call.run(60.0)
    assert not call.caller.responses
    assert len(call.world.host.calls.calls) == 1


def test_a_phone_that_has_said_ack_already_says_it_again() -> None:
    world = World()
    phone, caller = world.phone("1001"), world.phone("2001")
    call = caller.call("201")
    world.run(1.0)
    (answered,) = phone.calls.values()
    world.restart()
    world.run(2 * GIVE_UP_S)
    assert not phone.ended
    assert not caller.ended
    phone.hang_up(answered)
    world.run(1.0)
    assert call in caller.ended
    world.assert_empty()


def test_two_kills_in_a_row_change_nothing() -> None:
    call = Answered()
    call.world.restart()
    call.run(5.0)
    assert call.caller.statuses()
    call.acknowledges()
    call.run(60.0)
    assert not call.caller.heard("BYE")


def test_a_late_offers_answer_is_carried_after_the_kill() -> None:
    call = Answered(offers=False)
    assert not call.callee.heard("ACK")
    assert call.caller.last_response().body == call.answer.body
    call.acknowledges(ANSWER)
    (ack,) = call.callee.heard("ACK")
    assert b"m=audio 9002 " in ack.body
    call.world.restart()
    call.callee.answer(call.invite, "200 OK", body=OFFER)
    call.run()
    assert b"m=audio 9002 " in call.callee.heard("ACK")[1].body


def test_a_late_offer_that_nobody_answers_is_rejected_and_ended() -> None:
    call = Answered(offers=False)
    call.run(GIVE_UP_S)
    assert b"m=audio 0 " in call.callee.last("ACK").body
    assert call.callee.heard("BYE")
    assert call.caller.heard("BYE")


def test_a_re_invite_that_the_far_side_was_asked_is_answered_after_the_kill() -> None:
    call = Established()
    call.from_caller("INVITE", body=HOLD)
    call.run()
    again = call.callee.last("INVITE")
    call.world.restart()
    call.run()
    copy = call.callee.last("INVITE")
    assert (copy.branch, copy.cseq, copy.body) == (again.branch, again.cseq, again.body)
    call.callee.answer(again, "200 OK", body=HELD)
    call.run()
    assert call.callee.last("ACK").cseq == again.cseq
    assert call.caller.last_response().cseq == 2
    assert call.caller.last_response().status == 200
    assert b"a=recvonly" in call.caller.last_response().body
    call.from_caller("ACK", cseq=2)
    call.run(200.0)
    assert len(call.world.host.calls.calls) == 1


@pytest.mark.parametrize("cancelled", [True, False])
def test_a_re_invite_that_the_far_side_refuses_after_the_kill(*, cancelled: bool) -> None:
    call = Established()
    call.from_caller("INVITE", body=HOLD)
    call.run()
    again = call.callee.last("INVITE")
    call.callee.answer(again, "100 Trying", tag="")
    call.run()
    if cancelled:
        call.caller.request("CANCEL", branch="INVITE2", cseq="2", to=call.to)
        call.run()
    call.world.restart()
    call.run()
    call.callee.answer(again, "487 Request Terminated")
    call.run()
    assert call.callee.last("ACK").branch == again.branch
    assert call.caller.last_response().status == 487
    call.from_caller("ACK", cseq=2, branch="INVITE2")
    call.run(200.0)
    assert len(call.world.host.calls.calls) == 1
    assert not call.callee.heard("BYE")


def test_the_200_of_a_re_invite_is_repeated_too() -> None:
    call = Established()
    call.run(GIVE_UP_S + 1.0)
    call.from_callee("INVITE", cseq=7, body=HOLD)
    call.run()
    call.caller.answer(call.caller.last("INVITE"), "200 OK", body=HELD)
    call.run()
    assert call.callee.last_response().status == 200
    call.callee.responses.clear()
    call.world.restart()
    call.run(3.0)
    copies = call.callee.responses
    assert len(copies) >= 3
    assert {(copy.cseq, copy.status) for copy in copies} == {(7, 200)}
    call.from_callee("ACK", cseq=7)
    call.run()
    call.callee.responses.clear()
    call.run(60.0)
    assert not call.callee.responses
    assert len(call.world.host.calls.calls) == 1
