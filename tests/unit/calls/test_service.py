"""The service from outside: a call's life as the driver sees it."""

from msgspec.structs import replace

from fakes.ids import CountingIds
from fakes.ringing_phones import ANSWER, OFFER, RingingPhones
from fakes.routers import PlannedRouter, in_turn, phone, together
from switchroom.calls.beginning import RETRY_AFTER_S
from switchroom.calls.events import CallRefused
from switchroom.calls.plan import Order, Party, Refusal
from switchroom.calls.service import DRAINING, FULL, CallService, Originated
from switchroom.foundation.leg import (
    Answer,
    Ask,
    Cancel,
    Cause,
    Identity,
    LegAnswered,
    LegArrived,
    LegAsked,
    LegEnded,
    LegRinging,
    Origin,
    Reject,
)


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


def refused_with(phones: RingingPhones) -> tuple[int, int]:
    last = phones.last("caller")
    assert isinstance(last, Reject)
    return last.cause.status, last.retry_after_s


def test_full_node_refuses_and_says_when_to_come_back() -> None:
    phones = RingingPhones(PlannedRouter(phone("desk")))
    phones.service = CallService(
        PlannedRouter(phone("desk")), CountingIds(), phones.clock.utc_offset, most_calls=1
    )
    phones.call()
    phones.call()
    assert refused_with(phones) == (503, RETRY_AFTER_S)
    assert phones.story[-1] == "call.refused"
    assert len(phones.service.calls) == 1


def test_draining_node_refuses_new_calls_and_keeps_those_it_has() -> None:
    phones = RingingPhones(PlannedRouter(phone("desk")))
    phones.call()
    phones.do(phones.service.drain(phones.clock.now))
    phones.answer("desk")
    phones.call()
    assert refused_with(phones) == (503, RETRY_AFTER_S)
    assert phones.told["desk"] == ["dial"]


def test_refused_call_is_told_why_and_leaves_nothing_behind() -> None:
    router = PlannedRouter(phone("desk"))
    router.planned = Refusal(Cause(404, 1, "No such number"), client_id="zeta")
    phones = RingingPhones(router)
    phones.call()
    assert phones.actions("caller") == [Reject("caller", Cause(404, 1, "No such number"))]
    (fact,) = phones.facts
    assert isinstance(fact, CallRefused)
    assert fact.client_id == "zeta"
    assert (fact.status, fact.text, fact.source) == (404, "No such number", "udp:192.0.2.9:5060")
    assert not phones.service.calls


def test_call_that_has_hopped_too_often_is_refused() -> None:
    phones = RingingPhones(PlannedRouter(phone("desk")))
    phones.name_of["caller"] = "caller"
    origin = Origin("trunk", "carrier", "acme")
    phones.feed(
        LegArrived("caller", origin, "1", "h", Identity("2"), None, 0, ("udp", "192.0.2.9", 5060))
    )
    assert refused_with(phones) == (483, 0)


def test_events_of_unknown_legs_change_nothing() -> None:
    phones = three_phones()
    phones.call()
    before = list(phones.outputs)
    for event in (
        LegRinging("x"),
        LegAnswered("x", None),
        LegEnded("x", Cause(), "peer"),
        LegAsked("x", "ask", Ask("INFO")),
    ):
        phones.feed(event)
    assert phones.outputs == before


def test_same_arrival_twice_is_one_call() -> None:
    phones = three_phones()
    phones.call()
    before = list(phones.outputs)
    origin = Origin("trunk", "carrier", "acme")
    phones.feed(
        LegArrived("caller", origin, "1", "h", Identity("2"), None, 9, ("udp", "192.0.2.9", 5060))
    )
    assert phones.outputs == before


def test_call_that_is_over_wakes_nobody() -> None:
    phones = three_phones()
    phones.call()
    phones.end("caller")
    before = list(phones.outputs)
    phones.advance(100)
    assert phones.outputs == before
    assert phones.service.deadline() is None


def test_earlier_deadline_after_a_later_one_is_not_overslept() -> None:
    plan = in_turn(phone("desk"), replace(phone("soft"), timeout_s=3.0), phone("mobile"))
    phones = RingingPhones(PlannedRouter(plan))
    phones.call()
    phones.advance(5.0)
    phones.end("desk", 486)
    phones.advance(2.9)
    assert phones.told["soft"] == ["dial"]
    phones.advance(0.2)
    assert phones.told["soft"] == ["dial", "cancel"]
    assert phones.told["mobile"] == ["dial"]


def test_reconciling_ends_legs_that_no_longer_exist() -> None:
    phones = three_phones()
    phones.call()
    phones.answer("desk")
    live = set(phones.live)
    phones.do(phones.service.reconcile(live, phones.clock.now))
    assert len(phones.service.calls) == 1
    phones.do(phones.service.reconcile({phones.leg_of["desk"]}, phones.clock.now))
    assert phones.told["desk"] == ["dial", "hang up"]
    assert not phones.service.calls


def test_full_or_draining_node_begins_no_call_either() -> None:
    wanted = Order("acme", (Party("agent", "alice"),))
    service = CallService(PlannedRouter(phone("desk")), CountingIds(), lambda: 0.0, most_calls=1)
    begun = service.originate(wanted, 1.0)
    assert isinstance(begun, Originated)
    assert begun.call_id in service.calls
    assert service.originate(wanted, 1.0) == Refusal(FULL, "acme")
    service.drain(2.0)
    assert service.originate(wanted, 2.0) == Refusal(DRAINING, "acme")
