"""Hundreds of calls of mixed fate over a network that loses, doubles and reorders.

Whatever happens: never two connected, never one left ringing, nothing left in any table.
"""

from random import Random

import pytest

from scenarios.world import ALICE, World, configuration
from switchroom.simulator.call import PhoneCall
from switchroom.simulator.network import Link
from switchroom.simulator.phone import Phone
from switchroom.simulator.policy import Policy

BAD = Link(delay_s=0.01, jitter_s=0.02, loss=0.2, duplication=0.1, reordering=0.1, late_s=0.3)
CALLS = 25
"For each seed."


def policy(dice: Random) -> Policy:
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


def connected(phones: list[Phone]) -> list[PhoneCall]:
    return [
        call
        for phone in phones
        for call in (*phone.calls.values(), *phone.ended)
        if call.answered_at is not None and not call.outbound
    ]


@pytest.mark.parametrize("seed", range(12))
def test_nobody_is_left_whatever_the_network_does(seed: int) -> None:
    dice = Random(seed)
    world = World(configuration(ALICE), seed=seed, link=BAD)
    phones = [world.phone(user) for user in ("1001", "1002", "1003")]
    caller = world.phone("2001")
    for _ in range(CALLS):
        for phone in phones:
            phone.policy = policy(dice)
        call = caller.call("201", talk_s=dice.choice((None, 0.1, 2.0)), offers=dice.random() < 0.8)
        world.run(dice.random() * 5)
        give_up = dice.random()
        if give_up < 0.4:
            (caller.cancel if call.state == "ringing" else caller.hang_up)(call)
        elif call.state == "answered" and give_up < 0.6:
            caller.hold(call)
        world.run(60.0)
        if call.state == "answered":
            caller.hang_up(call)
            world.run(5.0)
        assert call.state == "ended", call.state
        world.run(100.0)
        for phone in phones:
            phone.policy = Policy(answer_after_s=None)
            assert not phone.calls, [(c.state, c.by) for c in phone.calls.values()]
        assert not world.host.agent.legs.by_id
    created = world.host.named("call.created")
    # A caller who gives up at once may do so before the node has let his INVITE in.
    assert CALLS - 5 <= len(created) == len(world.host.named("call.ended"))
    winners = [fact.call_id for fact in world.host.named("call.answered")]
    assert len(winners) == len(set(winners))
    world.assert_empty()
