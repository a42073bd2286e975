"""Putting our own o= line into a session that we pass on (RFC 8866 §5.2)."""


def origin_line(origin_id: int, version: int, address: str) -> bytes:
    """Return our o= line without its end. ``address`` is numeric."""
    kind = "IP6" if ":" in address else "IP4"
    return f"o=switchroom {origin_id} {version} IN {kind} {address}".encode()


def with_origin(session: bytes, origin_id: int, version: int, address: str) -> bytes:
    """Replace the o= line by ours and leave every other byte as it is.

    Each side of a call sees one origin with versions that grow by one, whoever speaks to it
    (RFC 3264 §8). A missing o= line is inserted where it belongs, after v=.
    """
    ours = origin_line(origin_id, version, address)
    start = session.find(b"\no=") + 1
    if start == 0 or -1 < session.find(b"\nm=", 0, start) < start:
        return _inserted(session, ours)
    end = session.find(b"\n", start)
    if end < 0:
        return session[:start] + ours + b"\r\n"
    if session[end - 1] == 13:
        end -= 1
    return session[:start] + ours + session[end:]


def _inserted(session: bytes, ours: bytes) -> bytes:
    if session.startswith(b"o="):
        return ours + session[len(session.partition(b"\n")[0].rstrip(b"\r")) :]
    if not session.startswith(b"v="):
        return ours + b"\r\n" + session
    version, end, rest = session.partition(b"\n")
    end = b"\r\n" if version.endswith(b"\r") or not end else b"\n"
    return version.rstrip(b"\r") + end + ours + end + rest
