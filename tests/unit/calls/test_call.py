"""How a call ends, for each of those in it."""

import pytest
from msgspec.structs import replace

from fakes.ringing_phones import RingingPhones
from fakes.routers import PlannedRouter, phone, together
from switchroom.calls.events import CallConnected, CallEnded
from switchroom.calls.model import Ender
from switchroom.foundation.leg import Cancel, Cause, HangUp, LegEnded, Reject


def two_phones() -> RingingPhones:
    phones = RingingPhones(PlannedRouter(together(phone("desk"), phone("soft"))))
    phones.call()
    return phones


def ended(phones: RingingPhones) -> CallEnded:
    fact = phones.facts[-1]
    assert isinstance(fact, CallEnded)
    return fact


@pytest.mark.parametrize(
    ("who", "other", "by"), [("caller", "desk", "caller"), ("desk", "caller", "callee")]
)
def test_either_sides_end_ends_the_other_with_its_cause(who: str, other: str, by: str) -> None:
    phones = two_phones()
    phones.advance(2.0)
    phones.answer("desk")
    phones.advance(60.0)
    cause = Cause(0, 31, "Bad line")
    phones.feed(LegEnded(phones.leg_of[who], cause, "peer"))
    phones.live.discard(phones.leg_of[who])
    assert phones.last(other) == HangUp(phones.leg_of[other], cause)
    fact = ended(phones)
    assert (fact.status, fact.q850, fact.text, fact.by) == (200, 31, "Bad line", by)
    assert fact.talked_s == pytest.approx(60.0)


def test_waiting_and_moments_are_told_in_seconds() -> None:
    phones = two_phones()
    phones.advance(2.5)
    phones.answer("desk")
    (fact,) = [fact for fact in phones.facts if isinstance(fact, CallConnected)]
    assert fact.waited_s == pytest.approx(2.5)
    assert fact.at == phones.clock.now + phones.clock.EPOCH


def test_winner_who_hangs_up_at_once_ends_the_call_for_the_caller() -> None:
    phones = two_phones()
    phones.obedient = False
    phones.answer("desk")
    phones.end("desk", q850=16)
    assert phones.told["caller"] == ["answer", "hang up"]
    assert phones.told["soft"] == ["dial", "cancel"]
    phones.settle()
    assert ended(phones).by == "callee"


def test_call_is_there_until_its_last_leg_has_ended() -> None:
    phones = two_phones()
    phones.obedient = False
    phones.answer("desk")
    phones.end("caller")
    phones.end("desk")
    assert len(phones.service.calls) == 1
    assert "call.ended" not in phones.story
    phones.settle()
    assert not phones.service.calls
    assert phones.story[-1] == "call.ended"


def test_caller_who_gives_up_is_on_record_with_487() -> None:
    phones = two_phones()
    phones.end("caller")
    fact = ended(phones)
    assert (fact.status, fact.by, fact.talked_s) == (487, "caller", 0.0)


def test_answer_that_crosses_the_callers_hanging_up_is_ended_as_a_missed_call() -> None:
    phones = two_phones()
    phones.obedient = False
    phones.end("caller")
    phones.answer("desk")
    assert phones.last("desk") == HangUp(phones.leg_of["desk"], Cause(0, 16), elsewhere=False)
    phones.settle()
    assert phones.outcomes["desk"] == "cancelled"


def test_hanging_up_by_hand_ends_a_ringing_call_on_all_sides() -> None:
    phones = two_phones()
    (call_id,) = phones.service.calls
    phones.do(phones.service.hang_up(call_id, Cause(0, 16, "Ended by hand"), phones.clock.now))
    assert phones.actions("caller") == [Reject("caller", Cause(480, 16, "Ended by hand"))]
    assert phones.last("desk") == Cancel(phones.leg_of["desk"], elsewhere=False)
    assert ended(phones).by == "system"


def test_hanging_up_by_hand_ends_an_answered_call_on_both_sides() -> None:
    phones = two_phones()
    phones.answer("desk")
    (call_id,) = phones.service.calls
    phones.do(phones.service.hang_up(call_id, Cause(0, 16, "Ended by hand"), phones.clock.now))
    assert phones.told["caller"][-1] == "hang up"
    assert phones.told["desk"][-1] == "hang up"
    assert (ended(phones).status, ended(phones).by) == (200, "system")


@pytest.mark.parametrize(
    ("agent_id", "by"), [("agent-caller", "caller"), ("agent-desk", "callee"), ("other", "system")]
)
@pytest.mark.parametrize("is_answered", [False, True])
def test_an_agent_who_hangs_up_by_hand_is_on_record_and_not_told_to_the_phones(
    agent_id: str, by: str, is_answered: bool
) -> None:
    desk = replace(phone("desk"), agent_id="agent-desk")
    phones = RingingPhones(PlannedRouter(together(desk), agent_id="agent-caller"))
    phones.call()
    if is_answered:
        phones.answer("desk")
    (call_id,) = phones.service.calls
    cause, ender = Cause(0, 16, "Hung up by agent"), Ender(agent_id, "Hung up by cleo")
    phones.do(phones.service.hang_up(call_id, cause, phones.clock.now, ender))
    told = phones.last("caller")
    assert isinstance(told, HangUp if is_answered else Reject)
    assert told.cause.text == "Hung up by agent"
    assert (ended(phones).by, ended(phones).text) == (by, "Hung up by cleo")


def confirming() -> RingingPhones:
    mobile = replace(phone("mobile"), confirm=True)
    phones = RingingPhones(PlannedRouter(together(mobile, phone("desk"))))
    phones.call()
    phones.answer("mobile", b"answer of the mobile")
    assert phones.told.get("caller") is None
    return phones


def test_confirmed_answer_connects_with_what_it_answered() -> None:
    phones = confirming()
    leg_id = phones.leg_of["mobile"]
    phones.do(phones.service.confirm(leg_id, phones.clock.now, accepted=True))
    assert phones.told["caller"] == ["answer"]
    assert phones.told["desk"] == ["dial", "cancel"]


def test_declined_answer_is_refused_and_the_others_ring_on() -> None:
    phones = confirming()
    leg_id = phones.leg_of["mobile"]
    phones.do(phones.service.confirm(leg_id, phones.clock.now, accepted=False))
    assert phones.outcomes == {"mobile": "refused"}
    phones.answer("desk")
    assert phones.told["caller"] == ["answer"]


def test_late_confirmation_changes_nothing() -> None:
    phones = confirming()
    leg_id = phones.leg_of["mobile"]
    phones.obedient = False
    phones.answer("desk")
    told = phones.told
    assert told["mobile"] == ["dial", "hang up"]
    phones.do(phones.service.confirm(leg_id, phones.clock.now, accepted=True))
    assert phones.told == told
