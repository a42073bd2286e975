"""What one party asks inside a call is carried to the other, and its answer comes back as it is."""

import pytest

from scenarios.established import Established, origin
from scenarios.peer import OFFER
from switchroom.sip.message import Request

HOLD = OFFER + "a=sendonly\r\n"
HELD = OFFER + "a=recvonly\r\n"


def test_hold_is_carried_to_the_callee() -> None:
    call = Established()
    call.from_caller("INVITE", body=HOLD)
    call.run()
    again = call.callee.last("INVITE")
    assert again.to_tag == "peer"
    assert again.call_id == call.invite.call_id
    assert again.cseq > call.invite.cseq
    assert b"a=sendonly" in again.body
    number, version = origin(call.invite.body)
    assert origin(again.body) == (number, str(int(version) + 1))
    call.callee.answer(again, "200 OK", body=HELD)
    call.run()
    assert call.caller.last_response().status == 200
    assert b"a=recvonly" in call.caller.last_response().body
    assert call.callee.last("ACK").cseq == again.cseq
    call.from_caller("ACK", cseq=2)
    call.run(5.0)
    assert call.caller.statuses() == [200, 200]


def test_hold_is_carried_to_the_caller() -> None:
    call = Established()
    call.from_callee("INVITE", body=HOLD)
    call.run()
    again = call.caller.last("INVITE")
    assert again.call_id == "c1"
    assert again.from_tag is not None
    assert again.from_tag in call.to
    assert b"a=sendonly" in again.body
    call.caller.answer(again, "200 OK", body=HELD)
    call.run()
    assert b"a=recvonly" in call.callee.last_response().body
    assert call.caller.last("ACK").cseq == again.cseq


def test_491_of_the_far_side_goes_back_as_it_is() -> None:
    call = Established()
    call.from_caller("INVITE", body=HOLD)
    call.run()
    again = call.callee.last("INVITE")
    call.callee.answer(again, "491 Request Pending")
    call.run()
    assert call.caller.last_response().status == 491
    assert call.callee.last("ACK").branch == again.branch
    call.from_caller("ACK", cseq=2, branch="INVITE2")
    call.run()
    assert len(call.world.host.calls.calls) == 1


def test_glare_is_491_on_both_sides() -> None:
    call = Established()
    call.from_caller("INVITE", body=HOLD)
    call.from_callee("INVITE", body=HOLD)
    call.run()
    assert call.callee.last_response().status == 491
    assert call.caller.last_response().status == 491 or call.caller.heard("INVITE") == []
    call.callee.answer(call.callee.last("INVITE"), "491 Request Pending")
    call.run()
    assert call.caller.last_response().status == 491
    assert not call.caller.heard("INVITE")
    assert len(call.world.host.calls.calls) == 1


def test_a_second_re_invite_before_the_first_is_answered_gets_500_with_retry_after() -> None:
    call = Established()
    call.from_caller("INVITE", body=HOLD)
    call.run()
    call.from_caller("INVITE", body=OFFER, cseq=3)
    call.run()
    assert call.caller.last_response().status == 500
    assert call.caller.last_response().get("retry-after") is not None


def test_update_and_info_are_carried_both_ways() -> None:
    call = Established()
    call.from_caller("UPDATE", body=HOLD)
    call.run()
    call.callee.answer(call.callee.last("UPDATE"), "200 OK", body=HELD)
    call.run()
    assert call.caller.last_response("UPDATE").status == 200
    assert origin(call.caller.last_response("UPDATE").body)

    call.callee.requests.clear()
    call.caller.say(
        f"""INFO sip:switchroom@10.0.0.1:5060 SIP/2.0
        Via: SIP/2.0/UDP 10.0.9.1:5060;branch=z9hG4bKinfo
        From: <sip:+12025550199@10.0.9.1>;tag=peer
        To: {call.to}
        Call-ID: c1
        CSeq: 3 INFO
        Content-Type: application/dtmf-relay""",
        "Signal=5\r\nDuration=160\r\n",
    )
    call.run()
    carried = call.callee.last("INFO")
    assert carried.get("content-type") == "application/dtmf-relay"
    assert carried.body == b"Signal=5\r\nDuration=160\r\n"
    call.callee.answer(carried, "200 OK")
    call.run()
    assert call.caller.last_response("INFO").status == 200

    call.from_callee("INFO", cseq=5)
    call.run()
    call.caller.answer(call.caller.last("INFO"), "415 Unsupported Media Type")
    call.run()
    assert call.callee.last_response("INFO").status == 415


