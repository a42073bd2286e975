"""An error in our own code costs the call it happened in, and nothing else."""

import pytest

from scenarios.peer import OFFER
from scenarios.world import PEER_PLACE, TRUNK_PLACE, World, bob_config
from switchroom.agents.routing import AgentRouter


def test_a_call_that_cannot_be_routed_is_refused_and_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World(bob_config())
    caller, callee = world.peer(TRUNK_PLACE), world.peer(PEER_PLACE)
    with monkeypatch.context() as fault:
        fault.setattr(AgentRouter, "route", lambda *_: 1 / 0)
        caller.request("INVITE", body=OFFER)
        world.run(0.1)
    assert caller.statuses()[-1] == 500
    assert world.host.node.faults == 1

    caller.request("INVITE", branch="two", call_id="c2", body=OFFER)
    world.run(0.1)
    callee.answer(callee.last("INVITE"), "486 Busy Here")
    world.run(0.1)
    assert caller.statuses()[-1] == 486
    caller.request("ACK", branch="two", call_id="c2")
    caller.request("ACK")
    world.assert_empty()
