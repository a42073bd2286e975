"""Two phones answer in the same millisecond: one is connected, the other hung up."""

import pytest

from scenarios.world import World
from switchroom.simulator.policy import Policy


@pytest.mark.parametrize("seed", range(5))
def test_exactly_one_is_connected(seed: int) -> None:
    world = World(seed=seed)
    phones = [world.phone(user, Policy(answer_after_s=1.0)) for user in ("1001", "1002", "1003")]
    caller = world.phone("2001")

    call = caller.call("201")
    world.run(3.0)

    assert call.state == "answered"
    assert sorted(len(phone.calls) for phone in phones) == [0, 0, 1]
    for phone in phones:
        assert phone.log.requests("ACK")
        if not phone.calls:
            (bye,) = phone.log.requests("BYE")
            assert bye.values("reason")[0] == 'SIP;cause=200;text="Call completed elsewhere"'
    assert len(world.host.named("leg.answered")) == 3
    assert len(world.host.named("call.answered")) == 1
    caller.hang_up(call)
    world.assert_empty()
