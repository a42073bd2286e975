"""Answers that take nothing."""

from switchroom.sdp import is_valid, media_addresses, rejecting_answer

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
