"""Via values and branches."""

import pytest

from switchroom.sip.message import Via, format_via, parse_via
from switchroom.sip.message.via import branch_of


def test_a_via_is_read() -> None:
    via = parse_via("SIP/2.0/udp A.example.com:5070;branch=z9hG4bK1;rport=9;received=[::1];ttl=1")
    assert via is not None
    assert (via.transport, via.host, via.port) == ("UDP", "a.example.com", 5070)
    assert (via.branch, via.rport, via.received) == ("z9hG4bK1", 9, "::1")


def test_white_space_is_allowed_around_everything() -> None:
    via = parse_via("SIP  / 2.0  / TCP     spindle.example.com : 5 ; branch  =   z9hG4bK9")
    assert via == Via("TCP", "spindle.example.com", 5, {"branch": "z9hG4bK9"})


def test_absent_parameters_are_empty() -> None:
    via = parse_via("SIP/2.0/UDP [2001:DB8::9:1]:5060;rport")
    assert via is not None
    assert (via.host, via.branch, via.received, via.rport) == ("2001:db8::9:1", "", "", None)
    assert format_via(via) == "SIP/2.0/UDP [2001:db8::9:1]:5060;rport"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "UDP h",
        "SIP/2.0/UDP",
        "SIP/1.0/UDP h",
        "SIP/2.0/UDP h:99999",
        "SIP/2.0/UDP h:0",
        "SIP/2.0/UDP h;;",
        "SIP/2.0/UDP h x",
        "SIP/2.0/UDP [::1",
        "SIP/2.0/UDP <h>",
    ],
)
def test_a_broken_via_is_none(text: str) -> None:
    assert parse_via(text) is None


@pytest.mark.parametrize(
    ("value", "branch"),
    [
        ("SIP/2.0/UDP h;branch=1;x=y", "1"),
        ("SIP/2.0/UDP h;x=y;branch=1", "1"),
        ("SIP/2.0/UDP h;branch=1, SIP/2.0/UDP h;branch=2", "1"),
        ("SIP/2.0/UDP h, SIP/2.0/UDP h;branch=2", ""),
        ("SIP/2.0/UDP h ; BRANCH = 1", "1"),
        ("SIP/2.0/UDP h; branch= 1;branch=2", "1"),
        ("SIP/2.0/UDP branch.example.com;branch=1", "1"),
        ('SIP/2.0/UDP h;x=";branch=no";branch=1', "1"),
        ("SIP/2.0/UDP h", ""),
        ("", ""),
        (",", ""),
    ],
)
def test_the_top_branch_is_found(value: str, branch: str) -> None:
    assert branch_of(value) == branch
