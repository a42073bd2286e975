"""One call rings every phone of an agent: one answer wins, the others are told so."""

from scenarios.world import World
from switchroom.simulator.policy import Policy

NEVER = Policy(answer_after_s=None)


def test_first_answer_wins_and_the_others_were_completed_elsewhere() -> None:
    world = World()
    first = world.phone("1001", Policy(answer_after_s=2.0))
    others = [world.phone("1002", NEVER), world.phone("1003", NEVER)]
    caller = world.phone("2001")

    call = caller.call("201")
    world.run(5.0)

    assert call.state == "answered"
    assert [len(first.calls), *[len(phone.calls) for phone in others]] == [1, 0, 0]
    for phone in others:
        (cancel,) = phone.log.requests("CANCEL")
        assert cancel.values("reason") == [
            'SIP;cause=200;text="Call completed elsewhere"',
            "Q.850;cause=26",
        ]
        assert phone.log.statuses("INVITE", "out") == [180, 487]
    caller.hang_up(call)
    world.run(1.0)
    assert len(first.log.requests("BYE")) == 1
    assert first.ended[-1].by == "peer"
    world.assert_empty()
