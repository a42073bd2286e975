"""Where requests inside a dialog go, and which addresses are believed."""

import pytest

from switchroom.foundation.leg import Hop
from switchroom.sip.dialog.leg import Leg, hop_of, is_numeric, is_private
from switchroom.sip.message import Request, parse

SOURCE: Hop = ("udp", "198.51.100.7", 40_000)


def invite(*lines: str) -> Request:
    text = "\r\n".join(
        (
            "INVITE sip:a@b SIP/2.0", "Via: SIP/2.0/UDP c;branch=z9hG4bK1",
            "From: <sip:c@d>;tag=1", "To: <sip:a@b>", "Call-ID: x", "CSeq: 1 INVITE", *lines,
        )
    )  # fmt: skip
    found = parse(f"{text}\r\n\r\n".encode())
    assert isinstance(found, Request)
    return found


def leg(*lines: str) -> Leg:
    made = Leg("id", inbound=True, sip_call_id="x", local_tag="t")
    made.take_dialog(invite(*lines), SOURCE)
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
    assert all(
        map(is_private, ("10.0.0.1", "192.168.0.1", "172.16.0.1", "172.31.0.1", "100.64.1.1"))
    )
    assert not any(map(is_private, ("172.32.0.1", "100.128.0.1", "192.0.2.1", "name")))
