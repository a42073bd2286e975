"""Phones behind NAT and on TCP are reached where they register from."""

import pytest

from scenarios.peer import OFFER
from scenarios.world import TRUNK_PLACE, World, bob_config
from switchroom.simulator.policy import Policy

INSIDE, OUTSIDE = ("192.168.1.10", 5060), ("203.0.113.5", 40_123)


def test_a_phone_behind_nat_is_called_and_calls() -> None:
    world = World()
    phone = world.phone("1001", Policy(answer_after_s=0.5), place=INSIDE, shown_as=OUTSIDE)
    via = phone.log.responses("REGISTER")[-1].via
    assert (via.received, via.rport) == OUTSIDE
    caller = world.phone("2001")
    call = caller.call("201")
    world.run(1.0)
    assert call.state == "answered"
    caller.hold(call)
    world.run(1.0)
    assert [reply.status for reply in call.replies] == [200]
    caller.hang_up(call)
    world.run(1.0)
    assert len(phone.log.requests("BYE")) == 1
    second = world.phone("1002")
    back = phone.call("1002")
    world.run(1.0)
    assert back.state == "answered"
    second.hang_up(next(iter(second.calls.values())))
    world.run(1.0)
    assert back.by == "peer"
    world.assert_empty()


@pytest.mark.parametrize("transports", [("tcp", "tcp"), ("tcp", "udp"), ("udp", "tcp")])
def test_calls_between_transports(transports: tuple[str, str]) -> None:
    world = World()
    phone = world.phone("1001", Policy(answer_after_s=0.5), transport=transports[0])
    caller = world.phone("2001", transport=transports[1])
    call = caller.call("201")
    world.run(1.0)
    assert call.state == "answered"
    (answered,) = phone.calls.values()
    phone.hold(answered)
    world.run(1.0)
    assert [reply.status for reply in answered.replies] == [200]
    phone.hang_up(answered)
    world.run(1.0)
    assert call.by == "peer"
    world.assert_empty()


def test_nothing_is_repeated_over_tcp_but_the_200() -> None:
    world = World()
    world.phone("1001", transport="tcp").policy = Policy(is_dead=True)
    caller = world.phone("2001", transport="tcp")
    world.network.sent.clear()
    call = caller.call("201")
    world.run(20.0)
    invites = [sent for sent in world.network.sent if sent.data.startswith(b"INVITE")]
    assert len(invites) == 3  # the caller's two, with and without credentials, and ours
    caller.cancel(call)


def test_a_closed_connection_unregisters_and_ends_what_waits_on_it() -> None:
    world = World()
    phone = world.phone("1001", Policy(answer_after_s=None), transport="tcp")
    caller = world.phone("2001")
    call = caller.call("201")
    world.run(1.0)
    place = (phone.settings.address, phone.settings.port)
    world.network.detach(place)
    world.host.node.flow_closed(("tcp", *place))
    world.run(0.5)
    assert call.cause.status == 480
    assert not [b for b in world.host.registrar.bindings() if b.number == "1001"]
    phone.policy = Policy(is_dead=True)


def test_a_host_that_accepts_no_connection_is_unreachable() -> None:
    world = World()
    phone = world.phone("1001", transport="tcp")
    world.network.detach((phone.settings.address, phone.settings.port))
    caller = world.phone("2001")
    call = caller.call("201")
    world.run(0.5)
    assert (call.cause.status, call.cause.q850) == (480, 20)


def test_responses_go_to_the_port_in_via_without_rport() -> None:
    world = World(bob_config())
    host, _ = TRUNK_PLACE
    listens, sends = world.peer((host, 5070)), world.peer((host, 40_000))
    sends.say(
        f"""OPTIONS sip:10.0.0.1 SIP/2.0
        Via: SIP/2.0/UDP carrier.example:5070;branch=z9hG4bKo
        From: <sip:a@{host}>;tag=o
        To: <sip:10.0.0.1>
        Call-ID: o
        CSeq: 1 OPTIONS"""
    )
    world.run(0.1)
    assert not sends.raw
    assert listens.last_response("OPTIONS").via.received == host


def test_a_caller_on_tcp_gets_his_answer_on_his_connection() -> None:
    world = World(bob_config())
    caller = world.peer(TRUNK_PLACE, "tcp")
    caller.request("INVITE", body=OFFER, uri="sip:+19995550100@10.0.0.1")
    world.run(0.1)
    assert caller.statuses() == [404]
