"""What one party sends inside a call reaches the other, and only then."""

import pytest

from fakes.ringing_phones import RingingPhones
from fakes.routers import PlannedRouter, phone, together
from switchroom.foundation.leg import (
    Acknowledge,
    Ask,
    Carry,
    LegAcknowledged,
    LegAsked,
    LegReplied,
    LegWithdrew,
    Reply,
    SendReply,
    Withdraw,
)

HOLD = Ask("INVITE", "application/sdp", b"a=sendonly")


def connected() -> RingingPhones:
    phones = RingingPhones(PlannedRouter(together(phone("desk"), phone("soft"))))
    phones.call()
    phones.answer("desk")
    return phones


@pytest.mark.parametrize(("asks", "other"), [("caller", "desk"), ("desk", "caller")])
def test_request_of_either_side_is_carried_and_its_answer_goes_back_as_it_is(
    asks: str, other: str
) -> None:
    phones = connected()
    phones.feed(LegAsked(phones.leg_of[asks], "ask1", HOLD))
    assert phones.last(other) == Carry(phones.leg_of[other], "ask1", HOLD)
    phones.feed(LegWithdrew(phones.leg_of[asks], "ask1"))
    assert phones.last(other) == Withdraw(phones.leg_of[other], "ask1")
    glare = Reply(491, "Request Pending")
    phones.feed(LegReplied(phones.leg_of[other], "ask1", glare))
    assert phones.last(asks) == SendReply(phones.leg_of[asks], "ask1", glare)


def test_answer_in_the_ack_of_a_re_invite_is_carried_to_whoever_offered() -> None:
    phones = connected()
    phones.feed(LegAsked(phones.leg_of["caller"], "ask1", Ask("INVITE")))
    phones.feed(LegReplied(phones.leg_of["desk"], "ask1", Reply(200, "OK", "sdp", b"offer")))
    phones.feed(LegAcknowledged(phones.leg_of["caller"], b"answer"))
    assert phones.last("desk") == Acknowledge(phones.leg_of["desk"], b"answer")


@pytest.mark.parametrize(("method", "status"), [("INVITE", 491), ("UPDATE", 491), ("INFO", 500)])
@pytest.mark.parametrize("asks", ["caller", "desk"])
def test_whoever_asks_before_the_answer_is_told_to_try_later(
    method: str, status: int, asks: str
) -> None:
    phones = RingingPhones(PlannedRouter(phone("desk")))
    phones.call()
    phones.feed(LegAsked(phones.leg_of[asks], "ask1", Ask(method)))
    answer = phones.last(asks)
    assert isinstance(answer, SendReply)
    assert answer.reply.status == status


def test_loser_of_the_race_is_no_party() -> None:
    phones = connected()
    phones.obedient = False
    phones.call()
    loser = "soft"
    phones.answer("desk")
    phones.feed(LegAsked(phones.leg_of[loser], "ask1", HOLD))
    answer = phones.last(loser)
    assert isinstance(answer, SendReply)
    assert answer.reply.status == 481


def test_whoever_asks_when_the_other_has_gone_is_told_so() -> None:
    phones = connected()
    phones.obedient = False
    phones.end("caller")
    phones.feed(LegAsked(phones.leg_of["desk"], "ask1", HOLD))
    answer = phones.last("desk")
    assert isinstance(answer, SendReply)
    assert answer.reply.status == 481


def test_reply_that_nobody_waits_for_any_more_goes_nowhere() -> None:
    phones = connected()
    phones.obedient = False
    phones.end("caller")
    before = list(phones.outputs)
    phones.feed(LegReplied(phones.leg_of["desk"], "ask1", Reply(200)))
    assert phones.outputs == before
