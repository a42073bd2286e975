"""As many m= lines as the other side expects, where two sessions were not begun together."""

from switchroom.sdp.answer import rejected_line
from switchroom.sdp.lines import cut


def padded(offer: bytes, before: bytes) -> bytes:
    """``offer`` with at least the m= lines of the session ``before``; the missing ones rejected.

    A later offer may leave out none of the streams there were (RFC 3264 §8).
    """
    missing = cut(before).media[len(cut(offer).media) :]
    if not missing:
        return offer
    end = b"" if offer.endswith(b"\n") else b"\r\n"
    return offer + end + b"".join(rejected_line(media) + b"\r\n" for media in missing)


def trimmed(answer: bytes, offer: bytes) -> bytes:
    """``answer`` without the m= lines that ``offer`` did not have (RFC 3264 §6)."""
    wanted = _count(offer)
    if _count(answer) <= wanted:
        return answer
    end = 0
    for _ in range(wanted + 1):
        end = answer.index(b"\nm=", end) + 1
    return answer[:end]


def _count(session: bytes) -> int:
    return session.count(b"\nm=")
