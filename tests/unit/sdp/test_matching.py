"""Sessions that were not begun together are made to match."""

from switchroom.sdp import padded, trimmed

TOP = b"v=0\r\no=a 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
AUDIO = b"m=audio 4000 RTP/AVP 0\r\na=sendrecv\r\n"
VIDEO = b"m=video 4002 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"


def test_a_missing_stream_is_added_as_rejected() -> None:
    assert padded(TOP + AUDIO, TOP + AUDIO + VIDEO) == TOP + AUDIO + b"m=video 0 RTP/AVP 96\r\n"
    unfinished = (TOP + AUDIO).removesuffix(b"\r\n")
    assert padded(unfinished, TOP + AUDIO + VIDEO).endswith(b"sendrecv\r\nm=video 0 RTP/AVP 96\r\n")


def test_enough_streams_stay_as_they_are() -> None:
    assert padded(TOP + AUDIO + VIDEO, TOP + AUDIO) == TOP + AUDIO + VIDEO
    assert trimmed(TOP + AUDIO, TOP + AUDIO + VIDEO) == TOP + AUDIO
    assert trimmed(TOP + AUDIO, TOP + AUDIO) == TOP + AUDIO


def test_a_stream_that_was_not_offered_is_cut_off() -> None:
    assert trimmed(TOP + AUDIO + VIDEO, TOP + AUDIO) == TOP + AUDIO
    assert trimmed(TOP + AUDIO + VIDEO + VIDEO, TOP + AUDIO + VIDEO) == TOP + AUDIO + VIDEO
    assert trimmed(TOP + AUDIO, TOP) == TOP
