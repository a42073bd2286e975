"""Whatever bytes come from a peer, in whatever order: nothing raises and nothing is left over."""

from random import Random

import pytest

from scenarios.world import ALICE, NODE, TRUNK_PLACE, World, configuration, number, trunk
from switchroom.foundation.leg import Cause
from switchroom.simulator.policy import Policy

MESSAGES = 400
WORDS = (
    b"\r\n", b"\r", b"\n", b" ", b";", b",", b'"', b"<", b">", b":", b"@", b"%00", b"\x00", b"\xff",
    b"tag=", b";tag=x", b";lr", b"branch=", b"z9hG4bK", b"-1", b"99999999999", b"*", b"sip:",
    b"tel:+1", b"Route: <sip:10.0.0.1;lr>\r\n", b"Record-Route: <sip:10.0.0.1>\r\n",
    b"Contact: *\r\n", b"Require: x\r\n", b"Content-Length: 5\r\n", b"Expires: 0\r\n", b"BYE",
    b"ACK", b"CANCEL", b"INVITE", b"UPDATE", b"200", b"302", b"401", b"487", b"699",
)  # fmt: skip


def recorded() -> tuple[World, list[tuple[bytes, tuple[str, int]]]]:
    """Everything that a node hears in some ordinary calls, and from where."""
    config = configuration(
        ALICE,
        trunks=(trunk("carrier", TRUNK_PLACE),),
        numbers=(number("+12025550100", "agent", ALICE.id),),
    )
    world = World(config)
    for user, policy in (("1001", Policy()), ("1002", Policy(reject=486)), ("1003", Policy())):
        world.phone(user, policy)
    caller, carrier = world.phone("2001"), world.carrier()
    for one, called in ((caller, "201"), (carrier, "sip:+12025550100@10.0.0.1"), (caller, "201")):
        call = one.call(called, offers=called != "201")
        world.run(1.0)
        one.hold(call)
        world.run(1.0)
        one.hang_up(call)
        world.run(5.0)
    given_up = caller.call("201")
    world.run(0.01)
    caller.cancel(given_up)
    world.run(5.0)
    heard = [(sent.data, sent.source) for sent in world.network.sent if sent.to[1:] == NODE]
    return world, heard


def damaged(dice: Random, data: bytes) -> bytes:
    """``data`` with something wrong, or with nothing wrong."""
    for _ in range(dice.choice((0, 1, 1, 2, 5))):
        at = dice.randrange(len(data) + 1)
        to = min(len(data), at + dice.randrange(30))
        match dice.randrange(5):
            case 0:
                data = data[:at] + data[to:]
            case 1:
                data = data[:at] + dice.choice(WORDS) + data[at:]
            case 2:
                data = data[:at] + dice.choice(WORDS) + data[to:]
            case 3:
                lines = data.split(b"\r\n")
                dice.shuffle(lines)
                data = b"\r\n".join(lines)
            case 4:
                data = data.replace(dice.choice(WORDS), dice.choice(WORDS), 1)
    return data


@pytest.mark.parametrize("seed", range(100))
def test_nothing_raises_and_nothing_is_left(seed: int) -> None:
    dice = Random(seed)
    world, heard = recorded()
    for _ in range(MESSAGES):
        data, source = dice.choice(heard)
        transport = "udp" if dice.random() < 0.8 else "tcp"
        world.host.receive(damaged(dice, data), (transport, *source))
        world.run(dice.choice((0.0, 0.0, 0.01, 1.0)))
        for ban in world.host.defence.bans(world.network.now):
            world.host.defence.lift(ban.source)  # else few messages would get further
    for phone in world.phones.values():
        for call in list(phone.calls.values()):
            phone.hang_up(call)
    world.run(300.0)  # rings that answers to nobody have begun end by themselves
    for call_id in list(world.host.calls.calls):
        outputs = world.host.calls.hang_up(call_id, Cause(480, 16), world.network.now)
        world.host.node.perform(outputs)
    world.network.run_until_quiet()
    world.run(100.0)
    print(world.host.agent.dropped, len(world.host.named("call.created")), world.host.agent.layer.repeated)
    sizes = world.host.sizes()
    assert {name: size for name, size in sizes.items() if size} == {}
