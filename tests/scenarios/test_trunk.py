"""Calls through a carrier: challenges, fail-over, and what it costs to be refused."""

import pytest
from msgspec.structs import replace

from scenarios.peer import OFFER, Peer
from scenarios.world import (
    PEER_PLACE,
    SECOND_TRUNK_PLACE,
    TRUNK_PLACE,
    World,
    agent,
    configuration,
    phone_address,
    trunk,
)
from switchroom.directory.model import Configuration

MOBILE = "+12025550123"
CHALLENGE = 'Proxy-Authenticate: Digest realm="carrier", nonce="abc", algorithm=MD5, qop="auth"'


def config(**trunk_settings: object) -> Configuration:
    carrier = trunk("carrier", TRUNK_PLACE, SECOND_TRUNK_PLACE, **trunk_settings)
    caller = agent("carol", phone_address("2001"))
    return configuration(caller, trunks=(carrier,))


@pytest.mark.parametrize(
    ("status", "challenge", "credentials"),
    [
        ("401 Unauthorized", "WWW-Authenticate", "authorization"),
        ("407 Proxy Authentication Required", "Proxy-Authenticate", "proxy-authorization"),
    ],
)
def test_a_challenge_is_answered_once(status: str, challenge: str, credentials: str) -> None:
    world = World(config(username="acme", password="secret"))
    carrier = world.peer(TRUNK_PLACE)
    caller = world.phone("2001")
    call = caller.call(MOBILE)
    world.run(0.1)
    first = carrier.last("INVITE")
    line = f'{challenge}: Digest realm="carrier", nonce="abc", algorithm=MD5, qop="auth"'
    carrier.answer(first, status, line)
    world.run(0.1)
    second = carrier.last("INVITE")
    assert carrier.last("ACK").branch == first.branch
    assert second.branch != first.branch
    assert (second.call_id, second.from_tag) == (first.call_id, first.from_tag)
    assert second.cseq == first.cseq + 1
    assert second.body == first.body
    assert 'username="acme"' in (second.get(credentials) or "")
    assert second.get(credentials) != first.get(credentials)
    carrier.answer(second, status, line)
    world.run(0.1)
    assert len(carrier.heard("INVITE")) == 2
    assert call.cause.status == 480
    world.assert_empty()


def test_the_password_goes_to_nobody_but_the_carrier_who_asked_for_it() -> None:
    world = World(config())  # no user name configured
    carrier = world.peer(TRUNK_PLACE)
    caller = world.phone("2001")
    call = caller.call(MOBILE)
    world.run(0.1)
    carrier.answer(
        carrier.last("INVITE"),
        "401 Unauthorized",
        'WWW-Authenticate: Digest realm="carrier", nonce="abc", algorithm=MD5, qop="auth"',
    )
    world.run(0.1)
    assert len(carrier.heard("INVITE")) == 1
    assert call.cause.status == 480


def test_503_goes_on_to_the_next_host() -> None:
    world = World(config())
    first, second = world.peer(TRUNK_PLACE), world.peer(SECOND_TRUNK_PLACE)
    caller = world.phone("2001")
    call = caller.call(MOBILE)
    world.run(0.1)
    first.answer(first.last("INVITE"), "503 Service Unavailable")
    world.run(0.1)
    second.answer(second.last("INVITE"), "200 OK", body=OFFER)
    world.run(0.1)
    assert call.state == "answered"
    assert second.last("INVITE").call_id != first.last("INVITE").call_id


def test_a_silent_host_is_left_after_three_copies() -> None:
    world = World(config())
    second = world.peer(SECOND_TRUNK_PLACE)
    caller = world.phone("2001")
    call = caller.call(MOBILE)
    world.run(3.4)
    assert not second.requests
    world.run(0.3)
    second.answer(second.last("INVITE"), "200 OK", body=OFFER)
    world.run(0.1)
    assert call.state == "answered"


def test_a_host_that_wakes_up_too_late_is_told_to_stop() -> None:
    world = World(config())
    first, second = world.peer(TRUNK_PLACE), world.peer(SECOND_TRUNK_PLACE)
    call = world.phone("2001").call(MOBILE)
    world.run(4.0)
    second.answer(second.last("INVITE"), "200 OK", body=OFFER)
    world.run(0.1)
    first.answer(first.last("INVITE"), "180 Ringing")
    world.run(0.1)
    assert first.last("CANCEL").call_id == first.last("INVITE").call_id
    assert call.state == "answered"


def test_busy_does_not_go_on_to_the_next_host() -> None:
    world = World(config())
    first, second = world.peer(TRUNK_PLACE), world.peer(SECOND_TRUNK_PLACE)
    caller = world.phone("2001")
    call = caller.call(MOBILE)
    world.run(0.1)
    first.answer(first.last("INVITE"), "486 Busy Here")
    world.run(0.1)
    assert not second.requests
    assert call.cause.status == 486


