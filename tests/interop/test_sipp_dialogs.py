"""What happens inside a call: lost ACK, late offer, hold, glare. SIPp is on both sides."""

from interop.office import DESK, FIRST, ONE_PHONE, SECOND, THIRD, THREE_PHONES, Office
from interop.programs import needs
from interop.sipp_scenario import (
    answered_call,
    answers,
    asks,
    asks_refused,
    call,
    call_hangs_up,
    expect,
    invite,
    is_cancelled,
    is_hung_up,
    progress,
    receive,
    refused,
    reply,
    rings,
    sdp,
    told,
)

pytestmark = needs("sipp")

HOLD = sdp(40000, "sendonly", 2)
HELD = sdp(41000, "recvonly", 2)


def test_an_answer_that_the_caller_never_acknowledges_ends_the_call(office: Office) -> None:
    desk = office.phone(DESK, rings(), answers(), is_hung_up())
    never = (invite(), progress(), expect(200), receive("BYE"), reply(200, "OK"))
    caller = office.caller(ONE_PHONE, *never)

    caller.succeeded()
    desk.succeeded()
    assert caller.count("200 INVITE") >= 5
    assert office.record(caller).outcome == "answered"


def test_a_late_offer_goes_to_the_winner_and_its_answer_comes_back_in_the_ack(
    office: Office,
) -> None:
    offer = reply(200, "OK", tag="callee", body=sdp(41000), kept=True)
    late = receive("CANCEL") + reply(200, "OK") + offer
    first = office.phone(FIRST, rings(), late, receive("ACK"), is_hung_up())
    second = office.phone(SECOND, rings(), is_cancelled())
    third = office.phone(THIRD, rings(), told(), answers(sdp(42000)), is_hung_up())
    acknowledge = call("ACK", body=sdp(40000))
    caller = office.caller(
        THREE_PHONES, invite(body=""), progress(), expect(200), acknowledge, told(),
        call_hangs_up(),
    )  # fmt: skip

    for phone in (first, second, third):
        assert phone.first("INVITE").body == ""
    third.tell()
    assert "m=audio 42000" in caller.first("200 INVITE").body
    assert "m=audio 40000" in third.first("ACK").body
    first.succeeded()
    second.succeeded()
    rejected = first.first("ACK")
    assert "m=audio 0 " in rejected.body
    assert first.first("BYE").reasons == ["SIP;cause=200", "Q.850;cause=26"]
    caller.tell()
    caller.succeeded()
    third.succeeded()


def test_hold_and_resume_are_carried_from_the_caller(office: Office) -> None:
    accept = receive("INVITE") + reply(200, "OK", body=HELD) + receive("ACK")
    resume = receive("INVITE") + reply(200, "OK", body=sdp(41000, version=3)) + receive("ACK")
    desk = office.phone(DESK, rings(), answers(), accept, resume, is_hung_up())
    hold = call("INVITE", 2, body=HOLD) + progress() + expect(200) + call("ACK", 2)
    back = call("INVITE", 3, body=sdp(version=3)) + progress() + expect(200) + call("ACK", 3)
    caller = office.caller(ONE_PHONE, answered_call(), hold, back, call_hangs_up(4))

    caller.succeeded()
    desk.succeeded()
    offers = [m.body for m in desk.received if m.label == "INVITE"]
    replies = [m.body for m in caller.received if m.label == "200 INVITE"]
    assert [_direction(body) for body in offers] == ["sendrecv", "sendonly", "sendrecv"]
    assert [_direction(body) for body in replies] == ["sendrecv", "recvonly", "sendrecv"]


def test_hold_is_carried_from_the_callee(office: Office) -> None:
    hold = asks("INVITE", 1, body=HOLD) + progress() + expect(200) + asks("ACK", 1)
    desk = office.phone(DESK, rings(), answers(), told(), hold, is_hung_up())
    accept = receive("INVITE") + reply(200, "OK", body=HELD) + receive("ACK")
    caller = office.caller(ONE_PHONE, answered_call(), accept, call_hangs_up())

    caller.first("200 INVITE")
    desk.tell()
    caller.succeeded()
    desk.succeeded()
    assert _direction(caller.first("INVITE").body) == "sendonly"
    assert _direction(desk.first("200 INVITE").body) == "recvonly"


def test_what_the_far_side_refuses_is_refused_and_the_call_goes_on(office: Office) -> None:
    no = receive("INVITE") + reply(488, "Not Acceptable Here") + receive("ACK")
    desk = office.phone(DESK, rings(), answers(), no, is_hung_up())
    ask = call("INVITE", 2, body=HOLD) + progress() + refused(488, 2)
    caller = office.caller(ONE_PHONE, answered_call(), ask, call_hangs_up(3))

    caller.succeeded()
    desk.succeeded()
    assert office.record(caller).outcome == "answered"


def test_glare_both_sides_get_491(office: Office) -> None:
    """The callee asks while the caller's re-INVITE is on its way to it."""
    glare = (
        receive("INVITE", keep=True), asks("INVITE", 1, body=HOLD), asks_refused(491, 1),
        reply(491, "Request Pending", kept=True), receive("ACK"),
    )  # fmt: skip
    desk = office.phone(DESK, rings(), answers(), *glare, is_hung_up())
    ask = call("INVITE", 2, body=HOLD) + progress() + refused(491, 2)
    caller = office.caller(ONE_PHONE, answered_call(), ask, told(), call_hangs_up(3))

    caller.first("491 INVITE")
    desk.first("491 INVITE")
    caller.tell()
    caller.succeeded()
    desk.succeeded()
    assert caller.count("INVITE") == 0


def test_glare_the_other_way_round(office: Office) -> None:
    """The caller asks while the callee's re-INVITE is on its way to it."""
    ask = asks("INVITE", 1, body=HOLD) + progress() + asks_refused(491, 1)
    desk = office.phone(DESK, rings(), answers(), told(), ask, is_hung_up())
    glare = (
        receive("INVITE", keep=True), call("INVITE", 2, body=HOLD), progress(), refused(491, 2),
        reply(491, "Request Pending", kept=True), receive("ACK"),
    )  # fmt: skip
    caller = office.caller(ONE_PHONE, answered_call(), *glare, told(), call_hangs_up(3))

    caller.first("200 INVITE")
    desk.tell()
    desk.first("491 INVITE")
    caller.first("491 INVITE")
    caller.tell()
    caller.succeeded()
    desk.succeeded()
    assert desk.count("INVITE") == 1


def test_update_and_options_inside_a_call(office: Office) -> None:
    desk = office.phone(DESK, rings(), answers(), receive("UPDATE"), reply(200, "OK"), is_hung_up())
    ask = call("UPDATE", 2) + expect(200) + call("OPTIONS", 3) + expect(200)
    caller = office.caller(ONE_PHONE, answered_call(), ask, call_hangs_up(4))

    caller.succeeded()
    desk.succeeded()
    assert desk.labels == ["INVITE", "ACK", "UPDATE", "BYE"]


def _direction(body: str) -> str:
    (found,) = [
        line[2:] for line in body.split("\n") if line in ("a=sendrecv", "a=sendonly", "a=recvonly")
    ]
    return found
