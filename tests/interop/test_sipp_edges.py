"""Rarer things that real networks do: SIPp does them on purpose."""

from interop.office import (
    DESK,
    FIRST,
    ONE_PHONE,
    SECOND,
    TCP_PHONE,
    THIRD,
    THREE_PHONES,
    WIRED,
    Office,
)
from interop.programs import needs
from interop.sipp_scenario import (
    answered_call,
    answers,
    asks,
    call,
    call_hangs_up,
    cancel,
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


def test_cancel_waits_until_the_phone_has_said_something(office: Office) -> None:
    """RFC 3261 section 9.1: no CANCEL before a provisional response."""
    silent = receive("INVITE", keep=True) + told() + reply(180, "Ringing", tag="callee", kept=True)
    desk = office.phone(DESK, silent, is_cancelled())
    caller = office.caller(
        ONE_PHONE, invite(), expect(100, optional=True), expect(180, optional=True), told(),
        cancel(), expect(200), refused(487),
    )  # fmt: skip

    caller.is_trying()
    caller.tell()
    caller.first("487 INVITE")
    assert desk.count("CANCEL") == 0
    desk.tell()
    caller.succeeded()
    desk.succeeded()


def test_cancel_that_crosses_the_answer_changes_nothing(office: Office) -> None:
    desk = office.phone(DESK, rings(), answers(), is_hung_up())
    crossing = cancel() + expect(200) + call_hangs_up()
    caller = office.caller(ONE_PHONE, answered_call(), crossing)

    caller.succeeded()
    desk.succeeded()
    assert desk.labels == ["INVITE", "ACK", "BYE"]
    assert office.record(caller).outcome == "answered"


def test_a_proxy_that_stays_in_the_dialog(office: Office) -> None:
    route = "Record-Route: <sip:[local_ip]:[local_port];lr;proxy=yes>"
    answer = reply(200, "OK", tag="callee", body=sdp(41000), kept=True, more=[route])
    desk = office.phone(DESK, rings(), answer, receive("ACK"), is_hung_up())
    caller = office.caller(ONE_PHONE, answered_call(), call_hangs_up())

    caller.succeeded()
    desk.succeeded()
    for label in ("ACK", "BYE"):
        assert "proxy=yes" in desk.first(label).one("Route")
        assert desk.first(label).start.startswith(f"{label} sip:peer@")


def test_a_repeated_invite_is_one_call(office: Office) -> None:
    desk = office.phone(DESK, rings(), told(), answers(), is_hung_up())
    caller = office.caller(
        ONE_PHONE, invite(), expect(100, optional=True), expect(180), told(), invite(),
        progress(), expect(200), call("ACK"), call_hangs_up(),
    )  # fmt: skip

    caller.first("180 INVITE")
    caller.tell()
    caller.gets("180 INVITE", 2)  # the second is the answer to the repetition
    desk.tell()
    caller.succeeded()
    desk.succeeded()
    assert desk.count("INVITE") == 1


def test_hops_run_out(office: Office) -> None:
    last = call("INVITE", body=sdp(), hops=0)
    caller = office.caller(ONE_PHONE, last, progress(), refused(483))
    caller.succeeded()


def test_hops_are_counted_through_the_node(office: Office) -> None:
    desk = office.phone(DESK, rings(), answers(), is_hung_up())
    few = call("INVITE", body=sdp(), hops=7)
    caller = office.caller(ONE_PHONE, few, progress(), expect(200), call("ACK"), call_hangs_up())
    caller.succeeded()
    desk.succeeded()
    assert desk.first("INVITE").one("Max-Forwards") == "6"


def test_busy_and_declined_phones_together_are_busy(office: Office) -> None:
    replies = {FIRST: (486, "Busy Here"), SECOND: (603, "Decline"), THIRD: (600, "Busy Everywhere")}
    phones = [
        office.phone(place, receive("INVITE"), reply(*said, tag="callee"), receive("ACK"))
        for place, said in replies.items()
    ]
    caller = office.caller(THREE_PHONES, invite(), progress(), refused(486))

    for party in (caller, *phones):
        party.succeeded()
    outcomes = {leg.outcome for leg in office.record(caller).legs if leg.role == "callee"}
    assert outcomes == {"busy", "refused"}


def test_updates_are_carried_both_ways(office: Office) -> None:
    accept = receive("UPDATE") + reply(200, "OK")
    desk = office.phone(
        DESK, rings(), answers(), accept, asks("UPDATE", 1), expect(200), is_hung_up()
    )
    caller = office.caller(
        ONE_PHONE, answered_call(), call("UPDATE", 2), expect(200), accept, call_hangs_up(3)
    )
    caller.succeeded()
    desk.succeeded()


def test_a_call_over_tcp_on_both_sides(office: Office) -> None:
    wired = office.phone(WIRED, rings(), answers(), is_hung_up(), transport="tcp")
    caller = office.caller(TCP_PHONE, answered_call(), call_hangs_up(), transport="tcp")

    caller.succeeded()
    wired.succeeded()
    assert "/TCP" in wired.first("INVITE").one("Via")
    assert "transport=tcp" in wired.first("INVITE").one("Contact")
    assert office.leg(office.record(caller), WIRED).outcome == "answered"
