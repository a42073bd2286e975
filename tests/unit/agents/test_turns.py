"""Everybody in a linear list has a turn."""

import pytest

from fakes.routers import phone
from switchroom.agents.turns import in_turns
from switchroom.calls.plan import GroupPlan, LegPlan, Plan


def turns(*members: Plan, total_s: float) -> list[float | None]:
    plan = in_turns(GroupPlan("linear", members, total_s), 180.0)
    assert isinstance(plan, GroupPlan)
    return [member.timeout_s for member in plan.members]


def alice(ring_timeout_s: float = 30.0) -> GroupPlan:
    return GroupPlan("ring_all", (phone("desk"), phone("mobile", delay_s=2.0)), ring_timeout_s)


@pytest.mark.parametrize(
    ("phones", "total_s", "expected"),
    [
        (1, 30.0, [None]),
        (2, 30.0, [15.0, None]),
        (3, 30.0, [10.0, 10.0, None]),
        (3, 90.0, [15.0, 15.0, None]),
        (9, 30.0, [5.0] * 8 + [None]),
    ],
)
def test_the_time_is_shared_and_the_last_has_the_rest(
    phones: int, total_s: float, expected: list[float | None]
) -> None:
    members = [phone(str(number)) for number in range(phones)]
    assert turns(*members, total_s=total_s) == expected


def test_a_configured_time_counts_and_the_others_share_the_rest() -> None:
    own = LegPlan("own", phone("own").attempts, timeout_s=20.0)
    both = GroupPlan("ring_all", (own, own))
    assert turns(own, phone("first"), phone("second"), total_s=30.0) == [20.0, 5.0, None]
    assert turns(both, phone("first"), phone("second"), total_s=30.0) == [None, 5.0, None]


def test_agents_ring_for_their_own_time_if_it_fits() -> None:
    assert turns(alice(20.0), alice(), total_s=60.0) == [20.0, 30.0]
    assert turns(alice(), alice(), total_s=30.0) == [15.0, 30.0]


def test_a_list_in_a_list_has_the_time_of_its_turn() -> None:
    ben = GroupPlan("linear", (phone("home"), phone("mobile")), 30.0)
    for members in ((ben, phone("last")), (phone("first"), ben)):
        plan = in_turns(GroupPlan("ring_all", (GroupPlan("linear", members, 60.0),)), 20.0)
        assert leaf(plan, "home").timeout_s == 5.0
        assert leaf(plan, "mobile").timeout_s is None


def test_who_cannot_be_rung_takes_no_time() -> None:
    nobody = LegPlan("extension:1009")
    members = (nobody, phone("desk"), GroupPlan("linear", (nobody,)))
    assert turns(*members, total_s=30.0) == [None, None, None]


def test_a_delay_comes_before_the_turn() -> None:
    late = GroupPlan("ring_all", (phone("a", delay_s=20.0), phone("b", delay_s=20.0)))
    last = phone("last")
    assert turns(phone("late", delay_s=20.0), last, total_s=60.0) == [15.0, None]
    assert turns(late, last, total_s=60.0) == [35.0, None]


def leaf(plan: Plan, name: str) -> LegPlan:
    """The phone of this name, which must be in the plan once."""
    (found,) = [leg for leg in _leaves(plan) if leg.address == phone(name).address]
    return found


def _leaves(plan: Plan) -> list[LegPlan]:
    if isinstance(plan, LegPlan):
        return [plan]
    return [leg for member in plan.members for leg in _leaves(member)]
