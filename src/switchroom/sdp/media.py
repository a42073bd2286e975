"""What a session says about its media: where it goes, which way, whether it is on hold."""

from typing import Literal

from switchroom.sdp.lines import MEDIA, Media, Session, cut, port_of, values

Direction = Literal["sendrecv", "sendonly", "recvonly", "inactive"]

_DIRECTIONS: dict[bytes, Direction] = {
    b"sendrecv": "sendrecv",
    b"sendonly": "sendonly",
    b"recvonly": "recvonly",
    b"inactive": "inactive",
}


def media_addresses(session: bytes) -> list[tuple[str, int]]:
    """Return address and port of each m= line, in order.

    The address is empty if no c= line gives one, the port 0 if the medium is rejected or its line
    unreadable.
    """
    whole = cut(session)
    return [(_address(whole, media), port_of(media) or 0) for media in whole.media]


def _address(session: Session, media: Media) -> str:
    lines = values(media.below, b"c=") or values(session.top, b"c=")
    words = lines[0].split() if lines else []
    # A multicast address may carry its lifetime and a count (RFC 8866 §5.7).
    return words[2].partition(b"/")[0].decode("ascii", "replace") if len(words) == 3 else ""


def _direction(session: Session, media: Media) -> Direction:
    for lines in (media.below, session.top):
        for value in values(lines, b"a="):
            if value in _DIRECTIONS:
                return _DIRECTIONS[value]
    return "sendrecv"


def _active(session: Session) -> list[Media]:
    return [media for media in session.media if port_of(media)]


def direction(session: bytes) -> Direction:
    """Which way media flows, seen by whoever sent this: that of the first active medium.

    ``sendrecv`` if nothing is said, ``inactive`` if no medium is active (RFC 3264 §5.1).
    """
    whole = cut(session)
    active = _active(whole)
    return _direction(whole, active[0]) if active else "inactive"


def is_hold(session: bytes) -> bool:
    """Whether whoever sent this puts the other on hold (RFC 3264 §8.4).

    True if every active medium is ``sendonly`` or ``inactive`` or goes to 0.0.0.0, as old phones
    say it. A session without active media is no hold.
    """
    whole = cut(session)
    active = _active(whole)
    return bool(active) and all(
        _direction(whole, media) in ("sendonly", "inactive") or _address(whole, media) == "0.0.0.0"
        for media in active
    )


def problem_of(session: bytes) -> str:
    """What makes a session unusable, empty if nothing does. Strict only where it matters."""
    whole = cut(session)
    if not whole.top or whole.top[0].strip() != b"v=0":
        return "Session does not start with v=0"
    origins = values(whole.top, b"o=")
    if len(origins) != 1 or len(origins[0].split()) != 6:
        return "Session has no usable o= line"
    if session.count(b"\r") != session.count(b"\r\n"):
        return "Session has a lone CR"  # some would take it for the end of a line
    if session.count(b"\nm=") > MEDIA:
        return "Session has more than 64 media"
    for media in whole.media:
        port = port_of(media)
        if port is None or len(media.line.split()) < 4:
            return "Session has an unusable m= line"
        if port and not _address(whole, media):
            return "Session has no c= line for its media"
    return ""


def is_valid(session: bytes) -> bool:
    """Whether a session can be offered to somebody; ``problem_of`` says why not."""
    return not problem_of(session)
