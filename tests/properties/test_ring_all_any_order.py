"""Longer races than can be explored: any plan, any input, in any order."""

from typing import Literal

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from fakes.race_world import GIVE_UP_S, World, after, before, check
from fakes.routers import phone
from switchroom.calls.plan import GroupPlan, LegPlan, Plan
from switchroom.calls.race import (
    Branch,
    CallerGone,
    Confirmed,
    Declined,
    Ended,
    Input,
    PickedUp,
    Race,
    Rang,
    Redirected,
    Tick,
)
from switchroom.calls.ring_all import start, step
from switchroom.foundation.leg import Cause

SECONDS = st.sampled_from([0.0, 1.0, 3.0, 12.0])
TIMEOUTS = st.sampled_from([None, None, 2.0, 8.0])


@st.composite
def legs(draw: st.DrawFn) -> LegPlan:
    leg = phone("any", delay_s=draw(SECONDS), hosts=draw(st.integers(0, 3)))
    return replace(leg, timeout_s=draw(TIMEOUTS), confirm=draw(st.booleans()))


def groups(members: st.SearchStrategy[Plan]) -> st.SearchStrategy[Plan]:
    method = st.sampled_from(["ring_all", "linear"])
    several = st.lists(members, max_size=5).map(tuple)
    return st.builds(GroupPlan, method, several, TIMEOUTS, SECONDS)


PLANS: st.SearchStrategy[Plan] = st.recursive(legs(), groups, max_leaves=12)
What = Literal["rang", "answered", "confirmed", "declined", "busy", "down", "moved", "gone", "time"]
WHAT: list[What] = ["rang", "answered", "confirmed", "declined", "busy", "down", "moved", "time"]


def event(what: What, branch: Branch, world: World, race: Race, to: Plan) -> Input:
    match what:
        case "rang":
            return Rang(branch)
        case "answered":
            return PickedUp(branch, world.now)
        case "confirmed":
            return Confirmed(branch)
        case "declined":
            return Declined(branch, world.now)
        case "busy":
            return Ended(branch, Cause(486), world.now)
        case "down":
            return Ended(branch, Cause(503), world.now, try_next=True)
        case "moved":
            return Redirected(branch, to, world.now)
        case "gone":
            return CallerGone()
        case "time":
            return Tick(race.due if race.due is not None else world.now + 1.0)


@settings(max_examples=300, deadline=None)
@given(PLANS, st.lists(st.tuples(st.sampled_from(WHAT), st.integers(0, 30)), max_size=40), PLANS)
def test_no_order_of_events_connects_two_legs_or_leaves_one_ringing(
    plan: Plan, happenings: list[tuple[What, int]], forwarded_to: Plan
) -> None:
    race, actions = start(plan, 0.0, GIVE_UP_S)
    world = World(0.0)
    for action in actions:
        world = after(world, action)
    check(race, world)
    last: list[tuple[What, int]] = [("time", 0), ("gone", 0), ("rang", 0)]
    for what, which in [*happenings, *last]:
        known = [branch for branch, _ in world.seen] or [(0, 0)]
        happened = event(what, known[which % len(known)], world, race, forwarded_to)
        if isinstance(happened, Redirected) and len(race.nodes) > 64:
            continue  # the call allows no more legs anyway
        race, actions = step(race, happened)
        world = before(world, happened)
        for action in actions:
            world = after(world, action)
        check(race, world)
    assert world.decision, "the caller is gone, so it is decided"
