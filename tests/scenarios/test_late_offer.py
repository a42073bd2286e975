"""An INVITE without a session: the offer comes in the 200, its answer in the ACK."""

from scenarios.peer import OFFER, SDP
from scenarios.world import (
    PEER_PLACE,
    SECOND_PEER_PLACE,
    TRUNK_PLACE,
    World,
    bob_config,
    sip_address,
)

ANSWER = OFFER.replace("9000", "9002").replace("o=peer 7", "o=peer 8")


def test_the_winners_ack_waits_for_the_callers_answer() -> None:
    world = World(bob_config())
    caller, callee = world.peer(TRUNK_PLACE), world.peer(PEER_PLACE)
    caller.request("INVITE")
    world.run(0.1)
    invite = callee.last("INVITE")
    assert not invite.body
    callee.answer(invite, "200 OK", body=OFFER)
    world.run(0.1)
    answer = caller.last_response()
    assert answer.status == 200
    assert b"m=audio 9000 RTP/AVP 0" in answer.body
    assert b"o=switchroom" in answer.body
    assert not callee.heard("ACK")
    callee.answer(invite, "200 OK", body=OFFER)  # a copy changes nothing
    world.run(0.1)
    assert not callee.heard("ACK")

    caller.request("ACK", branch="ack", to=answer.get("to") or "", body=ANSWER)
    world.run(0.1)
    (ack,) = callee.heard("ACK")
    assert ack.get("content-type") == "application/sdp"
    assert b"m=audio 9002 RTP/AVP 0" in ack.body
    callee.answer(invite, "200 OK", body=OFFER)
    world.run(0.1)
    assert len(callee.heard("ACK")) == 2


def test_the_losers_offer_is_rejected_before_its_bye() -> None:
    world = World(bob_config(sip_address(SECOND_PEER_PLACE)))
    caller = world.peer(TRUNK_PLACE)
    first, second = world.peer(PEER_PLACE), world.peer(SECOND_PEER_PLACE)
    caller.request("INVITE")
    world.run(0.1)
    first.answer(first.last("INVITE"), "200 OK", body=OFFER)
    second.answer(second.last("INVITE"), "200 OK", body=OFFER)
    world.run(0.1)
    methods = [request.method for request in second.requests]
    assert methods[:3] == ["INVITE", "ACK", "BYE"]
    ack = second.last("ACK")
    assert b"m=audio 0 RTP/AVP 0" in ack.body
    assert not first.heard("ACK")


def test_a_caller_who_hangs_up_instead_of_answering_ends_both_sides() -> None:
    world = World(bob_config())
    caller, callee = world.peer(TRUNK_PLACE), world.peer(PEER_PLACE)
    caller.request("INVITE")
    world.run(0.1)
    callee.answer(callee.last("INVITE"), "200 OK", body=OFFER)
    world.run(0.1)
    to = caller.last_response().get("to") or ""
    caller.request("ACK", branch="ack", to=to)  # forgot its answer
    caller.request("BYE", branch="bye", cseq="2", to=to)
    world.run(0.1)
    assert [request.method for request in callee.requests] == ["INVITE", "ACK", "BYE"]
    assert b"m=audio 0 " in callee.last("ACK").body


def test_a_late_offer_in_a_re_invite() -> None:
    world = World(bob_config())
    caller, callee = world.peer(TRUNK_PLACE), world.peer(PEER_PLACE)
    caller.request("INVITE", body=OFFER)
    world.run(0.1)
    callee.answer(callee.last("INVITE"), "200 OK", body=OFFER)
    world.run(0.1)
    to = caller.last_response().get("to") or ""
    caller.request("ACK", branch="ack", to=to)
    world.run(0.1)
    caller.request("INVITE", branch="re", cseq="2", to=to)
    world.run(0.1)
    again = callee.last("INVITE")
    assert again.to_tag == "peer"
    assert not again.body
    callee.answer(again, "200 OK", body=OFFER)
    world.run(0.1)
    assert len(callee.heard("ACK")) == 1
    assert caller.last_response().body
    caller.request("ACK", branch="ack2", cseq="2", to=to, body=ANSWER)
    world.run(0.1)
    assert callee.last("ACK").cseq == again.cseq
    assert b"m=audio 9002 " in callee.last("ACK").body


def test_phones_agree_on_a_late_offer() -> None:
    world = World()
    phone = world.phone("1001")
    caller = world.phone("2001")
    call = caller.call("201", offers=False)
    world.run(1.0)
    (answered,) = phone.calls.values()
    assert call.state == "answered"
    assert b"m=audio" in call.peer_session
    assert b"m=audio" in answered.peer_session
    assert SDP.split(": ")[1] == phone.log.requests("ACK")[-1].get("content-type")


def test_an_ack_without_an_answer_ends_both_sides() -> None:
    world = World(bob_config())
    caller, callee = world.peer(TRUNK_PLACE), world.peer(PEER_PLACE)
    caller.request("INVITE")
    world.run(0.1)
    callee.answer(callee.last("INVITE"), "200 OK", body=OFFER)
    world.run(0.1)
    caller.request("ACK", branch="ack", to=caller.last_response().get("to") or "")
    world.run(0.1)
    assert caller.heard("BYE")
    assert [request.method for request in callee.requests] == ["INVITE", "ACK", "BYE"]
    assert b"m=audio 0 RTP/AVP 0" in callee.last("ACK").body
