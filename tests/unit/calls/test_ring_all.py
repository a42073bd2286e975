"""The race: one test for each rule that the exhaustive exploration cannot name."""

from msgspec.structs import replace

from fakes.routers import in_turn, phone, together
from switchroom.calls.plan import BUSY, LegPlan, Plan
from switchroom.calls.race import (
    Action,
    Cancel,
    Confirmed,
    Connect,
    Ended,
    GiveUp,
    HangUp,
    Input,
    PickedUp,
    Race,
    Rang,
    Redirected,
    Start,
    Tick,
)
from switchroom.calls.ring_all import CONFIRM_S, deadline, is_alone, leg_of, start, step
from switchroom.foundation.leg import Cause

NO_REPLY = Cause(408)


def begun(plan: Plan, *, give_up_s: float = 30.0) -> tuple[Race, list[Action]]:
    return start(plan, 0.0, give_up_s)


def after(plan: Plan, *events: Input) -> tuple[Race, list[Action]]:
    """The race after these events, and what the last one caused."""
    race, actions = begun(plan)
    for event in events:
        race, actions = step(race, event)
    return race, actions


def test_all_legs_start_at_once() -> None:
    _, actions = begun(together(phone("a"), together(phone("b"), phone("c"))))
    assert actions == [Start((1, 0)), Start((3, 0)), Start((4, 0))]


def test_delayed_leg_starts_when_its_time_has_come() -> None:
    race, actions = begun(together(phone("a"), phone("b", delay_s=2.0)))
    assert actions == [Start((1, 0))]
    assert deadline(race) == 2.0
    race, actions = step(race, Tick(1.99))
    assert not actions
    race, actions = step(race, Tick(2.0))
    assert actions == [Start((2, 0))]
    assert deadline(race) == 30.0


def test_answer_wins_over_legs_nested_anywhere() -> None:
    plan = together(together(phone("a"), in_turn(phone("b"), phone("c"))), phone("d", delay_s=9))
    _, actions = after(plan, PickedUp((4, 0), 1.0))
    assert actions == [Connect((4, 0)), Cancel((2, 0), elsewhere=True)]


def test_second_answer_that_crosses_our_cancel_is_hung_up_as_elsewhere() -> None:
    plan = together(phone("a"), phone("b"))
    _, actions = after(plan, PickedUp((1, 0), 1.0), PickedUp((2, 0), 1.0))
    assert actions == [HangUp((2, 0), elsewhere=True)]


def test_next_in_line_starts_when_the_one_before_has_had_its_time() -> None:
    plan = in_turn(replace(phone("a"), timeout_s=8.0), phone("b"))
    _, actions = after(plan, Tick(8.0))
    assert actions == [Cancel((1, 0), elsewhere=False), Start((2, 0))]


def test_group_timeout_stops_only_what_is_in_the_group() -> None:
    plan = together(together(phone("a"), phone("b"), timeout_s=5.0), phone("c"))
    race, actions = after(plan, Tick(5.0))
    assert actions == [Cancel((2, 0), elsewhere=False), Cancel((3, 0), elsewhere=False)]
    assert deadline(race) == 30.0


def test_failing_leg_delays_and_stops_nobody() -> None:
    _, actions = after(together(phone("a"), phone("b")), Ended((1, 0), NO_REPLY, 1.0))
    assert not actions


def test_busy_host_is_failed_over_to_the_next_as_a_leg_of_its_own() -> None:
    plan = phone("a", hosts=2)
    race, actions = after(plan, Ended((0, 0), Cause(503), 1.0, try_next=True))
    assert actions == [Start((0, 1))]
    assert leg_of(race, (0, 1)) is plan


def test_what_has_rung_is_not_failed_over() -> None:
    race, actions = after(
        phone("a", hosts=2), Rang((0, 0)), Ended((0, 0), Cause(503), 1.0, try_next=True)
    )
    assert race.state == "over"
    assert [type(action) for action in actions] == [GiveUp]


