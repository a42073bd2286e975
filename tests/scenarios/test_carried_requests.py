"""What is carried inside a call stays within limits: hops, time, and answers meant for us alone."""

import pytest

from scenarios.established import Established
from scenarios.peer import OFFER
from scenarios.world import PEER_PLACE

HOLD = OFFER + "a=sendonly\r\n"
HELD = OFFER + "a=recvonly\r\n"


def hold(call: Established, hops: int = 70) -> None:
    call.caller.request("INVITE", cseq="2", to=call.to, branch="hold", body=HOLD, hops=hops)
    call.run()


def test_hops_are_counted_down() -> None:
    call = Established()
    hold(call, hops=5)
    assert call.callee.last("INVITE").max_forwards == 4


def test_a_request_without_hops_left_is_483() -> None:
    call = Established()
    hold(call, hops=0)
    assert call.caller.last_response().status == 483
    assert len(call.callee.heard("INVITE")) == 1


def test_a_re_invite_that_only_got_100_is_cancelled_and_the_call_goes_on() -> None:
    call = Established()
    hold(call)
    again = call.callee.last("INVITE")
    call.callee.answer(again, "100 Trying", tag="")
    call.run(179.0)
    assert not call.callee.heard("CANCEL")
    call.run(2.0)
    cancel = call.callee.last("CANCEL")
    assert (cancel.uri, cancel.branch, cancel.cseq) == (again.uri, again.branch, again.cseq)
    call.callee.answer(cancel, "200 OK")
    call.callee.answer(again, "487 Request Terminated")
    call.run()
    assert call.callee.last("ACK").branch == again.branch
    assert call.caller.last_response().status == 408
    assert not call.callee.heard("BYE")
    assert len(call.world.host.calls.calls) == 1


def test_an_answer_that_crosses_that_cancel_counts() -> None:
    call = Established()
    hold(call)
    again = call.callee.last("INVITE")
    call.callee.answer(again, "100 Trying", tag="")
    call.run(181.0)
    call.callee.answer(again, "200 OK", body=HELD)
    call.run()
    assert call.caller.last_response().status == 200
    assert call.callee.last("ACK").cseq == again.cseq


def test_a_phone_that_ignores_that_cancel_too_is_lost() -> None:
    call = Established()
    hold(call)
    call.callee.answer(call.callee.last("INVITE"), "100 Trying", tag="")
    call.run(180.0 + 33.0)
    assert call.caller.last_response().status == 408
    assert call.callee.heard("BYE")
    assert call.caller.heard("BYE")


@pytest.mark.parametrize("answer", ["", "408 Request Timeout"])
def test_an_info_that_nobody_answers_leaves_the_call_alone(answer: str) -> None:
    call = Established()
    call.from_caller("INFO")
    call.run()
    if answer:
        call.callee.answer(call.callee.last("INFO"), answer)
    call.run(33.0)
    assert call.caller.statuses("INFO")[0] == 408
    assert not call.caller.heard("BYE")
    assert not call.callee.heard("BYE")


@pytest.mark.parametrize(
    ("method", "status", "told"),
    [
        ("INVITE", "401 Unauthorized", 488),
        ("INVITE", "302 Moved Temporarily", 488),
        ("UPDATE", "407 Proxy Authentication Required", 488),
        ("INFO", "401 Unauthorized", 500),
        ("INVITE", "503 Service Unavailable", 500),
        ("INFO", "503 Service Unavailable", 500),
        ("INVITE", "603 Decline", 603),
        ("UPDATE", "491 Request Pending", 491),
    ],
)
def test_what_concerns_only_us_is_not_carried_back(method: str, status: str, told: int) -> None:
    call = Established()
    call.from_caller(method)
    call.run()
    call.callee.answer(call.callee.last(method), status)
    call.run()
    assert call.caller.statuses(method)[-1] == told
    assert len(call.world.host.calls.calls) == 1


def test_a_copy_of_an_older_200_is_no_answer_to_a_newer_re_invite() -> None:
    call = Established()
    hold(call)
    first = call.callee.last("INVITE")
    call.callee.answer(first, "200 OK", body=HELD)
    call.run()
    call.from_caller("ACK", cseq=2)
    call.run()
    call.from_caller("INVITE", cseq=3, body=OFFER)
    call.run()
    second = call.callee.last("INVITE")
    assert second.cseq > first.cseq
    call.callee.answer(first, "200 OK", body=HELD)
    call.run()
    assert 200 not in [r.status for r in call.caller.responses if r.cseq == 3]
    call.callee.answer(second, "200 OK", body=OFFER)
    call.run()
    acks = len(call.callee.heard("ACK"))
    call.callee.answer(first, "200 OK", body=HELD)
    call.run()
    assert len(call.callee.heard("ACK")) == acks
    call.callee.answer(second, "200 OK", body=OFFER)
    call.run()
    assert call.callee.last("ACK").cseq == second.cseq
    assert len(call.callee.heard("ACK")) == acks + 1


def test_the_answer_to_an_update_moves_the_target() -> None:
    call = Established()
    call.from_caller("UPDATE", body=HOLD)
    call.run()
    moved = f"sip:moved@{PEER_PLACE[0]}:{PEER_PLACE[1]}"
    call.callee.answer(call.callee.last("UPDATE"), "200 OK", f"Contact: <{moved}>", body=HELD)
    call.run()
    call.from_caller("BYE", cseq=3)
    call.run()
    assert call.callee.last("BYE").uri == moved


def test_an_empty_require_asks_for_nothing() -> None:
    call = Established()
    call.from_caller("INFO", "Require:")
    call.run()
    assert call.callee.heard("INFO")
