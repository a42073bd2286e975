"""Phones behind NAT and on TCP are reached where they register from."""

import pytest

from scenarios.peer import CALLED, OFFER, Peer
from scenarios.world import PEER_PLACE, TRUNK_PLACE, World, bob_config
from switchroom.foundation.leg import Cause
from switchroom.simulator.network import Place
from switchroom.simulator.policy import Policy

INSIDE, OUTSIDE = ("192.168.1.10", 5060), ("203.0.113.5", 40_123)
OTHER_PRIVATE = ("10.0.3.3", 40_123)


@pytest.mark.parametrize("outside", [OUTSIDE, OTHER_PRIVATE])
def test_a_phone_behind_nat_is_called_and_calls(outside: Place) -> None:
    world = World()
    phone = world.phone("1001", Policy(answer_after_s=0.5), place=INSIDE, shown_as=outside)
    via = phone.log.responses("REGISTER")[-1].via
    assert (via.received, via.rport) == outside
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


def test_a_second_via_on_the_line_does_not_redirect_the_answer() -> None:
    world = World(bob_config())
    host, _ = TRUNK_PLACE
    listens, sends = world.peer((host, 5070)), world.peer((host, 40_000))
    sends.say(
        f"""OPTIONS sip:10.0.0.1 SIP/2.0
        Via: SIP/2.0/UDP {host}:5070;branch=z9hG4bKo, SIP/2.0/UDP inner;rport=9;branch=z9hG4bKi
        From: <sip:a@{host}>;tag=o
        To: <sip:10.0.0.1>
        Call-ID: o
        CSeq: 1 OPTIONS"""
    )
    world.run(0.1)
    assert not sends.raw
    assert listens.statuses("OPTIONS") == [200]


def call_over_tcp() -> tuple[World, Peer, Peer]:
    """A caller on a connection from port 40000, whose Contact says 5060; bob rings."""
    world = World(bob_config())
    caller, callee = world.peer((TRUNK_PLACE[0], 40_000), "tcp"), world.peer(PEER_PLACE)
    caller.contact = f"sip:caller@{TRUNK_PLACE[0]}:5060;transport=tcp"
    caller.request("INVITE", body=OFFER)
    world.run(0.1)
    callee.answer(callee.last("INVITE"), "180 Ringing")
    world.run(0.1)
    return world, caller, callee


def answered_over_tcp() -> tuple[World, Peer, Peer]:
    world, caller, callee = call_over_tcp()
    callee.answer(callee.last("INVITE"), "200 OK", body=OFFER)
    world.run(0.1)
    caller.request("ACK", branch="ack", to=caller.last_response().get("to") or "")
    world.run(0.1)
    return world, caller, callee


def test_requests_inside_a_call_take_the_connection_it_came_over() -> None:
    world, caller, _ = answered_over_tcp()
    (call_id,) = world.host.calls.calls
    world.host.node.perform(world.host.calls.hang_up(call_id, Cause(480, 16), world.network.now))
    world.run(0.1)
    assert caller.last("BYE").uri == caller.contact


def test_when_the_connection_has_closed_they_go_to_the_contact() -> None:
    world, caller, _ = answered_over_tcp()
    listens = world.peer(TRUNK_PLACE, "tcp")
    world.host.node.flow_closed(("tcp", *caller.place))
    (call_id,) = world.host.calls.calls
    world.host.node.perform(world.host.calls.hang_up(call_id, Cause(480, 16), world.network.now))
    world.run(0.1)
    assert not caller.heard("BYE")
    assert listens.heard("BYE")


def test_what_waits_on_a_closed_connection_is_settled_where_the_phone_listens() -> None:
    world, caller, callee = answered_over_tcp()
    listens = world.peer(TRUNK_PLACE, "tcp")
    invite = callee.last("INVITE")
    callee.say(
        f"""INVITE sip:switchroom@10.0.0.1:5060 SIP/2.0
        Via: SIP/2.0/UDP 10.0.5.1:5060;branch=z9hG4bKhold
        From: {invite.get("to")};tag=peer
        To: {invite.get("from")}
        Call-ID: {invite.call_id}
        CSeq: 1 INVITE"""
    )
    world.run(0.1)
    caller.answer(caller.last("INVITE"), "100 Trying")
    world.run(0.1)
    world.host.node.flow_closed(("tcp", *caller.place))
    world.run(0.1)
    assert callee.statuses()[-1] == 408
    assert not caller.heard("BYE")
    assert not caller.heard("CANCEL")
    assert listens.heard("BYE")


def test_after_a_restart_too_they_go_to_the_contact() -> None:
    world, caller, callee = answered_over_tcp()
    listens = world.peer(TRUNK_PLACE, "tcp")
    world.restart()
    invite = callee.last("INVITE")
    callee.say(
        f"""BYE sip:switchroom@10.0.0.1:5060 SIP/2.0
        Via: SIP/2.0/UDP 10.0.5.1:5060;branch=z9hG4bKbye
        From: {invite.get("to")};tag=peer
        To: {invite.get("from")}
        Call-ID: {invite.call_id}
        CSeq: 1 BYE"""
    )
    world.run(0.1)
    assert not caller.heard("BYE")
    assert listens.heard("BYE")


def test_a_caller_whose_connection_closes_while_it_rings_is_gone() -> None:
    world, caller, callee = call_over_tcp()
    caller.responses.clear()
    world.host.node.flow_closed(("tcp", *caller.place))
    world.run(0.1)
    assert callee.heard("CANCEL")
    assert not caller.responses
    callee.answer(callee.last("CANCEL"), "200 OK")
    callee.answer(callee.last("INVITE"), "487 Request Terminated")
    world.run(0.1)
    assert len(world.host.named("call.ended")) == 1
    world.assert_empty()


def test_only_a_connection_that_something_hangs_on_is_needed() -> None:
    world, caller, _ = call_over_tcp()
    phone = world.phone("1001", transport="tcp")
    agent = world.host.agent
    assert agent.needs(("tcp", *caller.place))
    assert agent.needs(("tcp", phone.settings.address, phone.settings.port))
    assert not agent.needs(("tcp", "10.0.66.6", 5060))


def test_a_stream_message_without_length_is_400_and_starts_no_call() -> None:
    world = World(bob_config())
    caller, callee = world.peer(TRUNK_PLACE, "tcp"), world.peer(PEER_PLACE)
    host, port = TRUNK_PLACE
    head = (
        f"INVITE sip:{CALLED}@10.0.0.1 SIP/2.0",
        f"Via: SIP/2.0/TCP {host}:{port};branch=z9hG4bKx",
        f"From: <sip:a@{host}>;tag=peer",
        f"To: <sip:{CALLED}@10.0.0.1>",
        "Call-ID: x",
        "CSeq: 1 INVITE",
        f"Contact: <sip:a@{host}>",
    )
    world.host.receive(("\r\n".join(head) + "\r\n\r\n").encode(), ("tcp", host, port))
    world.run(0.1)
    assert [(said.status, said.reason) for said in caller.responses] == [
        (400, "Missing Content-Length")
    ]
    assert not callee.heard("INVITE")
