"""Linear rings, delays, nested groups and the agent's capacity."""

from msgspec.structs import replace

from scenarios.world import ALICE, World, agent, configuration, phone_address
from switchroom.directory.model import Group
from switchroom.simulator.phone import Phone
from switchroom.simulator.policy import Policy

NEVER = Policy(answer_after_s=None)


def rang(phone: Phone) -> bool:
    return bool(phone.log.requests("INVITE"))


def test_a_linear_ring_goes_on_when_a_phone_is_given_up() -> None:
    addresses = [phone_address(user, timeout_s=5.0) for user in ("1001", "1002", "1003")]
    alice = agent("alice", *addresses, number="201", ring_method="linear")
    world = World(configuration(alice))
    first = world.phone("1001", NEVER)
    second = world.phone("1002", Policy(reject=486))
    third = world.phone("1003", Policy(answer_after_s=1.0))
    caller = world.phone("2001")
    call = caller.call("201")
    world.run(4.9)
    assert rang(first)
    assert not rang(second)
    world.run(0.3)
    assert rang(third)
    world.run(1.0)
    assert call.state == "answered"
    assert len(first.log.requests("CANCEL")) == 1
    caller.hang_up(call)
    world.assert_empty()


def test_a_delayed_address_starts_later_and_not_at_all_after_the_answer() -> None:
    alice = agent("alice", phone_address("1001"), phone_address("1002", delay_s=3.0), number="201")
    world = World(configuration(alice))
    now, later = world.phone("1001", NEVER), world.phone("1002", Policy(answer_after_s=1.0))
    caller = world.phone("2001")
    call = caller.call("201")
    world.run(2.9)
    assert rang(now)
    assert not rang(later)
    world.run(2.0)
    assert call.state == "answered"
    caller.hang_up(call)
    world.run(1.0)
    now.policy = Policy(answer_after_s=1.0)
    later.log.seen.clear()
    caller.call("201")
    world.run(10.0)
    assert not rang(later)


def test_a_group_in_a_group_is_one_race() -> None:
    alice = agent("alice", phone_address("1001"))
    bob = agent("bob", phone_address("1002"))
    carol = agent("carol", phone_address("1003"))
    inner = Group("inner", "acme", "inner", ("agent-bob", "agent-carol"))
    outer = Group("outer", "acme", "outer", ("agent-alice", "inner"), number="300")
    world = World(configuration(alice, bob, carol, groups=(inner, outer)))
    phones = [world.phone("1001", NEVER), world.phone("1002", NEVER)]
    winner = world.phone("1003", Policy(answer_after_s=2.0))
    caller = world.phone("2001")
    call = caller.call("300")
    world.run(3.0)
    assert call.state == "answered"
    assert len(winner.calls) == 1
    for phone in phones:
        assert phone.log.requests("CANCEL")[0].values("reason")[0].startswith("SIP;cause=200")
    states = [world.host.availability.state(one.id) for one in (alice, bob, carol)]
    assert states == [("idle", 0), ("idle", 0), ("on_call", 1)]
    caller.hang_up(call)
    world.assert_empty()


def test_every_contact_of_an_extension_rings() -> None:
    world = World(configuration(replace(ALICE, addresses=ALICE.addresses[:1])))
    phones = [world.phone("1001", NEVER) for _ in range(3)]
    caller = world.phone("2001")
    call = caller.call("201")
    world.run(1.0)
    assert all(rang(phone) for phone in phones)
    caller.cancel(call)
    world.assert_empty()


def test_an_agent_at_capacity_is_busy_and_free_again_afterwards() -> None:
    world = World()
    world.phone("1001")
    first, second = world.phone("2001"), world.phone("1003", NEVER)
    call = first.call("201")
    world.run(1.0)
    refused = second.call("201")
    world.run(1.0)
    assert (refused.cause.status, refused.cause.q850) == (486, 17)
    first.hang_up(call)
    world.run(1.0)
    assert world.host.availability.state(ALICE.id) == ("idle", 0)
    again = first.call("201")
    world.run(1.0)
    assert again.state == "answered"
    first.hang_up(again)
    world.assert_empty()


def test_capacity_two_takes_a_second_call() -> None:
    world = World(configuration(replace(ALICE, capacity=2), extensions=("1001", "2001", "2002")))
    world.phone("1001")
    callers = [world.phone("2001"), world.phone("2002")]
    calls = [caller.call("201") for caller in callers]
    world.run(1.0)
    assert [call.state for call in calls] == ["answered", "answered"]
    for caller, call in zip(callers, calls, strict=True):
        caller.hang_up(call)
    world.assert_empty()


def test_every_member_of_a_linear_list_rings_with_the_default_times() -> None:
    alice = agent("alice", phone_address("1001"), phone_address("1002"), ring_method="linear")
    bob = agent("bob", phone_address("1003"))
    group = Group("g", "acme", "team", (bob.id, alice.id), "300", "linear")
    world = World(configuration(alice, bob, groups=(group,)))
    phones = [world.phone(number, NEVER) for number in ("1003", "1001", "1002")]
    caller = world.phone("2001")
    call = caller.call("300")
    met = []
    for _ in range(29):
        world.run(1.0)
        met.append([bool(phone.calls) for phone in phones].index(True))
    world.run(2.0)
    assert sorted(set(met)) == [0, 1, 2]
    assert met == sorted(met)
    assert (call.cause.status, call.cause.q850) == (480, 19)
