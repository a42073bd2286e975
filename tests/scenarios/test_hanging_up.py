"""Either side's BYE ends the other with its Reason; none goes out before an ACK."""

from scenarios.established import Established
from scenarios.peer import OFFER
from scenarios.world import PEER_PLACE, TRUNK_PLACE, World, bob_config


def test_the_callers_bye_and_its_reason_are_carried() -> None:
    call = Established()
    call.from_caller("BYE", 'Reason: Q.850;cause=31;text="Normal, unspecified"')
    call.run()
    assert call.caller.last_response("BYE").status == 200
    bye = call.callee.last("BYE")
    assert bye.get("reason") == 'Q.850;cause=31;text="Normal, unspecified"'
    assert bye.uri == "sip:peer@10.0.5.1:5060"
    assert bye.cseq == call.invite.cseq + 1
    call.callee.answer(bye, "200 OK")
    call.world.assert_empty()


def test_the_callees_bye_is_carried() -> None:
    call = Established()
    call.from_callee("BYE")
    call.run()
    bye = call.caller.last("BYE")
    assert bye.from_tag is not None
    assert bye.from_tag in call.to
    assert bye.to_tag == "peer"
    call.caller.answer(bye, "200 OK")
    call.world.assert_empty()


def test_no_bye_to_the_caller_before_his_ack() -> None:
    world = World(bob_config())
    caller, callee = world.peer(TRUNK_PLACE), world.peer(PEER_PLACE)
    caller.request("INVITE", body=OFFER)
    world.run(0.1)
    invite = callee.last("INVITE")
    callee.answer(invite, "200 OK", body=OFFER)
    world.run(0.1)
    callee.say(
        f"""BYE sip:switchroom@10.0.0.1:5060 SIP/2.0
        Via: SIP/2.0/UDP 10.0.5.1:5060;branch=z9hG4bKbye
        From: {invite.get("to")};tag=peer
        To: {invite.get("from")}
        Call-ID: {invite.call_id}
        CSeq: 1 BYE
        Reason: Q.850;cause=16"""
    )
    world.run(1.0)
    assert not caller.heard("BYE")
    caller.request("ACK", branch="ack", to=caller.last_response().get("to") or "")
    world.run(0.1)
    bye = caller.last("BYE")
    assert bye.get("reason") == "Q.850;cause=16"
    caller.answer(bye, "200 OK")
    world.assert_empty()


def test_a_bye_that_overtakes_the_ack() -> None:
    world = World(bob_config())
    caller, callee = world.peer(TRUNK_PLACE), world.peer(PEER_PLACE)
    caller.request("INVITE", body=OFFER)
    world.run(0.1)
    callee.answer(callee.last("INVITE"), "200 OK", body=OFFER)
    world.run(0.1)
    to = caller.last_response().get("to") or ""
    caller.request("BYE", branch="bye", cseq="2", to=to)
    world.run(0.1)
    caller.request("ACK", branch="ack", to=to)
    world.run(40.0)
    assert caller.statuses() == [200]
    assert caller.statuses("BYE") == [200]
    assert not caller.heard("BYE")
    assert callee.heard("BYE")
    world.assert_empty()


def test_a_bye_that_overtakes_the_answer_ends_an_early_dialog() -> None:
    world = World(bob_config())
    caller, callee = world.peer(TRUNK_PLACE), world.peer(PEER_PLACE)
    caller.request("INVITE", body=OFFER)
    world.run(0.1)
    callee.answer(callee.last("INVITE"), "180 Ringing")
    world.run(0.1)
    to = caller.last_response().get("to") or ""
    caller.request("BYE", branch="bye", cseq="2", to=to)
    world.run(0.1)
    assert caller.last_response("BYE").status == 200
    assert caller.last_response().status == 487
    assert callee.heard("CANCEL")


def test_both_hang_up_at_once() -> None:
    call = Established()
    call.from_caller("BYE")
    call.from_callee("BYE")
    call.run()
    assert call.caller.last_response("BYE").status == 200
    assert call.callee.last_response("BYE").status in (200, 481)
    for peer in (call.caller, call.callee):
        for bye in peer.heard("BYE")[:1]:
            peer.answer(bye, "200 OK")
    call.world.assert_empty()


def test_a_lost_bye_is_repeated_until_it_is_answered() -> None:
    call = Established()
    call.from_caller("BYE")
    call.run(2.0)
    assert len(call.callee.heard("BYE")) == 3
    call.callee.answer(call.callee.last("BYE"), "200 OK")
    call.run(30.0)
    assert len(call.callee.heard("BYE")) == 3
