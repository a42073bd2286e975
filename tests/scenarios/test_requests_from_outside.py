"""What is refused before anything rings: merged, looping, full, unknown, unsupported."""

import pytest
from msgspec.structs import replace

from scenarios.peer import CALLED, OFFER, Peer
from scenarios.world import (
    PEER_PLACE,
    SETTINGS,
    TRUNK_PLACE,
    World,
    agent,
    bob_config,
    configuration,
    phone_address,
    trunk,
)
from switchroom.drivers.node import OVERLOAD_AFTER
from switchroom.simulator.phone import Phone
from switchroom.sip.settings import SipSettings

CALL = f"sip:{CALLED}@10.0.0.1"


def test_the_same_request_on_two_ways_is_482() -> None:
    world = World(bob_config())
    caller, callee = world.peer(TRUNK_PLACE), world.peer(PEER_PLACE)
    caller.request("INVITE", branch="way1", body=OFFER)
    caller.request("INVITE", branch="way2", body=OFFER)
    world.run(0.1)
    assert caller.statuses() == [482]
    assert len(callee.heard("INVITE")) == 1


def test_no_hops_left_is_483_and_others_are_counted_down() -> None:
    world = World(bob_config())
    caller, callee = world.peer(TRUNK_PLACE), world.peer(PEER_PLACE)
    caller.request("INVITE", branch="zero", call_id="zero", hops=0, body=OFFER)
    world.run(0.1)
    assert caller.statuses() == [483]
    caller.request("INVITE", hops=5, body=OFFER)
    world.run(0.1)
    assert callee.last("INVITE").max_forwards == 4


def test_overload_is_503_with_retry_after_and_keeps_no_state() -> None:
    world = World(bob_config())
    caller = world.peer(TRUNK_PLACE)
    world.host.agent.overloaded = True
    # The loop sets the flag anew at the end of each turn.
    world.host.node.receive(_invite(), ("udp", *TRUNK_PLACE))
    world.host.node.drained(1)
    world.run(0.1)
    assert caller.statuses() == [503]
    assert caller.last_response().get("retry-after") == "5"
    assert set(world.host.sizes().values()) == {0}


def emergency(settings: SipSettings = SETTINGS) -> tuple[World, Phone, Peer]:
    """A phone that may call for help, and the carrier that helps."""
    carol = agent("carol", phone_address("2001"), capacity=9)
    world = World(configuration(carol, trunks=(trunk("carrier", TRUNK_PLACE),)), settings=settings)
    return world, world.phone("2001"), world.peer(TRUNK_PLACE)


def test_a_call_for_help_is_taken_under_overload() -> None:
    world, phone, carrier = emergency()
    world.host.burst = 64
    for _ in range(OVERLOAD_AFTER):
        world.host.node.drained(64)
    phone.call("911")
    world.run(0.1)
    assert carrier.last("INVITE").uri == "sip:911@10.0.9.1:5060"
    refused = phone.call("+12025550123")
    world.run(0.1)
    assert refused.cause.status == 503


def test_a_call_for_help_is_taken_when_there_is_no_room() -> None:
    world, phone, carrier = emergency(replace(SETTINGS, limit_legs=2, limit_transactions=3))
    first = phone.call("+12025550123")
    world.run(0.1)
    assert carrier.heard("INVITE")
    refused = phone.call("+12025550124")
    world.run(0.1)
    assert (first.state, refused.cause.status) == ("ringing", 503)
    phone.call("911")
    world.run(0.1)
    assert carrier.last("INVITE").uri.startswith("sip:911@")


def test_a_full_table_of_transactions_is_503() -> None:
    world = World(bob_config(), settings=replace(SETTINGS, limit_transactions=1))
    caller, callee = world.peer(TRUNK_PLACE), world.peer(PEER_PLACE)
    caller.request("INVITE", body=OFFER)
    caller.request("INVITE", call_id="c2", branch="two", body=OFFER)
    world.run(0.1)
    assert caller.statuses() == [503]
    assert caller.last_response().get("retry-after") is not None
    assert len(callee.heard("INVITE")) == 1


def test_a_full_table_still_lets_calls_end() -> None:
    world = World(bob_config(), settings=replace(SETTINGS, limit_transactions=1))
    caller, callee = world.peer(TRUNK_PLACE), world.peer(PEER_PLACE)
    caller.request("INVITE", body=OFFER)
    world.run(0.1)
    callee.answer(callee.last("INVITE"), "200 OK", body=OFFER)
    world.run(0.1)
    to = caller.last_response().get("to") or ""
    caller.request("ACK", branch="ack", to=to)
    caller.request("BYE", branch="unknown", cseq="2", to="<sip:x@10.0.0.1>;tag=unknown")
    world.run(0.1)
    caller.request("BYE", branch="bye", cseq="2", to=to)
    world.run(0.1)
    assert caller.statuses("BYE") == [503, 200]