def test_a_re_invite_that_nobody_answers_gets_408_and_ends_the_call() -> None:
    call = Established()
    call.from_caller("INVITE", body=HOLD)
    call.run(33.0)
    assert 408 in call.caller.statuses()
    assert call.caller.heard("BYE")
    assert call.callee.heard("BYE")


def cancelled_re_invite(call: Established, *, provisional: bool) -> Request:
    """The re-INVITE at the callee; the caller has cancelled it."""
    call.from_caller("INVITE", body=HOLD)
    call.run()
    if provisional:
        call.callee.answer(call.callee.last("INVITE"), "100 Trying", tag="")
        call.run()
    call.caller.request("CANCEL", branch="INVITE2", cseq="2", to=call.to)
    call.run()
    assert call.caller.statuses("CANCEL") == [200]
    return call.callee.last("INVITE")


def test_a_cancelled_re_invite_is_cancelled_at_the_far_side() -> None:
    call = Established()
    again = cancelled_re_invite(call, provisional=True)
    cancel = call.callee.last("CANCEL")
    assert (cancel.uri, cancel.branch, cancel.cseq) == (again.uri, again.branch, again.cseq)
    call.callee.answer(cancel, "200 OK")
    call.callee.answer(again, "487 Request Terminated")
    call.run()
    assert call.caller.last_response().status == 487
    assert call.callee.last("ACK").branch == again.branch
    call.from_caller("ACK", cseq=2, branch="INVITE2")
    call.run(200.0)
    assert not call.callee.heard("BYE")
    assert len(call.world.host.calls.calls) == 1
    call.from_caller("INVITE", cseq=3, body=HOLD)
    call.run()
    assert call.callee.last("INVITE").cseq > again.cseq


def test_that_cancel_waits_for_a_provisional_answer() -> None:
    call = Established()
    again = cancelled_re_invite(call, provisional=False)
    assert not call.callee.heard("CANCEL")
    call.callee.answer(again, "100 Trying", tag="")
    call.run()
    assert call.callee.last("CANCEL").branch == again.branch


def test_a_far_side_that_answers_neither_that_cancel_nor_the_re_invite_is_lost() -> None:
    call = Established()
    cancelled_re_invite(call, provisional=True)
    call.run(33.0)
    assert call.caller.last_response().status == 408
    assert call.callee.heard("BYE")
    assert call.caller.heard("BYE")


@pytest.mark.parametrize("provisional", [True, False])
def test_a_cancelled_re_invite_still_gets_the_far_sides_answer(*, provisional: bool) -> None:
    """Else one party would have the new session and the other the old one."""
    call = Established()
    cancelled_re_invite(call, provisional=provisional)
    call.callee.answer(call.callee.last("INVITE"), "200 OK", body=HELD)
    call.run()
    assert call.caller.last_response().status == 200
    assert len(call.world.host.calls.calls) == 1


def test_wrong_cseq_order_is_500_and_an_unknown_dialog_481() -> None:
    call = Established()
    call.from_caller("INFO", cseq=1, branch="old")
    call.run()
    assert call.caller.last_response("INFO").status == 500
    call.caller.request("BYE", cseq="9", to="<sip:x@10.0.0.1>;tag=unknown", branch="un")
    call.run()
    assert call.caller.last_response("BYE").status == 481


def test_required_extensions_inside_a_call_are_refused() -> None:
    call = Established()
    call.from_caller("INVITE", "Require: 100rel, timer", body=HOLD)
    call.run()
    assert call.caller.last_response().status == 420
    assert call.caller.last_response().get("unsupported") == "100rel, timer"
    assert len(call.callee.heard("INVITE")) == 1


def test_options_inside_a_call_is_answered_here() -> None:
    call = Established()
    call.from_caller("OPTIONS")
    call.run()
    assert call.caller.last_response("OPTIONS").status == 200
    assert not call.callee.heard("OPTIONS")


def test_a_target_refresh_moves_the_contact() -> None:
    call = Established()
    call.caller.say(
        f"""UPDATE sip:switchroom@10.0.0.1:5060 SIP/2.0
        Via: SIP/2.0/UDP 10.0.9.1:5060;branch=z9hG4bKmove
        From: <sip:+12025550199@10.0.9.1>;tag=peer
        To: {call.to}
        Call-ID: c1
        CSeq: 2 UPDATE
        Contact: <sip:moved@10.0.9.1:5060>"""
    )
    call.run()
    call.callee.answer(call.callee.last("UPDATE"), "200 OK")
    call.run()
    call.from_callee("BYE")
    call.run()
    assert call.caller.last("BYE").uri == "sip:moved@10.0.9.1:5060"
