"""An answer that takes none of the offered media."""

from switchroom.sdp.lines import Media, cut, values
from switchroom.sdp.origin import origin_line


def rejecting_answer(offer: bytes, origin_id: int, version: int, address: str) -> bytes:
    """Answer every m= line of the offer with port 0 (RFC 3264 §6).

    The answer has as many m= lines as the offer, in its order, and repeats its t= line.
    """
    session = cut(offer)
    times = values(session.top, b"t=")
    kind = b"IP6" if ":" in address else b"IP4"
    lines = [
        b"v=0",
        origin_line(origin_id, version, address),
        b"s=-",
        b"c=IN %s %s" % (kind, address.encode()),
        b"t=" + _time(times),
        *map(_rejected, session.media),
    ]
    return b"\r\n".join(lines) + b"\r\n"


def _time(times: list[bytes]) -> bytes:
    words = times[0].split() if times else []
    return b" ".join(words) if len(words) == 2 and b"".join(words).isdigit() else b"0 0"


def _rejected(media: Media) -> bytes:
    words = media.line.split()
    if len(words) < 4:
        return b"m=%s 0 RTP/AVP 0" % (words[0] if words else b"audio")
    return b" ".join([b"m=" + words[0], b"0", *words[2:]])
