"""The node is killed or stopped while SIPp and baresip talk through it."""

from interop.home_office import HomeOffice
from interop.office import (
    DESK,
    FIRST,
    MAIN,
    MOBILE_FAILOVER,
    MOBILE_SECURE,
    ONE_PHONE,
    SECOND,
    SECURE,
    THIRD,
    THREE_PHONES,
    Office,
)
from interop.programs import needs, until
from interop.sipp import Sipp
from interop.sipp_scenario import (
    answered_call,
    answers,
    asks,
    call,
    call_hangs_up,
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

pytestmark = needs("sipp", "baresip", "stdbuf")

CALLS = 5
"Of each kind, when the node is killed."
LOAD = 150
"Short calls, 10 per second, that go on while the node is away."


def test_killed_under_load(doomed: Office) -> None:
    office, node = doomed, doomed.node
    desk = office.phone(DESK, rings(), answers(), is_hung_up(), calls=CALLS)
    leaves = office.caller(ONE_PHONE, answered_call(), told(), call_hangs_up(), calls=CALLS)
    hold = asks("INVITE", 1, body=sdp(41000, "sendonly", 2)) + progress() + expect(200)
    held = receive("INVITE") + reply(200, "OK", body=sdp(40000, "recvonly", 2)) + receive("ACK")
    main = office.phone(
        MAIN, rings(), answers(), told(), hold, asks("ACK", 1), hangs_up(2), calls=CALLS
    )
    stays = office.caller(
        MOBILE_FAILOVER, answered_call(), held, receive("BYE"), reply(200, "OK"), calls=CALLS
    )
    phones = [
        office.phone(place, rings(), is_cancelled(), calls=CALLS)
        for place in (FIRST, SECOND, THIRD)
    ]
    waits = office.caller(THREE_PHONES, invite(), progress(), refused(480), calls=CALLS)
    busy = office.phone(SECURE, rings(), answers(), is_hung_up(), calls=LOAD)
    load = office.caller(MOBILE_SECURE, answered_call(), call_hangs_up(), calls=LOAD)

    for party, label in ((desk, "ACK"), (main, "ACK"), *((phone, "INVITE") for phone in phones)):
        party.gets(label, CALLS)
    waits.gets("180 INVITE", CALLS)
    until(lambda: busy.count("BYE") > 20, "load")
    assert load.program.runs
    node.kill_and_restart()

    for party in (waits, *phones):
        party.succeeded()
    assert waits.first("480 INVITE").reasons == ["Q.850;cause=41"]
    leaves.tell()
    main.tell()
    for party in (leaves, desk, main, stays):
        party.succeeded()
    assert "a=sendonly" in stays.first("INVITE").body
    assert "a=recvonly" in main.first("200 INVITE").body
    load.program.ended()
    until(node.is_idle, "no call lives and no agent is taken")
    ended = node.ended_records(heard(waits) | heard(leaves) | heard(stays) | heard(load))
    assert {ended[call].outcome for call in heard(leaves) | heard(stays)} == {"answered"}
    assert {ended[call].text for call in heard(waits)} == {"Call server restarted"}
    assert all(record.ended_at for record in node.records)


def heard(caller: Sipp) -> set[str]:
    """The Call-IDs of all calls that the node has taken."""
    return {m.one("Call-ID") for m in caller.received if m.label in ("180 INVITE", "200 INVITE")}


def test_phones_that_were_registered_and_talked_before_the_node_was_killed(
    home: HomeOffice,
) -> None:
    kitchen = home.phone("kitchen", "1001").registered()
    caller = home.phone("caller", "1002").registered()
    third = home.phone("third", "1003").registered()
    caller.do("dial", "1001")
    kitchen.first("INVITE")
    kitchen.do("accept")
    kitchen.first("ACK")
    caller.first("200 INVITE")
    third.do("dial", "1002")
    caller.first("INVITE")
    third.first("180 INVITE")
    before = {(known.extension, known.contact) for known in home.node.status.registrations}

    home.node.kill_and_restart()

    after = {(known.extension, known.contact) for known in home.node.status.registrations}
    assert after == before
    assert len(after) == 3
    caller.first("CANCEL")
    assert "Q.850;cause=41" in third.first("480 INVITE").reasons
    kitchen.do("hold")
    assert "a=sendonly" in caller.first("INVITE", 2).body
    kitchen.first("200 INVITE")
    kitchen.do("resume")
    assert "a=sendrecv" in caller.first("INVITE", 3).body
    kitchen.first("200 INVITE", 2)
    kitchen.do("hangup")
    caller.first("BYE")
    home.is_idle()
    calls = kitchen.count("INVITE")
    third.do("dial", "1001")  # nobody has registered again
    kitchen.first("INVITE", calls + 1)
    third.do("hangup")
    home.is_idle()
    assert all(phone.count("200 REGISTER") == 1 for phone in (kitchen, caller, third))
    assert len(home.node.all_ended(3)) == 3


def test_a_call_outlives_two_kills_with_re_invites_between(doomed: Office) -> None:
    """CSeq numbers and the o= version go on where they were, on both sides."""
    office, node = doomed, doomed.node
    takes = receive("INVITE") + reply(200, "OK", body=sdp(41000, version=3)) + receive("ACK")
    asks_back = asks("INVITE", 1, body=sdp(41000, version=4)) + progress() + expect(200)
    desk = office.phone(
        DESK, rings(), answers(), takes, takes, told(), asks_back, asks("ACK", 1), is_hung_up()
    )
    hold = call("INVITE", 2, body=sdp(direction="sendonly", version=2)) + progress() + expect(200)
    back = call("INVITE", 3, body=sdp(version=3)) + progress() + expect(200)
    takes_it = receive("INVITE") + reply(200, "OK", body=sdp(version=4)) + receive("ACK")
    caller = office.caller(
        ONE_PHONE, answered_call(), hold, call("ACK", 2), told(), back, call("ACK", 3),
        takes_it, told(), call_hangs_up(4),
    )  # fmt: skip

    desk.gets("ACK", 2)
    node.kill_and_restart()
    caller.tell()
    desk.gets("ACK", 3)
    desk.tell()
    desk.first("200 INVITE")
    node.kill_and_restart()
    caller.tell()
    caller.succeeded()
    desk.succeeded()
    asked = [m for m in desk.received if m.label in ("INVITE", "BYE")]
    sequence = [int(m.one("CSeq").split()[0]) for m in asked]
    assert sequence == sorted(sequence)
    versions = [_origin(m.body) for m in desk.received if m.label == "INVITE"]
    assert len({number for number, _ in versions}) == 1
    assert [version for _, version in versions] == sorted({version for _, version in versions})
    (record,) = node.all_ended(1)
    assert (record.outcome, record.ended_by) == ("answered", "caller")


def _origin(body: str) -> tuple[int, int]:
    """Id and version of a session (RFC 4566 section 5.2)."""
    (line,) = [line for line in body.split("\n") if line.startswith("o=")]
    return int(line.split()[1]), int(line.split()[2])


def test_a_phone_that_had_said_nothing_when_the_node_was_killed(doomed: Office) -> None:
    """Whether it had answered 100 is not on disk, so CANCEL goes at once."""
    office, node = doomed, doomed.node
    desk = office.phone(DESK, receive("INVITE", keep=True), is_cancelled())
    caller = office.caller(ONE_PHONE, invite(), progress(), refused(480))
    caller.is_trying()

    node.kill_and_restart()

    caller.succeeded()
    desk.succeeded()
    assert "Q.850;cause=41" in caller.first("480 INVITE").reasons
    until(node.is_idle, "no call lives")


def test_a_phone_that_answers_while_the_node_is_away_is_hung_up(doomed: Office) -> None:
    """The caller was told that the call is over; nobody may sit alone in a dialog."""
    office, node = doomed, doomed.node
    picks_up = reply(200, "OK", tag="callee", body=sdp(41000), kept=True)
    too_late = receive("CANCEL") + reply(200, "OK", tag="callee")
    desk = office.phone(
        DESK, rings(), told(), picks_up, too_late, picks_up, receive("ACK"), is_hung_up()
    )
    caller = office.caller(ONE_PHONE, invite(), progress(), refused(480))
    caller.first("180 INVITE")

    node.program.kill()
    desk.tell()
    until(lambda: any(m.label == "200 INVITE" for m in desk.seen), "the answer")
    node.restart()

    caller.succeeded()
    desk.succeeded()
    (record,) = node.all_ended(1)
    assert (record.outcome, record.text) == ("failed", "Call server restarted")


def test_sigterm_drains(doomed: Office) -> None:
    office, node = doomed, doomed.node
    desk = office.phone(DESK, rings(), answers(), is_hung_up())
    talks = office.caller(ONE_PHONE, answered_call(), told(), call_hangs_up())
    main = office.phone(MAIN, rings(), answers(), is_hung_up())
    lasts = office.caller(MOBILE_FAILOVER, answered_call(), receive("BYE"), reply(200, "OK"))
    desk.first("ACK")
    main.first("ACK")

    node.terminate()
    until(lambda: node.status.is_draining, "the node drains")
    late = office.caller(ONE_PHONE, invite(), progress(), refused(503))
    late.succeeded()
    assert late.first("503 INVITE").one("Retry-After")
    talks.tell()
    for party in (talks, desk, lasts, main):
        party.succeeded()
    assert "Q.850;cause=41" in lasts.first("BYE").reasons
    assert "Q.850;cause=41" in main.first("BYE").reasons
    assert node.program.ended() == 0
    ended = node.ended_records(heard(talks) | heard(lasts))
    assert [record.outcome for record in ended.values()] == ["answered", "answered"]


def test_a_stopped_node_leaves_at_once_when_nobody_talks(doomed: Office) -> None:
    doomed.node.terminate()
    assert doomed.node.program.ended(10) == 0


def test_a_200_whose_ack_the_kill_has_lost_is_acknowledged_after_the_restart(
    doomed: Office,
) -> None:
    office, node = doomed, doomed.node
    again = reply(200, "OK", tag="callee", body=sdp(41000), kept=True)
    desk = office.phone(
        DESK, rings(), answers(), told(), again, receive("ACK"), told(), is_hung_up()
    )
    caller = office.caller(ONE_PHONE, answered_call(), told(), call_hangs_up())
    desk.first("ACK")
    caller.first("200 INVITE")

    node.kill_and_restart()

    desk.tell()
    until(lambda: desk.count("ACK") == 2, "a second ACK")
    desk.tell()
    caller.tell()
    caller.succeeded()
    desk.succeeded()


def test_a_call_with_a_tcp_phone_goes_on_over_a_new_connection(home: HomeOffice) -> None:
    kitchen = home.phone("kitchen", "1001", "tcp").registered()
    caller = home.phone("caller", "1002").registered()
    caller.do("dial", "1001")
    kitchen.first("INVITE")
    kitchen.do("accept")
    kitchen.first("ACK")

    home.node.kill_and_restart()

    caller.do("hangup")
    kitchen.first("BYE")
    home.is_idle()
