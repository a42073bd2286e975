"""Noting the source of a request in its top Via."""

import pytest

from switchroom.sip.message import Request, parse, stamp_source


def options(via: str, *more: str) -> Request:
    lines = ["OPTIONS sip:h SIP/2.0", f"Via: {via}", *more]
    lines += ["From: <sip:a@h>;tag=1", "To: <sip:b@h>", "Call-ID: 1", "CSeq: 1 OPTIONS", "", ""]
    message = parse("\r\n".join(lines).encode())
    assert isinstance(message, Request)
    return message


@pytest.mark.parametrize(
    ("via", "stamped"),
    [
        ("SIP/2.0/UDP 192.0.2.1;branch=1", "SIP/2.0/UDP 192.0.2.1;branch=1"),
        ("SIP/2.0/UDP 192.0.2.1:5060", "SIP/2.0/UDP 192.0.2.1:5060"),
        (
            "SIP/2.0/UDP 192.0.2.1;rport;branch=1",
            "SIP/2.0/UDP 192.0.2.1;rport=6000;received=192.0.2.1;branch=1",
        ),
        (
            "SIP/2.0/UDP 10.0.0.1:5060;branch=1;rport",
            "SIP/2.0/UDP 10.0.0.1:5060;branch=1;rport=6000;received=192.0.2.1",
        ),
        ("SIP/2.0/UDP h;branch=a/b=", "SIP/2.0/UDP h;branch=a/b=;received=192.0.2.1"),
        (
            "SIP/2.0/UDP h;Received=6.6.6.6;branch=1;RPORT=7",
            "SIP/2.0/UDP h;branch=1;rport=6000;received=192.0.2.1",
        ),
        (
            "SIP/2.0/UDP h;rport, SIP/2.0/TCP i;rport",
            "SIP/2.0/UDP h;rport=6000;received=192.0.2.1, SIP/2.0/TCP i;rport",
        ),
        ("SIP/2.0/UDP h ; rport ; x=1", "SIP/2.0/UDP h ; x=1;rport=6000;received=192.0.2.1"),
        ("SIP/2.0/UDP 192.0.2.1;RPORT", "SIP/2.0/UDP 192.0.2.1;rport=6000;received=192.0.2.1"),
        (
            "SIP/2.0/UDP [2001:db8::1]:5060;branch=1",
            "SIP/2.0/UDP [2001:db8::1]:5060;branch=1;received=192.0.2.1",
        ),
        ("nonsense ;", "nonsense ;"),
    ],
)
def test_the_source_is_noted(via: str, stamped: str) -> None:
    request = options(via, "Via: SIP/2.0/UDP below")
    for _ in range(2):
        stamp_source(request, "192.0.2.1", 6000)
        assert request.raw("via") == [stamped, "SIP/2.0/UDP below"]
    assert request.received_from == ("192.0.2.1", 6000)


def test_typed_via_follows() -> None:
    request = options("SIP/2.0/UDP 10.0.0.1;rport;branch=z9hG4bK1")
    assert request.via.received == ""
    stamp_source(request, "192.0.2.1", 6000)
    assert (request.via.received, request.via.rport) == ("192.0.2.1", 6000)
    assert request.via.branch == request.branch == "z9hG4bK1"


def test_a_later_source_replaces_the_earlier() -> None:
    request = options("SIP/2.0/UDP 10.0.0.1;rport")
    stamp_source(request, "192.0.2.1", 6000)
    stamp_source(request, "2001:db8::2", 7000)
    assert (request.via.received, request.via.rport) == ("2001:db8::2", 7000)
