"""The service from outside: a call's life as the driver sees it."""

from fakes.ringing_phones import ANSWER, OFFER, RingingPhones
from fakes.routers import PlannedRouter, phone, together
from switchroom.foundation.leg import Answer, Cancel, Reject


def three_phones() -> RingingPhones:
    legs = (phone(name, agent_id="alice") for name in ("desk", "soft", "mobile"))
    return RingingPhones(PlannedRouter(together(*legs)))


def test_one_answer_wins_and_the_others_are_completed_elsewhere() -> None:
    phones = three_phones()
    phones.call()
    phones.ring("desk", "soft", "mobile")
    phones.answer("soft")
    phones.end("caller", q850=16)

    assert phones.told == {
        "caller": ["ring", "answer"],
        "desk": ["dial", "cancel"],
        "soft": ["dial", "hang up"],
        "mobile": ["dial", "cancel"],
    }
    assert phones.actions("caller")[1] == Answer("caller", ANSWER)
    assert phones.last("desk") == Cancel(phones.leg_of["desk"], elsewhere=True)
    assert phones.outcomes == {
        "caller": "answered",
        "desk": "elsewhere",
        "soft": "answered",
        "mobile": "elsewhere",
    }
    assert phones.story == [
        "call.created",
        *["leg.dialled"] * 3,
        *["leg.ringing"] * 3,
        "leg.answered",
        "call.answered",
        *["leg.ended"] * 4,
        "call.ended",
    ]
    assert phones.gone == [phones.facts[0].call_id]  # type: ignore[attr-defined]
    assert not phones.service.calls


def test_caller_who_gives_up_leaves_a_missed_call_on_every_phone() -> None:
    phones = three_phones()
    phones.call()
    phones.ring("desk")
    phones.end("caller")
    for name in ("desk", "soft", "mobile"):
        assert phones.last(name) == Cancel(phones.leg_of[name], elsewhere=False)
        assert phones.outcomes[name] == "cancelled"
    assert phones.story[-1] == "call.ended"


def test_all_busy_is_486() -> None:
    phones = three_phones()
    phones.call()
    for name in ("desk", "soft", "mobile"):
        phones.end(name, 486)
    last = phones.last("caller")
    assert isinstance(last, Reject)
    assert (last.cause.status, last.cause.q850) == (486, 17)


def test_nobody_answers_in_time() -> None:
    phones = three_phones()
    phones.call()
    phones.advance(29.9)
    assert "cancel" not in phones.told["desk"]
    phones.advance(1)
    last = phones.last("caller")
    assert isinstance(last, Reject)
    assert (last.cause.status, last.cause.q850) == (480, 19)
    assert phones.outcomes["caller"] == "no_answer"


def test_offer_is_the_callers() -> None:
    phones = three_phones()
    phones.call()
    assert [a.session for a in phones.actions("desk")] == [OFFER]  # type: ignore[attr-defined]
