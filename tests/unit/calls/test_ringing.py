"""A call before its answer: legs, agents, early media, the no-answer target, forwarding."""

from msgspec.structs import replace

from fakes.ringing_phones import OFFER, RingingPhones
from fakes.routers import PlannedRouter, in_turn, phone, together
from switchroom.calls.events import LegDialled
from switchroom.calls.model import MOST_LEGS
from switchroom.calls.plan import Route
from switchroom.foundation.leg import (
    Acknowledge,
    Answer,
    Cause,
    Dial,
    HangUp,
    LegAcknowledged,
    LegAnswered,
    LegProgressed,
    LegRedirected,
    Progress,
    Reject,
)


def rejected_with(phones: RingingPhones) -> tuple[int, int]:
    last = phones.last("caller")
    assert isinstance(last, Reject)
    return last.cause.status, last.cause.q850


def with_no_answer(router: PlannedRouter) -> PlannedRouter:
    assert isinstance(router.planned, Route)
    router.planned = replace(router.planned, no_answer=("group", "sales"))
    router.next_plan = phone("colleague")
    return router


def test_every_leg_carries_the_offer_and_one_hop_less() -> None:
    phones = RingingPhones(PlannedRouter(together(phone("desk"), phone("soft"))))
    phones.call()
    for name in ("desk", "soft"):
        (dial,) = phones.actions(name)
        assert isinstance(dial, Dial)
        assert dial.session == OFFER
        assert dial.max_forwards == 69


def test_caller_hears_once_that_it_rings() -> None:
    phones = RingingPhones(PlannedRouter(together(phone("desk"), phone("soft"))))
    phones.call()
    phones.ring("desk", "soft", "desk")
    assert phones.told["caller"] == ["ring"]
    assert phones.story.count("leg.ringing") == 2


def test_late_offer_is_carried_both_ways() -> None:
    phones = RingingPhones(PlannedRouter(phone("desk")))
    phones.call(offer=None)
    phones.answer("desk", b"offer of the desk phone")
    assert phones.last("caller") == Answer("caller", b"offer of the desk phone")
    phones.feed(LegAcknowledged("caller", b"answer of the caller"))
    assert phones.last("desk") == Acknowledge(phones.leg_of["desk"], b"answer of the caller")


def test_early_media_of_the_only_leg_is_passed() -> None:
    phones = RingingPhones(PlannedRouter(phone("carrier")))
    phones.call()
    phones.feed(LegProgressed(phones.leg_of["carrier"], b"announcement"))
    assert phones.last("caller") == Progress("caller", b"announcement")


def test_early_media_of_one_of_several_only_rings() -> None:
    phones = RingingPhones(PlannedRouter(together(phone("desk"), phone("carrier"))))
    phones.call()
    phones.feed(LegProgressed(phones.leg_of["carrier"], b"announcement"))
    phones.feed(LegProgressed(phones.leg_of["carrier"], b"announcement"))
    assert phones.told["caller"] == ["ring"]


def test_early_media_only_rings_while_a_cancelled_leg_may_still_speak() -> None:
    plan = in_turn(replace(phone("desk"), timeout_s=5.0), phone("carrier"))
    phones = RingingPhones(PlannedRouter(plan))
    phones.obedient = False
    phones.call()
    phones.advance(6)
    phones.feed(LegProgressed(phones.leg_of["carrier"], b"announcement"))
    assert phones.told["caller"] == ["ring"]


def test_early_media_only_rings_while_a_no_answer_target_waits() -> None:
    phones = RingingPhones(with_no_answer(PlannedRouter(phone("carrier"))))
    phones.call()
    phones.feed(LegProgressed(phones.leg_of["carrier"], b"announcement"))
    assert phones.told["caller"] == ["ring"]


def test_no_answer_target_rings_once_and_for_the_same_caller() -> None:
    phones = RingingPhones(with_no_answer(PlannedRouter(phone("desk"), give_up_s=10.0)))
    phones.call()
    phones.ring("desk")
    phones.advance(11)
    assert phones.told == {
        "caller": ["ring"],
        "desk": ["dial", "cancel"],
        "colleague": ["dial"],
    }
    phones.end("colleague", 486)
    assert rejected_with(phones) == (486, 17)
    assert phones.outcomes == {"caller": "busy", "desk": "no_answer", "colleague": "busy"}


def test_late_answer_of_the_first_race_cannot_win_the_second() -> None:
    phones = RingingPhones(with_no_answer(PlannedRouter(phone("desk"), give_up_s=10.0)))
    phones.obedient = False
    phones.call()
    phones.advance(11)
    phones.answer("desk")
    assert phones.last("desk") == HangUp(phones.leg_of["desk"], Cause(0, 16), elsewhere=False)
    phones.answer("colleague")
    assert phones.told["caller"] == ["answer"]


def test_agent_on_another_call_is_not_dialled_and_counts_as_busy() -> None:
    phones = RingingPhones(PlannedRouter(phone("desk", agent_id="alice")))
    phones.call()
    phones.call()
    assert rejected_with(phones) == (486, 17)
    assert phones.told["desk"] == ["dial"]


def test_next_in_line_rings_when_an_agent_is_on_another_call() -> None:
    router = PlannedRouter(
        in_turn(phone("alices", agent_id="alice"), phone("bens", agent_id="ben"))
    )
    phones = RingingPhones(router)
    phones.call()
    phones.call()
    assert phones.told["alices"] == ["dial"]
    assert phones.told["bens"] == ["dial"]


def test_agent_is_never_free_between_two_hosts_of_one_address() -> None:
    router = PlannedRouter(phone("mobile", agent_id="alice", hosts=2))
    phones = RingingPhones(router)
    phones.call()
    phones.end("mobile", 503)
    assert list(router.busy["alice"].values()) == [{phones.leg_of["mobile"]}]
    assert phones.story.count("leg.dialled") == 2
    assert phones.story.count("leg.ended") == 1


def test_forwarding_is_a_failure_unless_the_agent_allows_it() -> None:
    router = PlannedRouter(phone("desk"))
    router.redirected = phone("elsewhere")
    phones = RingingPhones(router)
    phones.call()
    phones.feed(LegRedirected(phones.leg_of["desk"], ("sip:elsewhere@x",), Cause(302)))
    assert rejected_with(phones) == (480, 20)


def test_forwarding_is_followed_where_allowed() -> None:
    router = PlannedRouter(together(replace(phone("desk"), follow_redirects=True), phone("soft")))
    router.redirected = phone("elsewhere")
    phones = RingingPhones(router)
    phones.call()
    phones.feed(LegRedirected(phones.leg_of["desk"], ("sip:elsewhere@x",), Cause(302)))
    phones.answer("elsewhere")
    assert phones.told["soft"] == ["dial", "cancel"]
    assert phones.told["caller"] == ["answer"]
    facts = [fact for fact in phones.facts if isinstance(fact, LegDialled)]
    assert [fact.address for fact in facts] == ["sip:desk", "sip:soft", "sip:elsewhere"]


def test_no_more_than_64_legs_whatever_the_plan() -> None:
    router = PlannedRouter(together(*(phone(f"phone{number}") for number in range(80))))
    phones = RingingPhones(router)
    phones.call()
    assert phones.story.count("leg.dialled") == MOST_LEGS


def test_answer_repeated_connects_once() -> None:
    phones = RingingPhones(PlannedRouter(phone("desk")))
    phones.call()
    phones.answer("desk")
    phones.feed(LegAnswered(phones.leg_of["desk"], b"again"))
    assert phones.told["caller"] == ["answer"]
    assert phones.story.count("leg.answered") == 1