@pytest.mark.parametrize(
    ("call_id", "branch", "to"),
    [("x" * 257, "b", ""), ("c", "x" * 250, ""), ("c", "b", f"<sip:a@b>;tag={'x' * 257}")],
    ids=["call id", "branch", "tag"],
)
def test_names_too_long_to_be_kept_are_400(call_id: str, branch: str, to: str) -> None:
    world = World(bob_config())
    caller = world.peer(TRUNK_PLACE)
    caller.request("OPTIONS", call_id=call_id, branch=branch, to=to)
    world.run(0.1)
    assert caller.statuses("OPTIONS") == [400]
    assert set(world.host.sizes().values()) == {0}


def test_no_room_for_legs_is_503() -> None:
    world = World(bob_config(), settings=replace(SETTINGS, limit_legs=1))
    caller = world.peer(TRUNK_PLACE)
    caller.request("INVITE", body=OFFER)
    caller.request("INVITE", call_id="c2", branch="two", body=OFFER)
    world.run(0.1)
    assert 503 in caller.statuses()


def test_an_unknown_number_is_404() -> None:
    world = World(bob_config())
    caller = world.peer(TRUNK_PLACE)
    caller.request("INVITE", uri="sip:+19995550100@10.0.0.1", body=OFFER)
    world.run(0.1)
    assert caller.statuses() == [404]


def test_what_we_lack_is_420_and_names_it() -> None:
    world = World(bob_config())
    caller = world.peer(TRUNK_PLACE)
    caller.request("INVITE", "Require: 100rel", "Require: precondition", body=OFFER)
    world.run(0.1)
    assert caller.statuses() == [420]
    assert caller.last_response().get("unsupported") == "100rel, precondition"


def test_other_methods() -> None:
    world = World(bob_config())
    caller = world.peer(TRUNK_PLACE)
    for method, status in (
        ("OPTIONS", 200), ("BYE", 481), ("UPDATE", 481), ("INFO", 481), ("SUBSCRIBE", 405),
        ("REFER", 405), ("MESSAGE", 405), ("NEWMETHOD", 501),
    ):  # fmt: skip
        caller.request(method, branch=method, call_id=method)
        world.run(0.1)
        answer = caller.last_response(method)
        assert answer.status == status, method
        assert answer.to_tag
        if status in (200, 405, 501):
            assert "INVITE" in (answer.get("allow") or "")
    world.assert_empty()


def test_a_body_that_is_no_session_is_415() -> None:
    world = World(bob_config())
    caller = world.peer(TRUNK_PLACE)
    caller.say(
        f"""INVITE {CALL} SIP/2.0
        Via: SIP/2.0/UDP 10.0.9.1:5060;branch=z9hG4bKtext
        From: <sip:a@10.0.9.1>;tag=peer
        To: <{CALL}>
        Call-ID: text
        CSeq: 1 INVITE
        Contact: <sip:a@10.0.9.1>
        Content-Type: text/plain""",
        "hello",
    )
    world.run(0.1)
    assert caller.statuses() == [415]
    assert caller.last_response().get("accept") == "application/sdp"


def test_a_stranger_is_challenged_and_leaves_nothing_behind() -> None:
    world = World(bob_config())
    stranger = world.peer(("10.0.66.6", 5060))
    stranger.request("INVITE", uri=CALL, body=OFFER)
    world.run(0.1)
    assert stranger.statuses() == [401]
    assert len(stranger.raw[0]) < 700
    assert set(world.host.sizes().values()) == {0}


def test_a_scanner_hears_nothing() -> None:
    world = World(bob_config())
    stranger = world.peer(("10.0.66.6", 5060))
    stranger.request("OPTIONS", "User-Agent: friendly-scanner")
    world.run(0.1)
    stranger.request("OPTIONS", branch="two", call_id="two")
    world.run(0.1)
    assert not stranger.raw
    assert [ban.source for ban in world.host.defence.bans(world.network.now)] == ["10.0.66.6"]


def _invite() -> bytes:
    host, port = TRUNK_PLACE
    head = (
        f"INVITE {CALL} SIP/2.0",
        f"Via: SIP/2.0/UDP {host}:{port};branch=z9hG4bKx",
        f"From: <sip:a@{host}>;tag=peer",
        f"To: <{CALL}>",
        "Call-ID: x",
        "CSeq: 1 INVITE",
        f"Contact: <sip:a@{host}>",
        "Content-Length: 0",
    )
    return ("\r\n".join(head) + "\r\n\r\n").encode()
