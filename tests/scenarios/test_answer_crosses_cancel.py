"""An answer that crosses our CANCEL is acknowledged and then ended (RFC 3261 section 9.2)."""

from scenarios.peer import OFFER
from scenarios.world import (
    PEER_PLACE,
    SECOND_PEER_PLACE,
    TRUNK_PLACE,
    World,
    bob_config,
    sip_address,
)


def test_the_late_200_is_acknowledged_and_hung_up_as_completed_elsewhere() -> None:
    world = World(bob_config(sip_address(SECOND_PEER_PLACE)))
    caller = world.peer(TRUNK_PLACE)
    first, second = world.peer(PEER_PLACE), world.peer(SECOND_PEER_PLACE)
    caller.request("INVITE", body=OFFER)
    world.run(0.1)
    for peer in (first, second):
        peer.answer(peer.last("INVITE"), "180 Ringing")
    world.run(0.1)
    first.answer(first.last("INVITE"), "200 OK", body=OFFER)
    second.answer(second.last("INVITE"), "200 OK", body=OFFER)  # before our CANCEL is there
    world.run(0.1)

    assert len(first.heard("ACK")) == 1
    assert not first.heard("BYE")
    assert len(second.heard("CANCEL")) == 1
    assert len(second.heard("ACK")) == 1
    (bye,) = second.heard("BYE")
    assert bye.values("reason") == [
        'SIP;cause=200;text="Call completed elsewhere"',
        "Q.850;cause=26",
    ]
    assert bye.to_tag == "peer"
    assert bye.cseq > second.last("ACK").cseq
    assert caller.statuses() == [180, 200]


def test_the_487_after_our_cancel_is_acknowledged_on_the_branch_of_the_invite() -> None:
    world = World(bob_config(sip_address(SECOND_PEER_PLACE)))
    caller = world.peer(TRUNK_PLACE)
    first, second = world.peer(PEER_PLACE), world.peer(SECOND_PEER_PLACE)
    caller.request("INVITE", body=OFFER)
    world.run(0.1)
    for peer in (first, second):
        peer.answer(peer.last("INVITE"), "180 Ringing")
    world.run(0.1)
    first.answer(first.last("INVITE"), "200 OK", body=OFFER)
    world.run(0.1)
    cancel, invite = second.last("CANCEL"), second.last("INVITE")
    second.answer(cancel, "200 OK")
    second.answer(invite, "487 Request Terminated")
    world.run(0.1)

    assert cancel.branch == invite.branch
    assert cancel.uri == invite.uri
    assert cancel.cseq == invite.cseq
    assert cancel.to_tag is None
    ack = second.last("ACK")
    assert ack.branch == invite.branch
    assert ack.to_tag == "peer"
    assert not second.heard("BYE")
