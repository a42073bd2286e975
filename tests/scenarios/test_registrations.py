"""Phones register, refresh and leave; strangers learn nothing from trying."""

import re

from scenarios.peer import OFFER, Peer
from scenarios.world import DOMAIN, PASSWORD, PEER_PLACE, World
from switchroom.simulator.policy import Policy
from switchroom.sip.digest import Login, answer

CONTACT = "Contact: <sip:1001@10.0.5.1:5060>"


def register(peer: Peer, cseq: int, *lines: str, user: str = "1001", password: str = "") -> None:
    """A REGISTER; with a password the last challenge is answered."""
    extra = list(lines)
    if password:
        challenge = peer.last_response("REGISTER").get("www-authenticate") or ""
        value = answer(challenge, "REGISTER", f"sip:{DOMAIN}", Login(user, password), "cn")
        extra.append(f"Authorization: {value}")
    peer.say(
        "\n".join(
            [
                f"REGISTER sip:{DOMAIN} SIP/2.0",
                f"Via: SIP/2.0/UDP 10.0.5.1:5060;branch=z9hG4bKr{cseq}",
                f"From: <sip:{user}@{DOMAIN}>;tag=r",
                f"To: <sip:{user}@{DOMAIN}>",
                "Call-ID: reg",
                f"CSeq: {cseq} REGISTER",
                *extra,
            ]
        )
    )


def without_nonce(raw: bytes) -> bytes:
    return re.sub(rb'nonce="[^"]*"|tag=\w+|branch=\w+|CSeq: \d+', b"", raw).replace(
        b"9999", b"1001"
    )


def test_a_phone_registers_refreshes_and_leaves() -> None:
    world = World()
    phone = world.phone("1001")
    assert phone.log.statuses("REGISTER") == [401, 200]
    assert len(world.host.registrar) == 1
    world.run(160.0)
    assert phone.log.statuses("REGISTER") == [401, 200, 401, 200]
    phone.unregister()
    world.run(1.0)
    assert phone.registered == "removed"
    assert len(world.host.registrar) == 0


def test_an_unknown_user_and_a_wrong_password_look_the_same() -> None:
    world = World()
    peer = world.peer(PEER_PLACE)
    register(peer, 1, CONTACT)
    world.run(0.1)
    register(peer, 2, CONTACT, password="wrong")
    world.run(0.1)
    register(peer, 3, CONTACT, user="9999")
    world.run(0.1)
    register(peer, 4, CONTACT, user="9999", password="wrong")
    world.run(0.1)
    assert peer.statuses("REGISTER") == [401] * 4
    shapes = {without_nonce(raw) for raw in peer.raw}
    assert len(shapes) == 1, shapes


def test_headers_in_a_registered_uri_are_not_sent_as_headers() -> None:
    """Nobody may send our calls round by his own Route (RFC 3261 sections 19.1.1, 19.1.5)."""
    world = World()
    peer = world.peer(PEER_PLACE)
    odd = "Contact: <sip:10?1@10.0.5.1:5060;line=1?Route=%3Csip:10.0.6.1%3E&Subject=x>"
    register(peer, 1, odd)
    world.run(0.1)
    register(peer, 2, odd, password=PASSWORD)
    world.run(0.1)
    world.phone("2001").call("201")
    world.run(0.1)
    invite = peer.last("INVITE")
    assert invite.uri == "sip:10?1@10.0.5.1:5060;line=1"
    assert invite.get("route") is None
    peer.contact = "sip:here@10.0.5.1:5060?Route=%3Csip:10.0.6.1%3E"
    peer.answer(invite, "200 OK", body=OFFER)
    world.run(0.1)
    assert peer.last("ACK").uri == "sip:here@10.0.5.1:5060"


def test_credentials_for_another_server_do_not_hide_ours() -> None:
    world = World()
    peer = world.peer(PEER_PLACE)
    register(peer, 1, CONTACT)
    world.run(0.1)
    other = 'Digest username="a", realm="other", nonce="n", uri="sip:o", response="0"'
    lines = [f"Authorization: {other}", f"Proxy-Authorization: {other}"]
    register(peer, 2, CONTACT, *lines, password=PASSWORD)
    world.run(0.1)
    assert peer.statuses("REGISTER") == [401, 200]


def test_five_wrong_passwords_are_a_ban_and_it_ends() -> None:
    world = World()
    phone = world.phone("1001", password="wrong", register=False)
    for _ in range(5):
        phone.register()
        world.run(0.5)
    assert phone.registered == "failed"
    heard = len(phone.log.responses("REGISTER"))
    phone.register()
    world.run(40.0)
    assert len(phone.log.responses("REGISTER")) == heard
    assert [ban.reason for ban in world.host.defence.bans(world.network.now)] == ["wrong_password"]
    world.run(60.0)
    assert not world.host.defence.bans(world.network.now)


def test_a_stale_nonce_gets_a_new_challenge_that_says_so() -> None:
    world = World()
    peer = world.peer(PEER_PLACE)
    register(peer, 1, CONTACT)
    world.run(400.0)
    register(peer, 2, CONTACT, password=PASSWORD)
    world.run(0.1)
    assert "stale=true" in (peer.last_response("REGISTER").get("www-authenticate") or "")
    register(peer, 3, CONTACT, password=PASSWORD)
    world.run(0.1)
    assert peer.statuses("REGISTER") == [401, 401, 200]


def test_too_brief_is_423_and_a_phone_follows_it() -> None:
    world = World()
    peer = world.peer(PEER_PLACE)
    register(peer, 1, CONTACT)
    world.run(0.1)
    register(peer, 2, CONTACT, "Expires: 5", password=PASSWORD)
    world.run(0.1)
    assert peer.last_response("REGISTER").status == 423
    assert peer.last_response("REGISTER").get("min-expires") == "60"


def test_star_removes_all_and_a_register_without_contact_asks() -> None:
    world = World()
    world.phone("1001")
    world.phone("1001")
    peer = world.peer(PEER_PLACE)
    register(peer, 1)
    world.run(0.1)
    register(peer, 2, password=PASSWORD)
    world.run(0.1)
    assert len(peer.last_response("REGISTER").contacts()) == 2
    register(peer, 3)
    world.run(0.1)
    register(peer, 4, "Contact: *", "Expires: 0", password=PASSWORD)
    world.run(0.1)
    assert peer.last_response("REGISTER").status == 200
    assert len(world.host.registrar) == 0


def test_a_phone_may_not_register_for_another() -> None:
    world = World()
    peer = world.peer(PEER_PLACE)
    register(peer, 1, CONTACT)
    world.run(0.1)
    challenge = peer.last_response("REGISTER").get("www-authenticate") or ""
    value = answer(challenge, "REGISTER", f"sip:{DOMAIN}", Login("1002", PASSWORD), "cn")
    register(peer, 2, CONTACT, f"Authorization: {value}")
    world.run(0.1)
    assert peer.last_response("REGISTER").status == 403


def test_a_registration_that_is_not_refreshed_expires() -> None:
    world = World()
    phone = world.phone("1001")
    phone.policy = Policy(is_dead=True)
    phone.registration.deadline = None
    world.run(299.0)
    assert len(world.host.registrar) == 1
    world.run(3.0)
    assert len(world.host.registrar) == 0
    assert world.host.named("registration.removed")
