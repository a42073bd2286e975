"""Whose offer goes to whom in a call that a command has begun, word for word."""

import pytest
from msgspec.structs import replace

from scenarios.established import origin
from scenarios.peer import OFFER, Peer
from scenarios.world import (
    PEER_PLACE,
    SECOND_PEER_PLACE,
    World,
    agent,
    configuration,
    phone_address,
    sip_address,
)
from switchroom.calls.plan import Order, Party
from switchroom.simulator.network import Link
from switchroom.simulator.policy import Policy
from switchroom.sip.message import Request

BOTH = OFFER + "a=rtpmap:0 PCMU/8000\r\na=ptime:20\r\nm=video 9002 RTP/AVP 96\r\n"
BOTH += "a=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1\r\n"
ANSWER = OFFER.replace("9000", "9100")
TO_BOB, TO_EVE = Party("agent", "bob"), Party("agent", "eve")


class Office:
    """Bob and Eve say exactly what the test says; Bob is connected to Eve."""

    def __init__(self) -> None:
        bob = agent("bob", sip_address(PEER_PLACE), number="202")
        eve = agent("eve", sip_address(SECOND_PEER_PLACE), number="203")
        self.world = World(configuration(bob, eve))
        self.bob, self.eve = self.world.peer(PEER_PLACE), self.world.peer(SECOND_PEER_PLACE)
        self.world.host.originate(Order("acme", (TO_BOB,), TO_EVE, dial=("internal",)))
        self.run()
        assert not self.bob.last("INVITE").body

    def run(self, seconds: float = 0.1) -> None:
        self.world.run(seconds)

    def answers(self, peer: Peer, body: str) -> None:
        peer.answer(peer.last("INVITE"), "200 OK", body=body)
        self.run()

    def says(self, peer: Peer, invite: Request, method: str, body: str = "", cseq: int = 1) -> None:
        """A request of who was rung with ``invite``, inside that dialog."""
        host, port = peer.place
        peer.say(
            "\n".join(
                [
                    f"{method} sip:switchroom@10.0.0.1:5060 SIP/2.0",
                    f"Via: SIP/2.0/UDP {host}:{port};branch=z9hG4bK{method}{host}{cseq}",
                    "Max-Forwards: 70",
                    f"From: {invite.get('to')};tag=peer",
                    f"To: {invite.get('from')}",
                    f"Call-ID: {invite.call_id}",
                    f"CSeq: {cseq} {method}",
                    f"Contact: <{peer.contact}>",
                    *(["Content-Type: application/sdp"] if body else []),
                ]
            ),
            body,
        )
        self.run()


def media(session: bytes) -> list[str]:
    return [line for line in session.decode().splitlines() if line.startswith("m=")]


def test_offers_and_answers_cross_as_they_are() -> None:
    office = Office()
    office.answers(office.bob, OFFER)
    held = office.bob.last("ACK")
    assert media(held.body) == ["m=audio 9 RTP/AVP 0"]
    assert b"a=inactive" in held.body
    assert b"c=IN IP4 10.0.0.1" in held.body
    office.answers(office.eve, ANSWER)
    assert not office.eve.heard("ACK")
    offered = office.bob.last("INVITE")
    assert offered.to_tag == "peer"
    assert offered.body.decode().splitlines()[2:] == ANSWER.splitlines()[2:]
    (id_before, version), (id_after, later) = origin(held.body), origin(offered.body)
    assert id_before == id_after
    assert int(later) == int(version) + 1
    changed = OFFER.replace("9000", "9200")  # a phone may open another port for each offer
    office.answers(office.bob, changed)
    ack = office.eve.last("ACK")
    assert ack.body.decode().splitlines()[2:] == changed.splitlines()[2:]
    assert len(office.bob.heard("ACK")) == 2
    assert len(office.world.host.named("call.answered")) == 1


def test_video_of_one_side_only() -> None:
    office = Office()
    first = office.bob.last("INVITE")
    office.answers(office.bob, BOTH)
    held = office.bob.last("ACK").body
    assert media(held) == ["m=audio 9 RTP/AVP 0", "m=video 9 RTP/AVP 96"]
    assert held.count(b"a=inactive") == 2
    assert b"a=fmtp:96 packetization-mode=1" in held
    office.answers(office.eve, ANSWER)
    invite = office.eve.last("INVITE")
    # No later offer may leave out a stream (RFC 3264 section 8) …
    assert media(office.bob.last("INVITE").body) == [
        "m=audio 9100 RTP/AVP 0",
        "m=video 0 RTP/AVP 96",
    ]
    office.answers(office.bob, BOTH.replace("m=video 9002", "m=video 0"))
    # … and no answer may add one (section 6).
    assert media(office.eve.last("ACK").body) == ["m=audio 9000 RTP/AVP 0"]
    hold = ANSWER + "a=sendonly\r\n"
    office.says(office.eve, invite, "INVITE", hold)
    assert media(office.bob.last("INVITE").body) == [
        "m=audio 9100 RTP/AVP 0",
        "m=video 0 RTP/AVP 96",
    ]
    office.answers(office.bob, BOTH.replace("m=video 9002", "m=video 0"))
    answer = office.eve.last_response()
    assert (answer.status, media(answer.body)) == (200, ["m=audio 9000 RTP/AVP 0"])
    office.says(office.eve, invite, "ACK")
    office.world.restart()
    office.says(office.eve, invite, "INVITE", ANSWER, cseq=2)
    assert len(media(office.bob.last("INVITE").body)) == 2, "a restart forgets none"
    office.answers(office.bob, BOTH.replace("m=video 9002", "m=video 0"))
    office.says(office.eve, invite, "ACK", cseq=2)
    office.says(office.bob, first, "INVITE", BOTH)
    assert media(office.eve.last("INVITE").body) == media(BOTH.encode())


