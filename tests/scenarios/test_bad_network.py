"""Hundreds of calls of mixed fate over a network that loses, doubles and reorders.

Whatever happens: never two connected, never one left ringing, nothing left in any table.
"""

from random import Random

import pytest
from msgspec.structs import replace

from scenarios.world import ALICE, World, configuration
from switchroom.simulator.call import PhoneCall
from switchroom.simulator.network import Link
from switchroom.simulator.phone import Phone
from switchroom.simulator.policy import Policy

BAD = Link(delay_s=0.01, jitter_s=0.02, loss=0.2, duplication=0.1, reordering=0.1, late_s=0.3)
CALLS = 20
"For each seed."
ELSEWHERE = "Call completed elsewhere"


def any_policy(dice: Random) -> Policy:
    return dice.choice(
        (
            Policy(answer_after_s=0.0),
            Policy(answer_after_s=1.0),
            Policy(answer_after_s=dice.random() * 3, talk_s=dice.random() * 5),
            Policy(answer_after_s=None),
            Policy(reject=486),
            Policy(reject=503, reject_after_s=dice.random() * 2),
            Policy(redirect_to=("sip:1003@acme.example",)),
            Policy(is_dead=True),
            Policy(answer_after_s=2.0, rings=False),
            Policy(answer_after_s=1.0, early_media=True),
        )
    )


def act(dice: Random, caller: Phone, call: PhoneCall) -> None:
    """Something that a caller may do now."""
    what = dice.random()
    if call.state == "ringing" and what < 0.4:
        caller.cancel(call)
    elif call.state == "answered" and what < 0.3:
        caller.hang_up(call)
    elif call.state == "answered" and what < 0.6:
        caller.hold(call)
    elif call.state == "answered" and what < 0.7:
        caller.ask(call, "INFO", b"Signal=1", "application/dtmf-relay")


def taken(phones: list[Phone]) -> list[str]:
    """Call-IDs of calls that were picked up and not ended as completed elsewhere."""
    found: list[str] = []
    for phone in phones:
        accepted = {r.call_id for r in phone.log.responses("INVITE", "out") if r.status == 200}
        elsewhere = {
            bye.call_id
            for bye in phone.log.requests("BYE")
            if ELSEWHERE in (bye.get("reason") or "")
        }
        found += accepted - elsewhere
    return found


@pytest.mark.parametrize("seed", range(10))
def test_one_call_after_the_other(seed: int) -> None:
    dice = Random(seed)
    world = World(configuration(ALICE), seed=seed, link=BAD)
    transports = ("udp", "udp", "tcp")
    phones = [
        world.phone(user, transport=transport)
        for user, transport in zip(("1001", "1002", "1003"), transports, strict=True)
    ]
    caller = world.phone("2001")
    for _ in range(CALLS):
        for phone in phones:
            phone.policy = any_policy(dice)
            phone.log.seen.clear()
        call = caller.call("201", talk_s=dice.choice((None, 0.1, 2.0)), offers=dice.random() < 0.8)
        for _ in range(3):
            world.run(dice.random() * 3)
            act(dice, caller, call)
        world.run(60.0)
        if call.state == "answered":
            caller.hang_up(call)
        world.run(5.0)
        assert call.state == "ended"
        world.run(100.0)
        # If he gave up just then, answers that crossed are ended without that reason.
        assert len(taken(phones)) <= 1 or call.answered_at is None
        for phone in phones:
            phone.policy = Policy(answer_after_s=None)
            assert not phone.calls, [(c.state, c.by) for c in phone.calls.values()]
        assert not world.host.agent.legs.by_id
    created = world.host.named("call.created")
    # A caller who gives up at once may do so before the node has let his INVITE in.
    assert CALLS // 2 <= len(created) == len(world.host.named("call.ended"))
    winners = [fact.call_id for fact in world.host.named("call.answered")]
    assert len(winners) == len(set(winners))
    world.assert_empty()


@pytest.mark.parametrize("restarts", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_many_calls_at_once(seed: int, *, restarts: bool) -> None:
    dice = Random(seed)
    busy = replace(ALICE, capacity=3)
    world = World(
        configuration(busy, extensions=("1001", "1002", "1003", "2001", "2002", "2003")),
        seed=seed,
        link=replace(BAD, loss=0.05),
    )
    phones = [world.phone(user) for user in ("1001", "1002", "1003")]
    callers = [world.phone(user) for user in ("2001", "2002", "2003")]
    everybody = [*phones, *callers]
    for turn in range(60):
        for phone in phones:
            phone.policy = any_policy(dice)
        caller = dice.choice(callers)
        caller.call("201", talk_s=dice.choice((None, 1.0)), offers=dice.random() < 0.9)
        world.run(dice.random() * 2)
        for one in everybody:
            for call in list(one.calls.values()):
                if dice.random() < 0.5:
                    act(dice, one, call)
        if restarts and turn % 20 == 19:
            world.restart()
    for phone in phones:
        phone.policy = Policy(answer_after_s=None)
    world.run(200.0)
    for one in everybody:
        for call in list(one.calls.values()):
            one.hang_up(call)
    world.assert_empty()
    created = {fact.call_id for fact in world.host.named("call.created")}
    ended = [fact.call_id for fact in world.host.named("call.ended")]
    assert sorted(created) == sorted(ended)
