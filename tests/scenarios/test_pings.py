"""UDP phones are asked by OPTIONS whether they are still there."""

from scenarios.world import World
from switchroom.simulator.policy import Policy


def test_a_phone_that_stops_answering_is_rung_no_more_until_it_answers_again() -> None:
    world = World(ping_interval_s=25.0)
    phone, caller = world.phone("1001"), world.phone("2001")
    world.run(60.0)
    assert len(phone.log.requests("OPTIONS")) == 2
    assert phone.log.statuses("OPTIONS", "out") == [200]

    phone.policy = Policy(is_dead=True)
    world.run(140.0)
    call = caller.call("201")
    world.run(1.0)
    assert (call.cause.status, call.cause.q850) == (480, 20)

    phone.policy = Policy()
    world.run(60.0)
    again = caller.call("201")
    world.run(1.0)
    assert again.state == "answered"
    caller.hang_up(again)


def test_a_phone_that_never_answered_a_ping_keeps_its_calls() -> None:
    world = World(ping_interval_s=25.0)
    phone, caller = world.phone("1001"), world.phone("2001")
    phone.policy = Policy(is_dead=True)
    world.run(140.0)
    phone.policy = Policy()
    call = caller.call("201")
    world.run(1.0)
    assert call.state == "answered"
