"""What holds for every session description, and for bytes that are none."""

from hypothesis import given
from hypothesis import strategies as st

from switchroom.sdp import (
    direction,
    is_hold,
    is_valid,
    media_addresses,
    problem_of,
    rejecting_answer,
    with_origin,
)

LINES = st.sampled_from(
    b"v=0|o=a 1 2 IN IP4 h|s=-|c=IN IP4 192.0.2.1|c=IN IP4 0.0.0.0|t=0 0|m=audio 4000 RTP/AVP 0"
    b"|m=video 0 RTP/AVP 31|m=x|a=sendonly|a=inactive|a=|=||x|m=audio 99999 RTP/AVP 0|o=".split(
        b"|"
    )
)
ENDS = st.sampled_from([b"\r\n", b"\n", b"\r"])
SESSIONS = st.lists(st.tuples(LINES | st.binary(max_size=9), ENDS), max_size=12).map(
    lambda pairs: b"".join(line + end for line, end in pairs)
)


@given(SESSIONS | st.binary(max_size=60))
def test_any_bytes_are_survived(session: bytes) -> None:
    assert is_valid(session) is (problem_of(session) == "")
    addresses = media_addresses(session)
    assert all(0 <= port < 65536 for _, port in addresses)
    assert direction(session) in ("sendrecv", "sendonly", "recvonly", "inactive")
    if is_hold(session):
        assert any(port for _, port in addresses)


@given(SESSIONS)
def test_a_rejecting_answer_fits_every_offer(offer: bytes) -> None:
    answer = rejecting_answer(offer, 1, 2, "192.0.2.9")
    assert is_valid(answer)
    assert [port for _, port in media_addresses(answer)] == [0] * len(media_addresses(offer))


@given(SESSIONS, st.integers(0, 9))
def test_the_origin_is_ours_and_the_rest_untouched(session: bytes, version: int) -> None:
    ours = b"o=switchroom 1 %d IN IP4 192.0.2.1" % version
    changed = with_origin(session, 1, version, "192.0.2.1")
    assert ours in changed.splitlines()
    assert with_origin(changed, 1, version, "192.0.2.1") == changed
    assert media_addresses(changed) == media_addresses(session)
