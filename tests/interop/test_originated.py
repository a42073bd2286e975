"""Calls that a command begins, with phones that read every offer and answer: baresip and SIPp."""

import re

from interop.baresip import Baresip
from interop.home_office import HomeOffice
from interop.node import HOST
from interop.programs import needs, until
from interop.sipp import Seen
from interop.sipp_scenario import answers, is_hung_up, receive, reply, rings, sdp, told

pytestmark = needs("baresip", "sipp", "stdbuf")

FOREIGN = "+12025550177"
ELSEWHERE = ["SIP;cause=200", "Q.850;cause=26"]


def audio(message: Seen) -> str:
    """Port of the audio stream."""
    found = re.search(r"^m=audio (\d+) ", message.body, re.MULTILINE)
    assert found, message.body
    return found[1]


def sent(phone: Baresip, label: str, number: int = 1) -> Seen:
    """Something that the phone has sent."""

    def all_sent() -> list[Seen]:
        return [message for message in phone.seen if message.sent and message.label == label]

    until(lambda: len(all_sent()) >= number, f"{phone.name} sends {label} ({number})")
    return all_sent()[number - 1]


def test_click_to_call_over_a_carrier(home: HomeOffice) -> None:
    takes_hold = receive("INVITE") + reply(200, "OK", body=sdp(41000, "recvonly", 2), again_ms=500)
    carrier = home.outside(rings(), told(), answers(), takes_hold, receive("ACK"), is_hung_up())
    kitchen = home.phone("kitchen", "1001").registered()
    study = home.phone("study", "1001", "tcp").registered()
    desk = home.desk()

    call_id = home.node.ask("calls", "create", "alice", "--to", FOREIGN).strip()
    for phone in (kitchen, study, desk):
        invite = phone.first("INVITE")
        assert invite.one("Content-Length") == "0"
        assert FOREIGN in invite.one("From")
    assert not carrier.labels
    study.do("accept")
    held = study.first("ACK")
    assert audio(held) == "9"
    assert "a=inactive" in held.body
    for loser in (kitchen, desk):
        assert loser.first("CANCEL").reasons == ELSEWHERE
    dialled = carrier.first("INVITE")
    assert dialled.one("Content-Length") == "0"
    assert f"sip:{FOREIGN}@" in dialled.start
    carrier.tell()

    offered = study.first("INVITE", 2)
    assert audio(offered) == "41000"
    answered = sent(study, "200 INVITE", 2)
    acknowledged = carrier.first("ACK")
    assert audio(acknowledged) == audio(answered)
    assert "a=sendrecv" in acknowledged.body
    until(lambda: [call.state for call in home.node.status.calls] == ["connected"], "connected")
    study.do("hold")
    carrier.gets("INVITE", 2)
    assert "a=sendonly" in [m for m in carrier.received if m.label == "INVITE"][1].body
    study.first("200 INVITE")
    carrier.gets("ACK", 2)
    study.do("hangup")
    carrier.succeeded()
    home.is_idle()

    tells_the_whole_story(home, call_id)


def tells_the_whole_story(home: HomeOffice, call_id: str) -> None:
    """The record of Alice's call, and what is shown of it."""
    (record,) = home.node.all_ended(1)
    assert record.call_id == call_id
    assert (record.outcome, record.direction, record.ended_by) == ("answered", "out", "caller")
    assert (record.caller, record.called) == ("201", FOREIGN)
    assert record.caller_agent_id
    outcomes = sorted((leg.role, leg.outcome) for leg in record.legs)
    assert outcomes == [
        ("callee", "answered"),
        ("callee", "elsewhere"),
        ("callee", "elsewhere"),
        ("caller", "answered"),
    ]
    shown = home.node.ask("calls", "show", call_id, "--sip")
    assert "over: answered" in shown
    assert "call answered, ended by caller" in shown


def test_two_phones_talk_and_a_restart_does_not_part_them(home: HomeOffice) -> None:
    kitchen = home.phone("kitchen", "1001").registered()
    other = home.phone("other", "1002").registered()
    home.node.ask("calls", "create", "extension:1001", "--to", "1002")
    kitchen.first("INVITE")
    kitchen.do("accept")
    assert '"Alice" <sip:201@' in other.first("INVITE").one("From")
    other.do("accept")
    offer, answer = sent(other, "200 INVITE"), sent(kitchen, "200 INVITE", 2)
    assert audio(kitchen.first("INVITE", 2)) == audio(offer)
    assert audio(other.first("ACK")) == audio(answer)
    until(lambda: [call.state for call in home.node.status.calls] == ["connected"], "connected")

    home.node.kill_and_restart()
    assert [call.state for call in home.node.status.calls] == ["connected"]
    other.do("hold")
    assert "a=sendonly" in kitchen.first("INVITE", 3).body
    other.first("200 INVITE")
    other.do("resume")
    assert "a=sendrecv" in kitchen.first("INVITE", 4).body
    other.first("200 INVITE", 2)
    kitchen.do("hangup")
    other.first("BYE")
    home.is_idle()
    assert home.node.all_ended(1)[0].outcome == "answered"


def test_whoever_answers_is_parked_until_somebody_hangs_up(home: HomeOffice) -> None:
    kitchen = home.phone("kitchen", "1001").registered()
    other = home.phone("other", "1002").registered()
    call_id = home.node.ask("calls", "create", "extension:1001", "extension:1002").strip()
    kitchen.first("INVITE")
    other.first("INVITE")
    other.do("accept")
    assert "a=inactive" in other.first("ACK").body
    assert kitchen.first("CANCEL").reasons == ELSEWHERE
    other.do("hold")
    assert "a=inactive" in other.first("200 INVITE").body
    other.do("resume")
    assert "a=inactive" in other.first("200 INVITE", 2).body
    home.node.ask("calls", "hang-up", call_id)
    other.first("BYE")
    home.is_idle()
    (record,) = home.node.all_ended(1)
    assert (record.outcome, record.called, record.ended_by) == ("answered", "park", "system")


def test_the_agent_hangs_up_while_the_destination_rings(home: HomeOffice) -> None:
    kitchen = home.phone("kitchen", "1001").registered()
    other = home.phone("other", "1002").registered()
    home.node.ask("calls", "create", "extension:1001", "--to", "extension:1002")
    kitchen.first("INVITE")
    kitchen.do("accept")
    other.first("INVITE")
    kitchen.do("hangup")
    assert not set(other.first("CANCEL").reasons) & set(ELSEWHERE)
    home.is_idle()
    assert home.node.all_ended(1)[0].outcome == "abandoned"


def test_the_destination_declines_and_the_agent_learns_why(home: HomeOffice) -> None:
    kitchen = home.phone("kitchen", "1001").registered()
    other = home.phone("other", "1002").registered()
    home.node.ask("calls", "create", "extension:1001", "--to", "extension:1002")
    kitchen.first("INVITE")
    kitchen.do("accept")
    other.first("INVITE")
    other.do("hangup")
    bye = kitchen.first("BYE")
    assert "Q.850;cause=17" in bye.reasons
    home.is_idle()
    assert home.node.all_ended(1)[0].outcome == "busy"
    assert HOST in bye.one("Via")