def test_a_host_name_is_looked_up_and_a_wrong_one_fails_over() -> None:
    carrier = replace(trunk("carrier"), hosts=("nowhere.example", "carrier.example"))
    caller_agent = agent("carol", phone_address("2001"))
    world = World(configuration(caller_agent, trunks=(carrier,)))
    world.host.names["carrier.example"] = (TRUNK_PLACE[0],)
    peer = world.peer(TRUNK_PLACE)
    caller = world.phone("2001")
    call = caller.call(MOBILE)
    world.run(0.1)
    peer.answer(peer.last("INVITE"), "200 OK", body=OFFER)
    world.run(0.1)
    assert call.state == "answered"


def named(*more_hosts: str) -> tuple[World, Peer, Peer]:
    """A world in which the carrier's name has two addresses, and who is there."""
    carrier = replace(trunk("carrier"), hosts=("carrier.example", *more_hosts))
    caller = agent("carol", phone_address("2001"))
    world = World(configuration(caller, trunks=(carrier,)))
    world.host.names["carrier.example"] = (TRUNK_PLACE[0], SECOND_TRUNK_PLACE[0])
    return world, world.peer(TRUNK_PLACE), world.peer(SECOND_TRUNK_PLACE)


def test_the_next_address_of_a_silent_name_is_tried() -> None:
    world, first, second = named()
    call = world.phone("2001").call(MOBILE)
    world.run(3.4)
    assert not second.requests
    world.run(0.3)
    invite = second.last("INVITE")
    assert invite.uri == first.last("INVITE").uri == f"sip:{MOBILE}@carrier.example"
    assert invite.call_id != first.last("INVITE").call_id
    second.answer(invite, "200 OK", body=OFFER)
    world.run(0.1)
    assert call.state == "answered"
    dialled = world.host.named("leg.dialled")
    assert len(dialled) == 2
    first.answer(first.last("INVITE"), "180 Ringing")
    world.run(0.1)
    assert first.heard("CANCEL")


@pytest.mark.parametrize(
    ("answers", "goes_on"),
    [
        (("503 Service Unavailable",), True),
        (("500 Server Internal Error",), True),
        (("486 Busy Here",), False),
        (("180 Ringing", "503 Service Unavailable"), False),
        (("183 Session Progress", "503 Service Unavailable"), False),
    ],
)
def test_which_answers_lead_to_the_next_address(answers: tuple[str, ...], *, goes_on: bool) -> None:
    world, first, second = named()
    world.phone("2001").call(MOBILE)
    world.run(0.1)
    for answer in answers:
        first.answer(first.last("INVITE"), answer, body=OFFER if answer[:3] == "183" else "")
        world.run(0.1)
    assert bool(second.requests) is goes_on


def test_all_addresses_of_a_name_come_before_the_next_host() -> None:
    world, first, second = named("10.0.5.1:5060")
    last = world.peer(PEER_PLACE)
    world.phone("2001").call(MOBILE)
    world.run(0.1)
    first.answer(first.last("INVITE"), "503 Service Unavailable")
    world.run(0.1)
    assert not last.requests
    second.answer(second.last("INVITE"), "503 Service Unavailable")
    world.run(0.1)
    assert len(last.heard("INVITE")) == len(second.heard("INVITE")) == 1
    assert len(first.heard("INVITE")) == 1


def test_a_bye_inside_the_dialog_is_challenged_too() -> None:
    world = World(config(username="acme", password="secret"))
    carrier = world.peer(TRUNK_PLACE)
    caller = world.phone("2001")
    call = caller.call(MOBILE)
    world.run(0.1)
    carrier.answer(carrier.last("INVITE"), "200 OK", body=OFFER)
    world.run(0.1)
    caller.hang_up(call)
    world.run(0.1)
    bye = carrier.last("BYE")
    carrier.answer(
        bye,
        "407 Proxy Authentication Required",
        CHALLENGE,
    )
    world.run(0.1)
    assert carrier.last("BYE").cseq == bye.cseq + 1
    assert "acme" in (carrier.last("BYE").get("proxy-authorization") or "")
    world.assert_empty()


def test_the_ack_repeats_the_credentials_of_its_invite() -> None:
    world = World(config(username="acme", password="secret"))
    carrier = world.peer(TRUNK_PLACE)
    caller = world.phone("2001")
    call = caller.call(MOBILE)
    world.run(0.1)
    carrier.answer(carrier.last("INVITE"), "407 Proxy Authentication Required", CHALLENGE)
    world.run(0.1)
    second = carrier.last("INVITE")
    carrier.answer(second, "200 OK", body=OFFER)
    world.run(0.1)
    ack = carrier.last("ACK")
    assert ack.cseq == second.cseq
    assert ack.get("proxy-authorization") == second.get("proxy-authorization")

    caller.hold(call)
    world.run(0.1)
    carrier.answer(carrier.last("INVITE"), "407 Proxy Authentication Required", CHALLENGE)
    world.run(0.1)
    third = carrier.last("INVITE")
    assert third.get("proxy-authorization")
    carrier.answer(third, "200 OK", body=OFFER)
    world.run(0.1)
    assert [reply.status for reply in call.replies] == [200]
    assert carrier.last("ACK").get("proxy-authorization") == third.get("proxy-authorization")
