"""Answers of our own to offers that nobody else answers."""

from switchroom.sdp.lines import Media, Session, cut, port_of, values
from switchroom.sdp.origin import origin_line

DISCARD = 9
"The port to which nothing is sent (RFC 863); media that rests has to have one."

_KEPT = (b"a=rtpmap:", b"a=fmtp:")


def rejecting_answer(offer: bytes, origin_id: int, version: int, address: str) -> bytes:
    """Answer every m= line of the offer with port 0 (RFC 3264 §6).

    The answer has as many m= lines as the offer, in its order, and repeats its t= line.
    """
    session = cut(offer)
    origin = origin_line(origin_id, version, address)
    return _joined([*_top(session, address, origin), *map(rejected_line, session.media)])


def resting_answer(offer: bytes, address: str) -> bytes:
    """Take the RTP streams of the offer, all their formats, and let them rest: ``inactive``.

    What cannot rest (no RTP, or keys that only a real peer could agree on) is rejected. The o=
    line is left to whoever sends it.
    """
    session = cut(offer)
    lines = _top(session, address)
    for media in session.media:
        lines += _resting(media)
    return _joined(lines)


def rejected_line(media: Media) -> bytes:
    """The m= line of a stream that is not wanted: port 0."""
    words = media.line.split()
    if len(words) < 4:
        return b"m=%s 0 RTP/AVP 0" % (words[0] if words else b"audio")
    return b" ".join([b"m=" + words[0], b"0", *words[2:]])


def _top(session: Session, address: str, origin: bytes = b"") -> list[bytes]:
    kind = b"IP6" if ":" in address else b"IP4"
    return [
        b"v=0",
        *([origin] if origin else []),
        b"s=-",
        b"c=IN %s %s" % (kind, address.encode()),
        b"t=" + _time(values(session.top, b"t=")),
    ]


def _joined(lines: list[bytes]) -> bytes:
    return b"\r\n".join(lines) + b"\r\n"


def _time(times: list[bytes]) -> bytes:
    words = times[0].split() if times else []
    return b" ".join(words) if len(words) == 2 and b"".join(words).isdigit() else b"0 0"


def _resting(media: Media) -> list[bytes]:
    words = media.line.split()
    keys = [line for line in media.below if line.startswith(b"a=crypto:")][:1]
    secure = len(words) > 3 and words[2] in (b"RTP/SAVP", b"RTP/SAVPF")
    plain = len(words) > 3 and words[2] in (b"RTP/AVP", b"RTP/AVPF")
    if not port_of(media) or not (plain or (secure and keys)):
        return [rejected_line(media)]
    kept = [line for line in media.below if line.startswith(_KEPT)]
    # An answer must have a key (RFC 4568 §5.1.2); as nothing is sent, theirs will do.
    head = b" ".join([b"m=" + words[0], b"%d" % DISCARD, *words[2:]])
    return [head, *kept, *(keys if secure else []), b"a=inactive"]
