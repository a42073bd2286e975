"""Answers that take nothing."""

from switchroom.sdp import (
    is_hold,
    is_valid,
    media_addresses,
    rejecting_answer,
    resting_answer,
    with_origin,
)

OFFER = (
    b"v=0\r\no=a 1 2 IN IP4 192.0.2.1\r\ns=talk\r\nc=IN IP4 192.0.2.1\r\nt=5 6\r\n"
    b"m=audio 4000 RTP/AVP 0 8\r\na=rtpmap:0 PCMU/8000\r\nm=video 0 RTP/SAVP 31\r\nm=x\r\nm=\r\n"
)


def test_every_medium_is_rejected_in_its_place() -> None:
    answer = rejecting_answer(OFFER, 7, 3, "192.0.2.9")
    assert answer == (
        b"v=0\r\no=switchroom 7 3 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9\r\nt=5 6\r\n"
        b"m=audio 0 RTP/AVP 0 8\r\nm=video 0 RTP/SAVP 31\r\nm=x 0 RTP/AVP 0\r\n"
        b"m=audio 0 RTP/AVP 0\r\n"
    )
    assert is_valid(answer)
    assert [port for _, port in media_addresses(answer)] == [0, 0, 0, 0]


def test_an_empty_offer_gets_an_empty_answer() -> None:
    answer = rejecting_answer(b"", 1, 1, "2001:db8::1")
    assert is_valid(answer)
    assert b"c=IN IP6 2001:db8::1\r\nt=0 0\r\n" in answer


SECURE = b"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:one\r\na=crypto:2 F8 inline:two\r\n"
MANY = (
    b"v=0\r\no=a 1 2 IN IP4 192.0.2.1\r\ns=talk\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
    b"m=audio 4000 RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\n"
    b"a=ptime:20\r\na=sendrecv\r\n"
    b"m=audio 4002 RTP/SAVP 0\r\n" + SECURE + b"m=audio 4004 RTP/SAVP 0\r\n"
    b"m=audio 4006 UDP/TLS/RTP/SAVPF 0\r\nm=application 4008 TCP 5\r\n"
    b"m=video 0 RTP/AVP 31\r\nm=x\r\n"
)


def test_what_rests_is_taken_with_all_its_formats() -> None:
    answer = with_origin(resting_answer(MANY, "192.0.2.9"), 7, 1, "192.0.2.9")
    assert answer == (
        b"v=0\r\no=switchroom 7 1 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\n"
        b"m=audio 9 RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\n"
        b"a=inactive\r\n"
        b"m=audio 9 RTP/SAVP 0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:one\r\na=inactive\r\n"
        b"m=audio 0 RTP/SAVP 0\r\nm=audio 0 UDP/TLS/RTP/SAVPF 0\r\nm=application 0 TCP 5\r\n"
        b"m=video 0 RTP/AVP 31\r\nm=x 0 RTP/AVP 0\r\n"
    )
    assert is_valid(answer)
    assert is_hold(answer)


def test_an_empty_offer_has_nothing_to_rest() -> None:
    assert is_valid(with_origin(resting_answer(b"", "2001:db8::1"), 1, 1, "2001:db8::1"))
