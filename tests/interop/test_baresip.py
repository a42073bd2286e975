"""Three baresip phones are one agent's addresses; a fourth, or a carrier, calls."""

import pytest

from interop.baresip import Baresip
from interop.home_office import HomeOffice
from interop.node import HOST
from interop.programs import needs, until
from interop.sipp_scenario import answered_call, receive, reply

pytestmark = needs("baresip", "sipp", "stdbuf")

ELSEWHERE = ["SIP;cause=200", "Q.850;cause=26"]


def three_phones(home: HomeOffice) -> tuple[Baresip, Baresip, Baresip]:
    """Two contacts of Alice's extension, one of them over TCP, and her desk phone."""
    kitchen = home.phone("kitchen", "1001").registered()
    study = home.phone("study", "1001", "tcp").registered()
    return kitchen, study, home.desk()


def all_ring(phones: tuple[Baresip, ...], number: int = 1) -> None:
    for phone in phones:
        phone.first("INVITE", number)


def test_one_of_three_phones_answers_and_either_side_hangs_up(home: HomeOffice) -> None:
    kitchen, study, desk = three_phones(home)
    caller = home.phone("caller", "1002").registered()
    contacts = {known.source.partition(":")[0] for known in home.node.status.registrations}
    assert contacts == {"udp", "tcp"}

    caller.do("dial", "201")
    all_ring((kitchen, study, desk))
    study.do("accept")
    study.first("ACK")
    caller.first("200 INVITE")
    for loser in (kitchen, desk):
        assert loser.first("CANCEL").reasons == ELSEWHERE
        assert "BYE" not in loser.labels
    study.do("hangup")
    caller.first("BYE")
    home.is_idle()

    caller.do("dial", "201")
    all_ring((kitchen, study, desk), 2)
    desk.do("accept")
    caller.first("200 INVITE", 2)
    desk.first("ACK")
    for loser in (kitchen, study):
        number = 2 if loser is kitchen else 1
        assert loser.first("CANCEL", number).reasons == ELSEWHERE
    caller.do("hangup")
    desk.first("BYE")
    home.is_idle()

    records = home.node.all_ended(2)
    assert [(record.outcome, record.direction) for record in records] == [
        ("answered", "internal"),
        ("answered", "internal"),
    ]
    outcomes = sorted(leg.outcome for leg in records[0].legs if leg.role == "callee")
    assert outcomes == ["answered", "elsewhere", "elsewhere"]
    assert [record.ended_by for record in records] == ["caller", "callee"]


def test_hold_and_resume(home: HomeOffice) -> None:
    kitchen = home.phone("kitchen", "1001", "tcp").registered()
    caller = home.phone("caller", "1002").registered()
    caller.do("dial", "1001")
    kitchen.first("INVITE")
    kitchen.do("accept")
    kitchen.first("ACK")
    caller.first("200 INVITE")

    caller.do("hold")
    assert "a=sendonly" in kitchen.first("INVITE", 2).body
    assert "a=recvonly" in caller.first("200 INVITE", 2).body
    caller.do("resume")
    assert "a=sendrecv" in kitchen.first("INVITE", 3).body
    caller.first("200 INVITE", 3)
    kitchen.first("ACK", 3)
    kitchen.do("hold")
    assert "a=sendonly" in caller.first("INVITE").body
    kitchen.first("200 INVITE")
    caller.do("hangup")
    kitchen.first("BYE")
    home.is_idle()


def test_a_call_to_the_number_rings_the_agent(home: HomeOffice) -> None:
    kitchen, study, desk = three_phones(home)
    caller = home.caller(answered_call(), receive("BYE"), reply(200, "OK"))
    all_ring((kitchen, study, desk))
    assert "+12025550199" in kitchen.first("INVITE").one("From")
    kitchen.do("accept")
    kitchen.first("ACK")
    study.first("CANCEL")
    desk.first("CANCEL")
    kitchen.do("hangup")
    caller.succeeded()
    record = home.node.ended_record(caller.call_ids[0])
    assert (record.outcome, record.ended_by, record.direction) == ("answered", "callee", "in")


def test_the_caller_gives_up_and_each_phone_has_missed_a_call(home: HomeOffice) -> None:
    phones = three_phones(home)
    caller = home.phone("caller", "1002").registered()
    caller.do("dial", "sip:alice@acme.example")
    all_ring(phones)
    caller.first("180 INVITE")
    caller.do("hangup")
    caller.first("487 INVITE")
    for phone in phones:
        assert not set(phone.first("CANCEL").reasons) & set(ELSEWHERE)
    home.is_idle()
    assert home.node.all_ended(1)[0].outcome == "abandoned"


def test_one_phone_declines_and_the_others_ring_on(home: HomeOffice) -> None:
    kitchen, study, desk = three_phones(home)
    caller = home.phone("caller", "1002").registered()
    caller.do("dial", "201")
    all_ring((kitchen, study, desk))
    kitchen.do("hangup")
    kitchen.first("ACK")
    desk.do("accept")
    caller.first("200 INVITE")
    assert study.first("CANCEL").reasons == ELSEWHERE
    assert kitchen.labels.count("CANCEL") == 0
    desk.do("hangup")
    caller.first("BYE")
    home.is_idle()


@pytest.mark.parametrize("user", ["1003", "1999"], ids=["wrong password", "unknown extension"])
def test_a_phone_that_does_not_know_the_password_is_banned(home: HomeOffice, user: str) -> None:
    """baresip tries again at once and without end; both kinds of phones see the same."""
    phone = home.phone("phone", user, password="guessed")
    until(lambda: home.node.status.bans, "a ban")
    assert phone.labels == ["401 REGISTER"] * 6
    assert all("stale" not in m.one("WWW-Authenticate") for m in phone.seen)
    status = home.node.status
    assert status.registrations == ()
    assert [ban.source for ban in status.bans] == [HOST]
    assert {refusal.source.partition(":")[0] for refusal in status.refusals} <= {HOST, "udp"}
