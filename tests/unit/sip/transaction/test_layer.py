"""Matching of messages to transactions, and the bounds of the tables."""

from switchroom.foundation.leg import Hop
from switchroom.simulator.ids import SeededIds
from switchroom.sip.message import Request, Response, parse
from switchroom.sip.transaction.layer import TransactionLayer
from switchroom.sip.transaction.server import ServerInvite
from switchroom.sip.transaction.timers import Timers

HOP: Hop = ("udp", "192.0.2.1", 5060)


def layer(limit: int = 100) -> TransactionLayer:
    return TransactionLayer(SeededIds(1), Timers(), limit)


def request(
    method: str = "INVITE", branch: str = "z9hG4bKa", host: str = "c", to_tag: str = ""
) -> Request:
    tag = f";tag={to_tag}" if to_tag else ""
    via = f"SIP/2.0/UDP {host}" + (f";branch={branch}" if branch else "")
    found = parse(
        f"{method} sip:a@b SIP/2.0\r\nVia: {via}\r\nFrom: <sip:c@d>;tag=1\r\nTo: <sip:a@b>{tag}\r\n"
        f"Call-ID: x\r\nCSeq: 1 {method}\r\n\r\n".encode()
    )
    assert isinstance(found, Request)
    return found


def test_copies_match_and_another_host_with_the_same_branch_does_not() -> None:
    tables = layer()
    matched, first = tables.match_request(request(), HOP, 1.0)
    assert matched == "new"
    assert tables.match_request(request(), HOP, 1.0) == ("repeated", first)
    assert tables.match_request(request("OPTIONS", host="e"), HOP, 1.0)[0] == "new"


def test_the_ack_of_a_refusal_belongs_to_its_invite() -> None:
    tables = layer()
    _, server = tables.match_request(request(), HOP, 1.0)
    assert isinstance(server, ServerInvite)
    tables.respond(server, 486, 1.0, to_tag="t")
    assert tables.match_request(request("ACK", to_tag="t"), HOP, 1.1)[0] == "acknowledged"
    assert server.state == "confirmed"


def test_the_ack_of_a_200_goes_up_even_with_the_branch_of_its_invite() -> None:
    tables = layer()
    _, server = tables.match_request(request(), HOP, 1.0)
    assert server is not None
    tables.respond(server, 200, 1.0, to_tag="t")
    for branch in ("z9hG4bKa", "z9hG4bKother"):
        assert tables.match_request(request("ACK", branch, to_tag="t"), HOP, 1.1)[0] == "new"


def test_a_cancel_finds_its_invite_and_an_old_phone_is_matched_without_branch() -> None:
    tables = layer()
    _, server = tables.match_request(request(branch=""), HOP, 1.0)
    assert tables.invite_of(request("CANCEL", branch="")) is server
    assert tables.match_request(request(branch=""), HOP, 1.0)[0] == "repeated"
    assert tables.invite_of(request("CANCEL", branch="z9hG4bKb")) is None


def test_merged_requests_and_the_limit() -> None:
    tables = layer(limit=1)
    assert tables.match_request(request(), HOP, 1.0)[0] == "new"
    assert tables.match_request(request(branch="z9hG4bKb"), HOP, 1.0)[0] == "merged"
    assert tables.match_request(request("OPTIONS", "z9hG4bKc"), HOP, 1.0)[0] == "overloaded"


def test_a_full_table_still_takes_what_belongs_to_a_call_that_is_there() -> None:
    tables = layer(limit=1)
    tables.match_request(request(), HOP, 1.0)
    assert tables.match_request(request("BYE", "z9hG4bKb", to_tag="t"), HOP, 1.0)[0] == "overloaded"
    assert tables.match_request(request("CANCEL", "z9hG4bKb"), HOP, 1.0)[0] == "overloaded"
    tables.may_exceed = lambda inside: inside.to_tag == "t"
    assert tables.match_request(request("BYE", "z9hG4bKb", to_tag="t"), HOP, 1.0)[0] == "new"
    assert tables.match_request(request("BYE", "z9hG4bKc", to_tag="t"), HOP, 1.0)[0] == "overloaded"


def test_a_full_table_still_takes_the_cancel_of_an_invite_that_is_there() -> None:
    tables = layer(limit=1)
    tables.match_request(request(), HOP, 1.0)
    assert tables.match_request(request("CANCEL"), HOP, 1.0)[0] == "new"


def test_everything_is_gone_after_64_t1_and_a_little() -> None:
    tables = layer()
    _, server = tables.match_request(request(), HOP, 1.0)
    assert server is not None
    tables.respond(server, 486, 1.0, to_tag="t")
    tables.call("z9hG4bKm", b"INVITE", HOP, None, 1.0)
    tables.ask("z9hG4bKnBYE", b"BYE", HOP, "bye", None, 1.0)
    ended = []
    while (when := tables.deadline()) is not None:
        ended += [purpose for _, purpose, _ in tables.tick(when)[0]]
    assert sorted(ended) == ["bye", "invite", "silent"]
    assert (len(tables.clients), len(tables.servers), tables.merged_size) == (0, 0, 0)


def test_a_response_is_matched_by_branch_and_method() -> None:
    tables = layer()
    tables.call("z9hG4bKm", b"INVITE", HOP, "owner", 1.0)
    for method, branch, is_found in (
        ("INVITE", "z9hG4bKm", True), ("CANCEL", "z9hG4bKm", False), ("INVITE", "z9hG4bKn", False),
    ):  # fmt: skip
        found = parse(
            f"SIP/2.0 180 Ringing\r\nVia: SIP/2.0/UDP c;branch={branch}\r\n"
            "From: <sip:c@d>;tag=1\r\nTo: <sip:a@b>;tag=2\r\nCall-ID: x\r\n"
            f"CSeq: 1 {method}\r\n\r\n".encode()
        )
        assert isinstance(found, Response)
        assert (tables.match_response(found, 1.1) is not None) is is_found
    assert tables.waiting()


def test_a_dead_hop_fails_only_what_waits_for_it() -> None:
    tables = layer()
    other: Hop = ("tcp", "192.0.2.9", 5060)
    tables.call("z9hG4bKm", b"INVITE", HOP, "mine", 1.0)
    tables.call("z9hG4bKn", b"INVITE", other, "yours", 1.0)
    assert [owner for _, _, owner in tables.fail_hop(other)] == ["yours"]
    assert len(tables.clients) == 1
