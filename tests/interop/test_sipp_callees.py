"""Phones that do what phones do: SIPp is called, and tells what it saw."""

import pytest

from interop.office import (
    DESK,
    FIRST,
    FORWARDING,
    IMPATIENT,
    ONE_PHONE,
    OUTSIDE,
    SECOND,
    THIRD,
    THREE_PHONES,
    Office,
)
from interop.programs import needs
from interop.sipp_scenario import (
    answered_call,
    answers,
    call,
    call_hangs_up,
    cancel,
    expect,
    hangs_up,
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

ELSEWHERE = ["SIP;cause=200", "Q.850;cause=26"]


def test_a_busy_phone(office: Office) -> None:
    busy = reply(486, "Busy Here", tag="callee")
    desk = office.phone(DESK, receive("INVITE"), busy, receive("ACK"))
    caller = office.caller(ONE_PHONE, invite(), progress(), refused(486))

    caller.succeeded()
    desk.succeeded()
    assert caller.first("486 INVITE").reasons == ["Q.850;cause=17"]
    record = office.record(caller)
    assert (record.outcome, record.status, record.q850) == ("busy", 486, 17)
    assert office.leg(record, DESK).outcome == "busy"


def test_nobody_answers_in_time(office: Office) -> None:
    desk = office.phone(DESK, rings(), is_cancelled())
    caller = office.caller(IMPATIENT, invite(), progress(), refused(480))

    caller.succeeded()
    desk.succeeded()
    assert "Q.850;cause=19" in caller.first("480 INVITE").reasons
    assert not set(ELSEWHERE) & set(desk.first("CANCEL").reasons)
    record = office.record(caller)
    assert (record.outcome, record.q850) == ("no_answer", 19)
    assert office.leg(record, DESK).outcome == "no_answer"


def test_early_media_of_the_only_phone_then_its_answer(office: Office) -> None:
    announcement = reply(183, "Session Progress", tag="callee", body=sdp(42000))
    desk = office.phone(
        DESK, receive("INVITE", keep=True), announcement, told(), answers(), is_hung_up()
    )
    caller = office.caller(ONE_PHONE, answered_call(), told(), call_hangs_up())

    assert "m=audio 42000" in caller.first("183 INVITE").body
    desk.tell()
    caller.first("200 INVITE")
    caller.tell()
    caller.succeeded()
    desk.succeeded()
    assert desk.labels == ["INVITE", "ACK", "BYE"]
    record = office.record(caller)
    assert (record.outcome, record.ended_by) == ("answered", "caller")


def test_early_media_of_several_phones_is_not_passed_on(office: Office) -> None:
    announcement = reply(183, "Session Progress", tag="callee", body=sdp(42000))
    first = office.phone(FIRST, receive("INVITE", keep=True), announcement, is_cancelled())
    second = office.phone(SECOND, rings(), is_cancelled())
    third = office.phone(THIRD, rings(), told(), answers(), hangs_up())
    caller = office.caller(THREE_PHONES, answered_call(), receive("BYE"), reply(200, "OK"))

    third.first("INVITE")
    first.first("INVITE")
    second.first("INVITE")
    assert caller.first("180 INVITE").body == ""
    third.tell()
    for party in (caller, first, second, third):
        party.succeeded()
    assert caller.count("183 INVITE") == 0


def test_one_of_three_phones_answers_and_the_others_are_told_elsewhere(office: Office) -> None:
    first = office.phone(FIRST, rings(), is_cancelled())
    second = office.phone(SECOND, rings(), told(), answers(), is_hung_up())
    third = office.phone(THIRD, rings(), is_cancelled())
    caller = office.caller(THREE_PHONES, answered_call(), told(), call_hangs_up())

    for phone in (first, second, third):
        phone.first("INVITE")
    second.tell()
    for loser in (first, third):
        loser.succeeded()
        assert loser.first("CANCEL").reasons == ELSEWHERE
        assert loser.labels == ["INVITE", "CANCEL", "ACK"]
    caller.first("200 INVITE")
    caller.tell()
    caller.succeeded()
    second.succeeded()
    record = office.record(caller)
    outcomes = [office.leg(record, place).outcome for place in (FIRST, SECOND, THIRD)]
    assert outcomes == ["elsewhere", "answered", "elsewhere"]
    assert office.node.record(record.call_id) == record


def test_a_200_that_crosses_the_cancel_is_acknowledged_and_hung_up(office: Office) -> None:
    crossing = reply(200, "OK", tag="callee", body=sdp(41000), kept=True)
    ends = receive("ACK") + is_hung_up()
    first = office.phone(FIRST, rings(), receive("CANCEL"), reply(200, "OK"), crossing, ends)
    second = office.phone(SECOND, rings(), is_cancelled())
    third = office.phone(THIRD, rings(), told(), answers(), is_hung_up())
    caller = office.caller(THREE_PHONES, answered_call(), told(), call_hangs_up())

    first.first("INVITE")
    second.first("INVITE")
    third.first("INVITE")
    third.tell()
    first.succeeded()
    second.succeeded()
    assert first.labels == ["INVITE", "CANCEL", "ACK", "BYE"]
    assert first.first("BYE").reasons == ELSEWHERE
    caller.first("200 INVITE")
    caller.tell()
    caller.succeeded()
    third.succeeded()
    assert caller.count("200 INVITE") == 1
    assert office.leg(office.record(caller), FIRST).outcome == "elsewhere"


def test_two_200s_of_one_phone_are_both_acknowledged_and_one_is_hung_up(office: Office) -> None:
    one = reply(200, "OK", tag="one", body=sdp(41000))
    other = reply(200, "OK", tag="other", body=sdp(41002), kept=True)
    desk = office.phone(
        DESK, receive("INVITE", keep=True), one, receive("ACK"), other, receive("ACK"),
        is_hung_up(), is_hung_up(),
    )  # fmt: skip
    caller = office.caller(ONE_PHONE, answered_call(), told(), call_hangs_up())

    desk.first("BYE")
    caller.first("200 INVITE")
    caller.tell()
    caller.succeeded()
    desk.succeeded()
    said = [
        (m.label, m.one("To").partition(";tag=")[2].rstrip("0123456789")) for m in desk.received
    ]
    assert said[1:] == [("ACK", "one"), ("ACK", "other"), ("BYE", "other"), ("BYE", "one")]
    assert caller.count("200 INVITE") == 1
    assert "41000" in caller.first("200 INVITE").body


def test_the_caller_gives_up(office: Office) -> None:
    phones = [office.phone(place, rings(), is_cancelled()) for place in (FIRST, SECOND, THIRD)]
    caller = office.caller(
        THREE_PHONES, invite(), expect(100, optional=True), expect(180), told(),
        cancel(), expect(200), refused(487),
    )  # fmt: skip

    for phone in phones:
        phone.first("INVITE")
    caller.first("180 INVITE")
    caller.tell()
    caller.succeeded()
    for phone in phones:
        phone.succeeded()
        assert not set(ELSEWHERE) & set(phone.first("CANCEL").reasons)
    record = office.record(caller)
    assert (record.outcome, record.ended_by) == ("abandoned", "caller")


def test_a_phone_that_answers_cancel_and_never_ends_its_invite(office: Office) -> None:
    desk = office.phone(DESK, rings(), receive("CANCEL"), reply(200, "OK"))
    caller = office.caller(
        ONE_PHONE, invite(), expect(100, optional=True), expect(180), cancel(),
        expect(200), refused(487),
    )  # fmt: skip

    caller.succeeded()
    desk.succeeded()
    record = office.record(caller)
    assert record.outcome == "abandoned"
    assert office.leg(record, DESK).outcome == "cancelled"


def test_a_lost_200_comes_again_and_a_repeated_one_is_acknowledged_again(office: Office) -> None:
    lost = reply(200, "OK", tag="callee", body=sdp(41000), kept=True, lost=True)
    again = reply(200, "OK", tag="callee", body=sdp(41000), kept=True)
    desk = office.phone(
        DESK, rings(), lost, told(), again, receive("ACK"),
        told(), again, receive("ACK"), told(), hangs_up(),
    )  # fmt: skip
    caller = office.caller(ONE_PHONE, answered_call(), receive("BYE"), reply(200, "OK"))

    caller.first("180 INVITE")
    assert caller.count("200 INVITE") == 0
    for acknowledged in (1, 2):
        desk.tell()
        desk.gets("ACK", acknowledged)
    desk.tell()
    desk.succeeded()
    caller.succeeded()
    assert caller.count("200 INVITE") == 1


def test_a_302_is_a_failure_where_it_is_not_allowed(office: Office) -> None:
    moved = reply(302, "Moved", tag="callee", more=["Contact: <sip:+12025550177@[node]>"])
    desk = office.phone(DESK, receive("INVITE"), moved, receive("ACK"))
    outside = office.phone(OUTSIDE, rings())
    caller = office.caller(ONE_PHONE, invite(), progress(), refused(480))

    caller.succeeded()
    desk.succeeded()
    assert outside.labels == []
    assert "Q.850;cause=20" in caller.first("480 INVITE").reasons
    assert office.leg(office.record(caller), DESK).status == 302


@pytest.mark.parametrize("host", ["[node]", "acme.example"], ids=["node", "domain"])
def test_a_302_is_followed_where_it_is_allowed(office: Office, host: str) -> None:
    moved = reply(302, "Moved", tag="callee", more=[f"Contact: <sip:+12025550177@{host}>"])
    desk = office.phone(DESK, receive("INVITE"), moved, receive("ACK"))
    outside = office.phone(OUTSIDE, rings(), answers(), is_hung_up())
    caller = office.caller(FORWARDING, answered_call(), told(), call_hangs_up())

    desk.succeeded()
    caller.first("200 INVITE")
    caller.tell()
    caller.succeeded()
    outside.succeeded()
    assert outside.first("INVITE").start.startswith("INVITE sip:+12025550177@")
    assert office.leg(office.record(caller), OUTSIDE).outcome == "answered"


def test_either_side_hangs_up_with_its_reason(office: Office) -> None:
    why = ['Reason: Q.850;cause=16;text="Normal call clearing"']
    desk = office.phone(DESK, rings(), answers(), is_hung_up())
    caller = office.caller(ONE_PHONE, answered_call(), call("BYE", 2, more=why), expect(200))

    caller.succeeded()
    desk.succeeded()
    assert "Q.850;cause=16" in desk.first("BYE").reasons
    assert desk.first("INVITE").one("Call-ID") != caller.first("200 INVITE").one("Call-ID")
