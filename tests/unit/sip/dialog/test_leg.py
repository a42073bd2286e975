"""Where requests inside a dialog go, and which addresses are believed."""

import pytest

from switchroom.foundation.leg import Hop
from switchroom.sip.dialog.leg import Leg, hop_of, is_numeric, private_network
from switchroom.sip.message import Request, parse

SOURCE: Hop = ("udp", "198.51.100.7", 40_000)


def invite(*lines: str, rport: str = "") -> Request:
    text = "\r\n".join(
        (
            "INVITE sip:a@b SIP/2.0", f"Via: SIP/2.0/UDP c;branch=z9hG4bK1{rport}",
            "From: <sip:c@d>;tag=1", "To: <sip:a@b>", "Call-ID: x", "CSeq: 1 INVITE", *lines,
        )
    )  # fmt: skip
    found = parse(f"{text}\r\n\r\n".encode())
    assert isinstance(found, Request)
    return found


def leg(*lines: str, rport: str = "", trunk: str = "", source: Hop = SOURCE) -> Leg:
    made = Leg("id", inbound=True, sip_call_id="x", local_tag="t")
    made.trunk_id = trunk
    made.take_dialog(invite(*lines, rport=rport), source)
    return made


@pytest.mark.parametrize(
    ("contact", "hop"),
    [
        ("<sip:c@192.0.2.5:5070>", ("udp", "192.0.2.5", 5070)),
        ("<sip:c@192.0.2.5;transport=tcp>", ("tcp", "192.0.2.5", 5060)),
        ("<sip:c@192.168.1.5>", SOURCE),
        ("<sip:c@10.1.1.5>", SOURCE),
        ("<sip:c@phone.local>", SOURCE),
        ("<sip:c@192.0.2.5;transport=ws>", SOURCE),
    ],
)
def test_a_contact_is_believed_if_it_can_be_reached(contact: str, hop: Hop) -> None:
    assert leg(f"Contact: {contact}").hop == hop


def test_a_private_contact_is_believed_only_in_its_own_network() -> None:
    made = leg("Contact: <sip:c@192.168.7.5>", trunk="t", source=("udp", "192.168.7.9", 5060))
    assert made.hop == ("udp", "192.168.7.5", 5060)
    other: Hop = ("udp", "10.0.0.9", 40_000)
    assert leg("Contact: <sip:c@192.168.7.5>", trunk="t", source=other).hop == other


@pytest.mark.parametrize(
    ("contact", "rport", "is_phone", "is_source"),
    [
        ("192.0.2.5", ";rport", True, True),
        ("192.0.2.5", "", True, False),
        ("192.0.2.5", ";rport", False, False),
        ("10.7.7.7", "", True, True),
        ("10.7.7.7", "", False, False),
        ("10.0.0.9", ";rport", True, False),
    ],
)
def test_a_phone_behind_nat_is_where_its_packets_come_from(
    contact: str, rport: str, *, is_phone: bool, is_source: bool
) -> None:
    source: Hop = ("udp", "10.0.0.9", 40_000)
    line = f"Contact: <sip:c@{contact}:5060>"
    made = leg(line, rport=rport, trunk="" if is_phone else "t", source=source)
    assert made.hop == (source if is_source else ("udp", contact, 5060))


def test_a_connection_is_used_while_it_is_open_and_the_contact_afterwards() -> None:
    source: Hop = ("tcp", "192.0.2.5", 40_000)
    made = leg("Contact: <sip:c@192.0.2.5:5060;transport=tcp>", source=source)
    assert made.hop == source
    made.leave_flow()
    assert made.hop == ("tcp", "192.0.2.5", 5060)
    routed = leg("Contact: <sip:c@192.0.2.5>", "Record-Route: <sip:192.0.2.9;lr>", source=source)
    routed.leave_flow()
    assert routed.hop == ("udp", "192.0.2.9", 5060)


def test_the_first_route_decides() -> None:
    made = leg("Contact: <sip:c@192.0.2.5>", "Record-Route: <sip:192.0.2.9:5080;lr>, <sip:e;lr>")
    assert made.hop == ("udp", "192.0.2.9", 5080)
    data = made.request("BYE", 1, "z9hG4bKx", "local", (), b"").decode()
    assert data.startswith("BYE sip:c@192.0.2.5 SIP/2.0\r\n")
    assert "Route: <sip:192.0.2.9:5080;lr>\r\nRoute: <sip:e;lr>\r\n" in data


def test_at_most_16_routes_are_kept() -> None:
    assert len(leg(*["Record-Route: <sip:192.0.2.9;lr>"] * 40).routes) == 16


def test_the_version_of_a_session_grows_only_when_it_changes() -> None:
    made = leg()
    first = made.our_session(b"v=0\r\no=a 1 1 IN IP4 x\r\ns=-\r\n", "192.0.2.1")
    again = made.our_session(b"v=0\r\no=a 1 1 IN IP4 x\r\ns=-\r\n", "192.0.2.1")
    other = made.our_session(b"v=0\r\no=a 1 2 IN IP4 x\r\ns=new\r\n", "192.0.2.1")
    assert first == again
    assert b"o=switchroom 0 1 IN IP4 192.0.2.1" in first
    assert b"o=switchroom 0 2 IN IP4 192.0.2.1" in other


def test_hops_of_uris() -> None:
    assert hop_of("sip:a@192.0.2.1") == ("udp", "192.0.2.1", 5060)
    assert hop_of("sips:a@192.0.2.1") is None
    assert hop_of("tel:+12025550123") is None
    assert hop_of("sip:a@host.example") is None


def test_addresses() -> None:
    assert is_numeric("192.0.2.1")
    assert not any(map(is_numeric, ("192.0.2", "192.0.2.256", "a.b.c.d", "1.2.3.4.5", "1..2.3")))
    private = ("10.0.0.1", "192.168.0.1", "172.16.0.1", "172.31.0.1", "100.64.1.1", "127.0.0.1")
    networks = ("10", "192.168", "172.16", "172.16", "100.64", "127")
    assert tuple(map(private_network, private)) == networks
    assert not any(map(private_network, ("172.32.0.1", "100.128.0.1", "192.0.2.1", "name")))
