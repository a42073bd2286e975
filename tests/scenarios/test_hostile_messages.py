"""Whatever bytes come from a peer, in whatever order: nothing raises and nothing is left over."""

from random import Random

import pytest

from scenarios.peer import CALLED, OFFER, SDP, Peer
from scenarios.world import (
    ALICE,
    NODE,
    PEER_PLACE,
    TRUNK_PLACE,
    World,
    bob_config,
    configuration,
    number,
    trunk,
)
from switchroom.foundation.leg import Cause, Hop
from switchroom.simulator.policy import Policy

SEEDS = 8
CALLS = 30
"For each seed."
POLICIES = (
    Policy(),
    Policy(answer_after_s=0.1, early_media=True),
    Policy(answer_after_s=None),
    Policy(reject=486),
    Policy(redirect_to=("sip:1003@acme.example",)),
    Policy(answer_after_s=0.2, talk_s=0.1),
    Policy(is_dead=True),
)
WORDS = (
    b"\r\n", b"\r", b"\n", b" ", b";", b",", b'"', b"<", b">", b":", b"@", b"%00", b"\x00", b"\xff",
    b"tag=", b";tag=x", b";lr", b"branch=", b"z9hG4bK", b"-1", b"99999999999", b"*", b"sip:",
    b"tel:+1", b"Route: <sip:10.0.0.1;lr>\r\n", b"Record-Route: <sip:10.0.0.1>\r\n",
    b"Contact: *\r\n", b"Require: x\r\n", b"Content-Length: 5\r\n", b"Expires: 0\r\n", b"BYE",
    b'"M\xfcller" <sip:', b'Reason: SIP;cause=486;text="gr\xfc\xdfe"\r\n', b"\xfc",
    b"ACK", b"CANCEL", b"INVITE", b"UPDATE", b"200", b"302", b"401", b"487", b"699",
)  # fmt: skip


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


class Meddler:
    """Stands before the node: every message comes with damaged copies, some from elsewhere."""

    def __init__(self, world: World, dice: Random) -> None:
        self._host = world.host
        self._network = world.network
        self._dice = dice
        self._old: list[bytes] = []

    def receive(self, data: bytes, source: Hop) -> None:
        dice = self._dice
        self._old = [*self._old[-50:], data]
        self._host.receive(data, source)
        for _ in range(dice.choice((0, 0, 1, 2))):
            where = source if dice.random() < 0.8 else (dice.choice(("udp", "tcp")), *TRUNK_PLACE)
            self._host.receive(damaged(dice, dice.choice((data, dice.choice(self._old)))), where)
        for ban in self._host.defence.bans(self._network.now):
            self._host.defence.lift(ban.source)  # else few messages would get further

    def tick(self) -> None:
        self._host.tick()

    def deadline(self) -> float | None:
        return self._host.deadline()

    def transport_failed(self, hop: Hop) -> None:
        self._host.transport_failed(hop)


@pytest.mark.parametrize("seed", range(SEEDS))
def test_nothing_raises_and_nothing_is_left(seed: int) -> None:
    dice = Random(seed)
    world = World(
        configuration(
            ALICE,
            trunks=(trunk("carrier", TRUNK_PLACE),),
            numbers=(number("+12025550100", "agent", ALICE.id),),
        )
    )
    phones = [world.phone(user) for user in ("1001", "1002", "1003")]
    caller, carrier = world.phone("2001"), world.carrier()
    world.network.attach(Meddler(world, dice), NODE)
    for _ in range(CALLS):
        for phone in phones:
            phone.policy = dice.choice(POLICIES)
        one, called = dice.choice(((caller, "201"), (carrier, "sip:+12025550100@10.0.0.1")))
        call = one.call(called, offers=dice.random() < 0.8)
        world.run(dice.choice((0.0, 0.01, 0.5, 3.0)))
        for party in (one, *phones):
            for live in list(party.calls.values()):
                if live.state == "answered" and dice.random() < 0.5:
                    party.ask(live, dice.choice(("INVITE", "UPDATE", "INFO")), b"v=0")
        world.run(dice.choice((0.0, 0.1, 2.0)))
        one.hang_up(call)
        world.run(dice.choice((0.0, 1.0, 20.0)))
    world.network.attach(world.host, NODE)
    for call_id in list(world.host.calls.calls):
        outputs = world.host.calls.hang_up(call_id, Cause(480, 16), world.network.now)
        world.host.node.perform(outputs)
    for phone in world.phones.values():
        for live in list(phone.calls.values()):
            phone.hang_up(live)
        phone.registration.stop()
    world.network.run_until_quiet()
    world.run(100.0)
    assert len(world.host.named("call.created")) >= CALLS // 2
    assert {name: size for name, size in world.host.sizes().items() if size} == {}


def latin_1(peer: Peer, method: str, cseq: int, to: str = "", body: str = "") -> None:
    """A request whose names are not UTF-8; a lone surrogate stands for such a byte."""
    host, port = TRUNK_PLACE
    callee = f'"\udcff" <sip:{CALLED}@10.0.0.1>'
    reason = 'Reason: SIP;cause=200;text="gr\udcfc\udcdfe"'
    peer.say(
        f"""{method} sip:{CALLED}@10.0.0.1 SIP/2.0
        Via: SIP/2.0/UDP {host}:{port};branch=z9hG4bK{method}{cseq}
        From: "M\udcfcller" <sip:+12025550199@{host}>;tag=\udcff
        To: {to or callee}
        Call-ID: \udcff
        CSeq: {cseq} {method}
        Contact: <sip:\udcff@{host}:{port}>
        {SDP if body else reason}""",
        body,
    )


@pytest.mark.parametrize("restarts", [False, True])
def test_names_that_are_not_utf_8_can_be_kept_and_go_out_as_they_came(*, restarts: bool) -> None:
    world = World(bob_config())
    caller, callee = world.peer(TRUNK_PLACE), world.peer(PEER_PLACE)
    latin_1(caller, "INVITE", 1, body=OFFER)
    world.run(0.1)
    invite = callee.last("INVITE")
    callee.answer(invite, "200 OK", 'Contact: "\udcfc" <sip:b\udcfc@10.0.5.1:5060>', body=OFFER)
    world.run(0.1)
    to = caller.last_response().get("to") or ""
    assert to.startswith('"\udcff" ')
    latin_1(caller, "ACK", 1, to)
    world.run(0.1)
    if restarts:
        world.restart()
        callee.say(
            f"""BYE sip:switchroom@10.0.0.1:5060 SIP/2.0
            Via: SIP/2.0/UDP 10.0.5.1:5060;branch=z9hG4bKbye
            From: {invite.get("to")};tag=peer
            To: {invite.get("from")}
            Call-ID: {invite.call_id}
            CSeq: 1 BYE"""
        )
        world.run(0.1)
        bye = caller.last("BYE")
        assert bye.uri == f"sip:\udcff@{TRUNK_PLACE[0]}:{TRUNK_PLACE[1]}"
        assert (bye.call_id, bye.to_tag) == ("\udcff", "\udcff")
        return
    latin_1(caller, "BYE", 2, to)
    world.run(0.1)
    assert caller.statuses("BYE") == [200]
    assert callee.last("BYE").uri == "sip:b\udcfc@10.0.5.1:5060"
