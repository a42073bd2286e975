"""One INVITE, forked downstream, brings several 200s: all are ACKed, all but one hung up."""

from scenarios.peer import OFFER
from scenarios.world import PEER_PLACE, TRUNK_PLACE, World, bob_config


def test_a_second_to_tag_is_acknowledged_and_ended() -> None:
    world = World(bob_config())
    caller, callee = world.peer(TRUNK_PLACE), world.peer(PEER_PLACE)
    caller.request("INVITE", body=OFFER)
    world.run(0.1)
    invite = callee.last("INVITE")
    callee.answer(invite, "180 Ringing", tag="a")
    callee.answer(invite, "180 Ringing", tag="b")
    callee.answer(invite, "200 OK", tag="a", body=OFFER)
    callee.answer(invite, "200 OK", tag="b", body=OFFER)
    world.run(0.1)

    assert caller.statuses() == [180, 200]
    assert [ack.to_tag for ack in callee.heard("ACK")] == ["a", "b"]
    (bye,) = callee.heard("BYE")
    assert bye.to_tag == "b"
    assert bye.cseq == invite.cseq + 1
    callee.answer(invite, "200 OK", tag="b", body=OFFER)  # our ACK was lost
    callee.answer(invite, "200 OK", tag="a", body=OFFER)
    world.run(0.1)
    assert [ack.to_tag for ack in callee.heard("ACK")] == ["a", "b", "b", "a"]
    assert len(callee.heard("BYE")) == 1


def test_further_answers_after_the_call_has_ended() -> None:
    world = World(bob_config())
    caller, callee = world.peer(TRUNK_PLACE), world.peer(PEER_PLACE)
    caller.request("INVITE", body=OFFER)
    world.run(0.1)
    invite = callee.last("INVITE")
    callee.answer(invite, "180 Ringing")
    world.run(0.1)
    caller.request("CANCEL")
    world.run(0.1)
    callee.answer(callee.last("CANCEL"), "200 OK")
    callee.answer(invite, "200 OK", tag="a", body=OFFER)
    callee.answer(invite, "200 OK", tag="b", body=OFFER)
    world.run(0.1)

    assert [ack.to_tag for ack in callee.heard("ACK")] == ["a", "b"]
    assert [bye.to_tag for bye in callee.heard("BYE")] == ["a", "b"]
    assert all("elsewhere" not in (bye.get("reason") or "") for bye in callee.heard("BYE"))