def test_timeout_of_an_address_counts_over_all_its_hosts() -> None:
    plan = replace(phone("a", hosts=2), timeout_s=10.0)
    race, _ = after(plan, Ended((0, 0), Cause(503), 9.0, try_next=True))
    assert deadline(race) == 10.0


def test_others_ring_on_while_one_confirms_and_an_answer_there_wins() -> None:
    plan = together(replace(phone("mobile"), confirm=True), phone("desk"))
    race, actions = after(plan, PickedUp((1, 0), 1.0))
    assert not actions
    race, actions = step(race, PickedUp((2, 0), 2.0))
    assert actions == [Connect((2, 0)), HangUp((1, 0), elsewhere=True)]
    assert step(race, Confirmed((1, 0))) == (race, [])


def test_confirmed_answer_wins() -> None:
    plan = together(replace(phone("mobile"), confirm=True), phone("desk"))
    _, actions = after(plan, PickedUp((1, 0), 1.0), Confirmed((1, 0)))
    assert actions == [Connect((1, 0)), Cancel((2, 0), elsewhere=True)]


def test_voicemail_that_never_confirms_is_hung_up_and_the_others_ring_on() -> None:
    plan = together(replace(phone("mobile"), confirm=True, timeout_s=5.0), phone("desk"))
    race, _ = after(plan, PickedUp((1, 0), 1.0))
    assert deadline(race) == 1.0 + CONFIRM_S
    race, actions = step(race, Tick(1.0 + CONFIRM_S))
    assert actions == [HangUp((1, 0), elsewhere=False)]
    assert race.state == "ringing"


def test_agent_who_is_not_free_counts_as_busy() -> None:
    race, actions = begun(LegPlan("agent:alice", if_none=BUSY))
    assert actions == [GiveUp(BUSY)]
    assert deadline(race) is None


def test_redirected_leg_keeps_the_timeout_of_its_address() -> None:
    plan = together(replace(phone("a"), timeout_s=10.0), phone("b"))
    race, actions = after(plan, Redirected((1, 0), phone("elsewhere"), 4.0))
    assert actions == [Start((3, 0))]
    race, actions = step(race, Tick(10.0))
    assert actions == [Cancel((3, 0), elsewhere=False)]


def test_late_tick_stops_everything_and_dials_nobody() -> None:
    plan = together(phone("a"), phone("b", delay_s=2.0))
    _, actions = after(plan, Tick(99.0))
    assert [type(action) for action in actions] == [Cancel, GiveUp]


def test_unknown_branches_change_nothing() -> None:
    race, _ = begun(phone("a"))
    for branch in ((5, 0), (0, 7), (-1, 0)):
        assert step(race, PickedUp(branch, 1.0)) == (race, [])


def test_hundreds_of_unreachable_members_are_passed_over() -> None:
    plan = in_turn(*[LegPlan("extension:1")] * 1000, phone("a"))
    _, actions = begun(plan)
    assert actions == [Start((1001, 0))]


def test_alone_is_who_rings_and_to_whom_nobody_can_be_added() -> None:
    def alone(plan: Plan, *events: Input) -> bool:
        return is_alone(after(plan, *events)[0])

    assert alone(phone("a"))
    assert alone(together(phone("a"), LegPlan("extension:1")))
    assert alone(together(phone("a"), phone("b")), Ended((1, 0), NO_REPLY, 1.0))
    assert not alone(together(phone("a"), phone("b")))
    assert not alone(together(phone("a"), phone("b", delay_s=1.0)))
    assert not alone(in_turn(phone("a"), phone("b")))
    assert not alone(phone("a", hosts=2))
    assert alone(phone("a", hosts=2), Ended((0, 0), NO_REPLY, 1.0, try_next=True))
    assert not alone(replace(phone("a"), follow_redirects=True))
