"""Route sets and targets of dialogs (RFC 3261 sections 12 and 16.12), via proxies on both sides."""

from scenarios.peer import OFFER, Peer
from scenarios.world import PEER_PLACE, TRUNK_PLACE, World, bob_config

LOOSE = "<sip:10.0.7.1:5060;lr>"
LOOSE_2 = "<sip:10.0.7.2:5060;lr>"
STRICT = "<sip:10.0.7.1:5060>"


def dialled(*record_routes: str) -> tuple[World, Peer, Peer, Peer]:
    """A call answered through proxies; the first of them as the node sees it is at 10.0.7.1."""
    world = World(bob_config())
    caller, callee = world.peer(TRUNK_PLACE), world.peer(PEER_PLACE)
    proxy = world.peer(("10.0.7.1", 5060))
    caller.request("INVITE", body=OFFER)
    world.run(0.1)
    lines = [f"Record-Route: {route}" for route in record_routes]
    callee.answer(callee.last("INVITE"), "200 OK", *lines, body=OFFER)
    world.run(0.1)
    return world, caller, callee, proxy


def test_the_ack_goes_along_the_reversed_route_set() -> None:
    _, _, callee, proxy = dialled(LOOSE_2, LOOSE)
    assert not callee.heard("ACK")
    ack = proxy.last("ACK")
    assert ack.uri == "sip:peer@10.0.5.1:5060"
    assert ack.raw("route") == [LOOSE, LOOSE_2]


def test_a_strict_router_gets_its_own_uri() -> None:
    _, _, _, proxy = dialled(LOOSE_2, STRICT)
    ack = proxy.last("ACK")
    assert ack.uri == "sip:10.0.7.1:5060"
    assert ack.raw("route") == [LOOSE_2, "<sip:peer@10.0.5.1:5060>"]


def test_the_callers_route_set_is_copied_and_used() -> None:
    world = World(bob_config())
    caller, callee = world.peer(TRUNK_PLACE), world.peer(PEER_PLACE)
    proxy = world.peer(("10.0.7.1", 5060))
    caller.request("INVITE", f"Record-Route: {LOOSE}, {LOOSE_2}", body=OFFER)
    world.run(0.1)
    invite = callee.last("INVITE")
    assert invite.get("record-route") is None
    callee.answer(invite, "180 Ringing")
    callee.answer(invite, "200 OK", body=OFFER)
    world.run(0.1)
    for response in caller.responses:
        assert response.values("record-route") == [LOOSE, LOOSE_2]
        assert response.get("contact") is not None
    caller.request("ACK", branch="ack", to=caller.last_response().get("to") or "")
    world.run(0.1)
    callee.say(
        f"""BYE sip:switchroom@10.0.0.1:5060 SIP/2.0
        Via: SIP/2.0/UDP 10.0.5.1:5060;branch=z9hG4bKbye
        From: {invite.get("to")};tag=peer
        To: {invite.get("from")}
        Call-ID: {invite.call_id}
        CSeq: 1 BYE"""
    )
    world.run(0.1)
    bye = proxy.last("BYE")
    assert bye.uri == "sip:peer@10.0.9.1:5060"
    assert bye.raw("route") == [LOOSE, LOOSE_2]


def test_all_vias_come_back_in_order() -> None:
    world = World(bob_config())
    caller, callee = world.peer(TRUNK_PLACE), world.peer(PEER_PLACE)
    caller.request("INVITE", "Via: SIP/2.0/TCP inner.example;branch=z9hG4bKin", body=OFFER)
    world.run(0.1)
    assert len(callee.last("INVITE").raw("via")) == 1
    callee.answer(callee.last("INVITE"), "180 Ringing")
    world.run(0.1)
    assert caller.last_response().raw("via")[1] == "SIP/2.0/TCP inner.example;branch=z9hG4bKin"


def test_nothing_of_the_caller_shows_in_the_sip_headers_of_the_callee() -> None:
    world = World(bob_config())
    caller, callee = world.peer(TRUNK_PLACE), world.peer(PEER_PLACE)
    caller.request("INVITE", "X-Inner: secret", "User-Agent: carrier", body=OFFER)
    world.run(0.1)
    head = callee.raw[0].partition(b"\r\n\r\n")[0]
    for word in (b"c1", TRUNK_PLACE[0].encode(), b"secret", b"carrier", b"tag=peer"):
        assert word not in head, head
    assert b"o=switchroom" in callee.raw[0]
    assert b"c=IN IP4 10.9.9.9" in callee.raw[0]