def test_the_agents_phone_refreshes_while_the_destination_rings() -> None:
    office = Office()
    first = office.bob.last("INVITE")
    office.answers(office.bob, OFFER)
    office.says(office.bob, first, "INVITE", OFFER)
    refreshed = office.bob.last_response()
    assert (refreshed.status, b"a=inactive" in refreshed.body) == (200, True)
    office.answers(office.eve, ANSWER)
    assert len(office.bob.heard("INVITE")) == 1, "its ACK is still to come"
    office.says(office.bob, first, "ACK")
    office.run(2.2)
    assert len(office.bob.heard("INVITE")) == 2
    office.answers(office.bob, OFFER)
    assert office.eve.last("ACK").body


@pytest.mark.parametrize("method", ["INVITE", "UPDATE"])
def test_the_agents_phone_asks_without_an_offer(method: str) -> None:
    office = Office()
    first = office.bob.last("INVITE")
    office.answers(office.bob, OFFER)
    office.says(office.bob, first, method)
    assert office.bob.last_response(method).status == (488 if method == "INVITE" else 200)


def test_a_phone_that_answers_without_an_offer_is_hung_up() -> None:
    office = Office()
    office.answers(office.bob, "")
    assert office.bob.heard("BYE")
    assert not office.eve.heard("INVITE")
    office.bob.answer(office.bob.last("BYE"), "200 OK")
    office.run()
    assert not office.world.host.calls.calls
    (ended,) = office.world.host.named("leg.ended")
    assert ended.outcome == "failed"  # type: ignore[attr-defined]


def test_a_destination_that_answers_without_an_offer_ends_the_call() -> None:
    office = Office()
    office.answers(office.bob, OFFER)
    office.answers(office.eve, "")
    assert office.eve.heard("BYE")
    assert office.bob.heard("BYE")


def test_a_phone_that_refuses_invites_without_an_offer_has_failed() -> None:
    office = Office()
    office.bob.answer(office.bob.last("INVITE"), "488 Not Acceptable Here")
    office.run()
    assert not office.world.host.calls.calls
    assert office.bob.heard("ACK")


def test_a_phone_that_answers_the_joining_without_a_session_ends_the_call() -> None:
    office = Office()
    office.answers(office.bob, OFFER)
    office.answers(office.eve, ANSWER)
    office.answers(office.bob, "")
    assert office.eve.heard("BYE")
    assert office.bob.heard("BYE")


def test_the_destination_gives_up_before_its_ack() -> None:
    office = Office()
    office.answers(office.bob, OFFER)
    invite = office.eve.last("INVITE")
    office.answers(office.eve, ANSWER)
    office.says(office.eve, invite, "BYE")
    assert office.eve.last_response("BYE").status == 200
    office.answers(office.bob, OFFER)  # its answer comes too late
    assert office.bob.heard("BYE")
    assert office.bob.heard("ACK")[-1].cseq == office.bob.last("INVITE").cseq
    assert not office.world.host.calls.calls


BAD = Link(delay_s=0.02, jitter_s=0.05, loss=0.12, duplication=0.1, reordering=0.1, late_s=0.4)


@pytest.mark.parametrize("seed", range(12))
def test_a_bad_network_leaves_nobody_half_connected(seed: int) -> None:
    alice = agent("alice", *(phone_address(number) for number in ("1001", "1002", "1003")))
    ben = agent("ben", phone_address("2001"))
    world = World(configuration(alice, ben), seed=seed, link=BAD)
    phones = [world.phone(user, Policy(answer_after_s=2.0)) for user in ("1001", "1002")]
    last = world.phone("2001", Policy(answer_after_s=3.0))
    order = Order("acme", (Party("agent", "alice"),), Party("agent", "ben"), dial=("internal",))
    world.host.originate(replace(order, ring_timeout_s=40.0))
    world.run(60.0)
    (taker,) = [phone for phone in phones if phone.calls]
    (mine,), (other,) = taker.calls.values(), last.calls.values()
    assert mine.state == other.state == "answered"
    assert taker.settings.address.encode() in other.peer_session
    assert last.settings.address.encode() in mine.peer_session
    last.hang_up(other)
    world.assert_empty()
