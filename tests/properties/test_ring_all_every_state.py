"""Every reachable state of a race of up to three legs, every input in each of them.

Breadth first over the real machine. The ledger beside the state is what the world has seen of each
leg; the invariants speak about the ledger, so they hold of what is done and not of how the machine
keeps its books. Nothing is assumed about the world: it repeats itself, answers after its end, and
confirms what nobody asked.
"""

from collections import deque
from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from fakes.race_world import GIVE_UP_S, World, after, before, check
from fakes.routers import in_turn, phone, together
from switchroom.calls.plan import LegPlan, Plan
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
from switchroom.calls.ring_all import CONFIRM_S, start, step
from switchroom.foundation.leg import Cause, Hop

BUSY = Cause(486, 17)
DOWN = Cause(503, 0)


def confirmed(leg: LegPlan) -> LegPlan:
    return replace(leg, confirm=True)


PLANS: dict[str, Plan] = {
    "one leg": phone("a"),
    "one leg, two hosts": phone("a", hosts=2),
    "three legs": together(phone("a"), phone("b"), phone("c")),
    "three in turn, timed": in_turn(
        *(replace(phone(name), timeout_s=8.0) for name in ("a", "b", "c"))
    ),
    "two contacts of an extension inside an agent": together(
        together(phone("a"), phone("b")), phone("c"), timeout_s=20.0
    ),
    "agents in turn, each with phones": in_turn(
        together(phone("a"), phone("b"), timeout_s=10.0), together(phone("c"), timeout_s=10.0)
    ),
    "group in group in group": together(
        in_turn(together(phone("a"), timeout_s=5.0), phone("b"), timeout_s=9.0), phone("c")
    ),
    "two confirm, one does not": together(confirmed(phone("a")), confirmed(phone("b")), phone("c")),
    "confirm in turn": in_turn(confirmed(phone("a")), phone("b"), timeout_s=25.0),
    "all delayed differently": together(
        phone("a"), phone("b", delay_s=2.0), phone("c", delay_s=4.0)
    ),
    "delayed, timed and confirmed": together(
        phone("a", delay_s=1.0),
        replace(confirmed(phone("b", delay_s=3.0)), timeout_s=5.0),
    ),
    "a delayed group": together(
        phone("a"), replace(in_turn(phone("b"), phone("c"), timeout_s=4.0), delay_s=3.0)
    ),
    "a delayed group of nobody": together(phone("a"), replace(together(), delay_s=3.0)),
    "fail-over beside a phone": together(phone("a", hosts=2), phone("b")),
    "fail-over in turn": in_turn(phone("a", hosts=2), phone("b", hosts=2)),
    "somebody is not registered": in_turn(
        LegPlan("extension:1"), together(LegPlan("extension:2"), phone("a")), phone("b")
    ),
    "nobody is registered": in_turn(LegPlan("extension:1"), together(LegPlan("extension:2"))),
    "nothing at all": together(),
}


ELSEWHERE: dict[str, Plan] = {
    "followed to two phones in turn": in_turn(phone("x"), phone("y")),
    "followed to nobody": together(),
}


OTHER = ("udp", "192.0.2.2", 5060)
"A further address of the first host of each leg."


def inputs(
    race: Race, world: World, followed: Plan | None, others: tuple[Hop, ...] = ()
) -> Iterator[Input]:
    for branch, seen in world.seen:
        if followed is not None and branch[0] < 3 and "E" not in seen:  # no leg redirects for ever
            yield Redirected(branch, followed, world.now)
        yield Rang(branch)
        yield PickedUp(branch, world.now)
        yield Confirmed(branch)
        yield Declined(branch, world.now)
        yield Ended(branch, BUSY, world.now)
        known = others if branch[1] == 0 else ()
        yield Ended(branch, DOWN, world.now, try_next=True, others=known)
    yield CallerGone()
    if race.due is not None:
        yield Tick(race.due)
        yield Tick(race.give_up_at + 1.0)


def explore(
    plan: Plan, followed: Plan | None = None, others: tuple[Hop, ...] = ()
) -> tuple[set[str], set[Branch]]:
    """Visit every state; return the decisions that are possible and all branches ever dialled."""
    race, actions = start(plan, 0.0, GIVE_UP_S)
    world = World(0.0)
    for action in actions:
        world = after(world, action)
    decisions, dialled = set[str](), set[Branch]()
    known, queue = {(race, world)}, deque([(race, world)])
    while queue:
        race, world = queue.popleft()
        check(race, world)
        decisions.add(world.decision)
        dialled.update(branch for branch, _ in world.seen)
        for event in inputs(race, world, followed, others):
            next_race, actions = step(race, event)
            next_world = before(world, event)
            for action in actions:
                next_world = after(next_world, action)
            if (state := (next_race, next_world)) not in known:
                known.add(state)
                queue.append(state)
    return decisions, dialled


def hosts(plan: Plan) -> int:
    """How many branches a plan has."""
    return len(plan.attempts) if isinstance(plan, LegPlan) else sum(map(hosts, plan.members))


@pytest.mark.parametrize("name", PLANS)
def test_every_state_of(name: str) -> None:
    decisions, dialled = explore(PLANS[name])
    assert len(dialled) == hosts(PLANS[name]), "whoever may ring does in some state"
    if hosts(PLANS[name]) == 0:
        assert decisions == {"give up"}
    else:
        assert decisions == {"", "connect", "give up", "caller gone"}


@pytest.mark.parametrize("name", ELSEWHERE)
def test_every_state_of_a_leg_that_is_forwarded(name: str) -> None:
    decisions, dialled = explore(together(phone("a"), phone("b")), ELSEWHERE[name])
    assert decisions == {"", "connect", "give up", "caller gone"}
    assert len(dialled) == 2 + 2 * hosts(ELSEWHERE[name])


@pytest.mark.parametrize("name", ["one leg", "one leg, two hosts", "fail-over beside a phone"])
def test_every_state_when_a_host_turns_out_to_have_another_address(name: str) -> None:
    plan = PLANS[name]
    decisions, dialled = explore(plan, others=(OTHER,))
    assert decisions == {"", "connect", "give up", "caller gone"}
    legs = 1 if isinstance(plan, LegPlan) else len(plan.members)
    assert len(dialled) == hosts(plan) + legs


def test_time_in_the_plans_is_shorter_than_the_race() -> None:
    """Otherwise the exploration would never see a confirmation run out."""
    assert CONFIRM_S < GIVE_UP_S
