"""What a session says about its media."""

import pytest

from switchroom.sdp import direction, is_hold, is_valid, media_addresses, problem_of

TOP = b"v=0\r\no=a 1 2 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
AUDIO = b"m=audio 4000 RTP/AVP 0\r\n"
VIDEO = b"m=video 5000/2 RTP/AVP 31\r\nc=IN IP4 224.2.1.1/127\r\n"


def test_addresses_come_from_the_medium_or_the_session() -> None:
    assert media_addresses(TOP + AUDIO + VIDEO) == [("192.0.2.1", 4000), ("224.2.1.1", 5000)]
    assert media_addresses((TOP + AUDIO).replace(b"\r\n", b"\n")) == [("192.0.2.1", 4000)]
    ipv6 = (TOP + AUDIO).replace(b"c=IN IP4 192.0.2.1", b"c=IN IP6 2001:db8::1")
    assert media_addresses(ipv6) == [("2001:db8::1", 4000)]


def test_what_is_missing_is_empty() -> None:
    assert media_addresses(b"v=0\r\nm=audio\r\nm=\r\nm=x 99999 y z\r\n") == [("", 0)] * 3
    assert media_addresses(b"") == []
    assert len(media_addresses(TOP + AUDIO * 1000)) == 64


@pytest.mark.parametrize(
    ("session", "way", "hold"),
    [
        (TOP + AUDIO, "sendrecv", False),
        (TOP + AUDIO + b"a=sendonly\r\n", "sendonly", True),
        (TOP + AUDIO + b"a=recvonly\r\n", "recvonly", False),
        (TOP + AUDIO + b"a=inactive\r\n", "inactive", True),
        (TOP + b"a=inactive\r\n" + AUDIO, "inactive", True),
        (TOP + b"a=inactive\r\n" + AUDIO + b"a=sendrecv\r\n", "sendrecv", False),
        (TOP + AUDIO + b"a=sendonly\r\n" + VIDEO, "sendonly", False),
        (TOP + AUDIO + b"a=sendonly\r\nm=video 0 RTP/AVP 31\r\n", "sendonly", True),
        (TOP.replace(b"c=IN IP4 192.0.2.1", b"c=IN IP4 0.0.0.0") + AUDIO, "sendrecv", True),
        (TOP + b"m=audio 0 RTP/AVP 0\r\na=sendonly\r\n", "inactive", False),
        (TOP, "inactive", False),
    ],
)
def test_direction_and_hold(session: bytes, way: str, hold: bool) -> None:
    assert direction(session) == way
    assert is_hold(session) is hold


@pytest.mark.parametrize(
    ("session", "problem"),
    [
        (TOP + AUDIO + VIDEO, ""),
        (TOP, ""),
        (TOP + b"x=unknown\r\n" + AUDIO + b"a=whatever:1\r\n", ""),
        (TOP.replace(b"c=IN IP4 192.0.2.1\r\n", b"") + b"m=audio 0 RTP/AVP 0\r\n", ""),
        (b"", "Session does not start with v=0"),
        (b"<audio/>", "Session does not start with v=0"),
        (TOP.replace(b"o=", b"x="), "Session has no usable o= line"),
        (TOP.replace(b"a 1 2", b"a 1"), "Session has no usable o= line"),
        (TOP + b"m=audio x RTP/AVP 0\r\n", "Session has an unusable m= line"),
        (TOP + b"m=audio 4000\r\n", "Session has an unusable m= line"),
        (TOP.replace(b"c=IN IP4 192.0.2.1\r\n", b"") + AUDIO, "Session has no c= line for its"),
        (TOP + b"a=x\rm=audio 1 RTP/AVP 0\r\n" + AUDIO, "Session has a lone CR"),
        (TOP + AUDIO * 65, "Session has more than 64 media"),
    ],
)
def test_problems_are_said(session: bytes, problem: str) -> None:
    assert problem_of(session).startswith(problem)
    assert is_valid(session) is (problem == "")
