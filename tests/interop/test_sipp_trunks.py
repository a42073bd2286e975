"""Carriers: challenges, fail-over, what is turned away. SIPp is the carrier on both sides."""

import pytest

from interop.office import (
    FOREIGN,
    MAIN,
    MOBILE_FAILOVER,
    MOBILE_SECURE,
    ONE_PHONE,
    OUTSIDE,
    SECURE,
    SPARE,
    UNKNOWN,
    Office,
)
from interop.programs import needs, until
from interop.sipp_scenario import (
    answered_call,
    answers,
    call,
    call_hangs_up,
    expect,
    invite,
    is_hung_up,
    progress,
    receive,
    refused,
    reply,
    rings,
    told,
)

pytestmark = needs("sipp")

CHALLENGES = {
    401: ("Unauthorized", "WWW-Authenticate", "Authorization"),
    407: ("Proxy Authentication Required", "Proxy-Authenticate", "Proxy-Authorization"),
}


@pytest.mark.parametrize("status", CHALLENGES)
def test_a_carrier_that_wants_the_password(office: Office, status: int) -> None:
    reason, header, answer = CHALLENGES[status]
    wants = f'{header}: Digest realm="carrier", nonce="abc123", algorithm=MD5, qop="auth"'
    challenge = reply(status, reason, tag="first", more=[wants])
    secure = office.phone(
        SECURE, receive("INVITE"), challenge, receive("ACK"), rings(), answers(), is_hung_up()
    )
    caller = office.caller(MOBILE_SECURE, answered_call(), call_hangs_up())

    caller.succeeded()
    secure.succeeded()
    again = [m for m in secure.received if m.label == "INVITE"][1]
    assert 'username="us"' in again.one(answer)
    assert 'realm="carrier"' in again.one(answer)
    assert "nc=00000001" in again.one(answer)
    assert f"{status} INVITE" not in caller.labels
    assert office.leg(office.record(caller), SECURE).outcome == "answered"


def test_a_carrier_that_takes_no_password_is_asked_once_more_only(office: Office) -> None:
    wants = 'Proxy-Authenticate: Digest realm="carrier", nonce="abc123", algorithm=MD5'
    challenge = reply(407, "Proxy Authentication Required", tag="no", more=[wants])
    refuses = receive("INVITE") + challenge + receive("ACK")
    secure = office.phone(SECURE, refuses, refuses)
    caller = office.caller(MOBILE_SECURE, invite(), progress(), refused(480))

    caller.succeeded()
    secure.succeeded()
    assert secure.count("INVITE") == 2
    assert office.leg(office.record(caller), SECURE).outcome == "refused"


def test_the_next_host_is_tried_after_a_503(office: Office) -> None:
    full = reply(503, "Service Unavailable", tag="full", more=["Retry-After: 60"])
    main = office.phone(MAIN, receive("INVITE"), full, receive("ACK"))
    spare = office.phone(SPARE, rings(), answers(), is_hung_up())
    caller = office.caller(MOBILE_FAILOVER, answered_call(), call_hangs_up())

    caller.succeeded()
    main.succeeded()
    spare.succeeded()
    assert caller.count("503 INVITE") == 0
    record = office.record(caller)
    assert office.leg(record, SPARE).outcome == "answered"


def test_the_next_host_is_tried_when_the_first_is_dead(office: Office) -> None:
    spare = office.phone(SPARE, rings(), answers(), is_hung_up())
    caller = office.caller(MOBILE_FAILOVER, answered_call(), call_hangs_up())

    caller.succeeded()
    spare.succeeded()
    assert office.leg(office.record(caller), SPARE).outcome == "answered"


def test_503_of_all_hosts_does_not_reach_the_caller(office: Office) -> None:
    full = receive("INVITE") + reply(503, "Service Unavailable", tag="full") + receive("ACK")
    hosts = [office.phone(place, full) for place in (MAIN, SPARE)]
    caller = office.caller(MOBILE_FAILOVER, invite(), progress(), refused(480))

    caller.succeeded()
    for host in hosts:
        host.succeeded()
    assert "Q.850;cause=20" in caller.first("480 INVITE").reasons


@pytest.mark.parametrize("number", [UNKNOWN, FOREIGN, "nobody", "+13035550123"])
def test_a_carrier_reaches_nothing_but_numbers_of_the_platform(office: Office, number: str) -> None:
    carriers = [office.phone(place, rings()) for place in (OUTSIDE, SECURE)]
    caller = office.caller(number, invite(), progress(), refused(404))

    caller.succeeded()
    assert "Q.850;cause=1" in caller.first("404 INVITE").reasons
    assert [carrier.labels for carrier in carriers] == [[], []]
    until(lambda: any(known.called == number for known in office.node.records), "its record")
    record = next(known for known in office.node.records if known.called == number)
    assert (record.outcome, record.status, record.legs) == ("refused", 404, ())


def test_options(office: Office) -> None:
    caller = office.caller(ONE_PHONE, call("OPTIONS"), expect(200))

    caller.succeeded()
    said = caller.first("200 OPTIONS")
    assert "INVITE" in said.one("Allow")
    assert said.one("Accept") == "application/sdp"


def test_an_extension_that_is_not_supported(office: Office) -> None:
    caller = office.caller(ONE_PHONE, invite(more=["Require: 100rel"]), progress(), refused(420))

    caller.succeeded()
    assert caller.first("420 INVITE").one("Unsupported") == "100rel"


def test_a_call_that_a_stranger_makes(office: Office) -> None:
    """From a network that is no trunk's and without a password: the challenge, nothing rings."""
    desk = office.phone(OUTSIDE, rings(), told())
    caller = office.stranger(ONE_PHONE, invite(), progress(), refused(401))

    caller.succeeded()
    assert "MD5" in caller.first("401 INVITE").one("WWW-Authenticate")
    assert desk.labels == []
