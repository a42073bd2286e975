"""The lines of a session description (RFC 8866 §5), unknown ones untouched."""

from typing import Final

from msgspec import Struct

MEDIA: Final = 64
"The most media that one session may describe."


class Media(Struct, frozen=True):
    """One m= line and the lines below it, without their ends."""

    line: bytes
    "Such as ``audio 49170 RTP/AVP 0 8``."
    below: tuple[bytes, ...] = ()


class Session(Struct, frozen=True):
    """A session description cut into its parts."""

    top: tuple[bytes, ...]
    "The lines above the first m= line, such as ``v=0``."
    media: tuple[Media, ...]


def cut(session: bytes) -> Session:
    """Cut a session description into its parts; a bare LF ends a line as well (RFC 8866 §5).

    Media beyond the 64th are left out.
    """
    top: list[bytes] = []
    media: list[Media] = []
    line = b""
    current = top
    for ended in session.split(b"\n"):
        text = ended.rstrip(b"\r")
        if not text.strip():
            continue
        if not text.startswith(b"m="):
            current.append(text)
            continue
        if current is not top:
            media.append(Media(line, tuple(current)))
            if len(media) == MEDIA:
                return Session(tuple(top), tuple(media))
        line = text[2:]
        current = []
    if current is not top:
        media.append(Media(line, tuple(current)))
    return Session(tuple(top), tuple(media))


def values(lines: tuple[bytes, ...], kind: bytes) -> list[bytes]:
    """Return what stands behind ``kind`` (``c=``, ``a=``) in these lines, in order."""
    return [line[2:].strip() for line in lines if line.startswith(kind)]


def port_of(media: Media) -> int | None:
    """The port of an m= line, 0 for rejected or disabled media; ``None`` if there is none."""
    words = media.line.split()
    digits = words[1].partition(b"/")[0] if len(words) > 1 else b""
    port = int(digits) if digits.isdigit() and len(digits) <= 5 else 65536
    return port if port < 65536 else None
