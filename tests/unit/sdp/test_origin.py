"""Our own origin in somebody else's session."""

import pytest

from switchroom.sdp import with_origin

OURS = b"o=switchroom 7 3 IN IP4 192.0.2.1"


@pytest.mark.parametrize(
    ("session", "result"),
    [
        (b"v=0\r\no=a 1 2 IN IP4 h\r\ns=-\r\n", b"v=0\r\n" + OURS + b"\r\ns=-\r\n"),
        (b"v=0\no=a 1 2 IN IP4 h\ns=-\n", b"v=0\n" + OURS + b"\ns=-\n"),
        (b"v=0\r\ns=-\r\n", b"v=0\r\n" + OURS + b"\r\ns=-\r\n"),
        (b"v=0\ns=-\n", b"v=0\n" + OURS + b"\ns=-\n"),
        (b"v=0", b"v=0\r\n" + OURS + b"\r\n"),
        (b"v=0\r\no=a", b"v=0\r\n" + OURS + b"\r\n"),
        (b"o=a 1 2 IN IP4 h\r\ns=-\r\n", OURS + b"\r\ns=-\r\n"),
        (b"s=-\r\n", OURS + b"\r\ns=-\r\n"),
        (b"", OURS + b"\r\n"),
        (
            b"v=0\r\nm=audio 9 RTP/AVP 0\r\no=late\r\n",
            b"v=0\r\n" + OURS + b"\r\nm=audio 9 RTP/AVP 0\r\no=late\r\n",
        ),
    ],
)
def test_only_the_origin_changes(session: bytes, result: bytes) -> None:
    assert with_origin(session, 7, 3, "192.0.2.1") == result


def test_an_ipv6_origin_says_so() -> None:
    session = with_origin(b"v=0\r\no=x\r\ns=-\r\n", 1, 1, "2001:db8::1")
    assert b"\r\no=switchroom 1 1 IN IP6 2001:db8::1\r\ns=-" in session
