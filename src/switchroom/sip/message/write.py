"""Messages to bytes."""

from collections.abc import Sequence

from switchroom.sip.message.message import Request


def write_request(method: str, uri: str, lines: Sequence[str], body: bytes = b"") -> bytes:
    """Write a request. ``lines`` are complete header lines without CRLF and Content-Length."""
    middle = "\r\n".join(lines)
    head = f"{method} {uri} SIP/2.0\r\n{middle}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode("utf-8", "surrogateescape") + body


def write_response(
    request: Request,
    status: int,
    reason: str,
    to_tag: str = "",
    lines: Sequence[str] = (),
    body: bytes = b"",
) -> bytes:
    """Answer a request (RFC 3261 §8.2.6), also one of which fields are missing.

    All Via lines, From, To, Call-ID and CSeq are copied; ``to_tag`` is added if To has no tag; a
    100 carries the Timestamp. ``lines`` are complete header lines without CRLF.
    """
    first = request.first
    words = [f"SIP/2.0 {status} {reason}\r\nVia: {first.get('via', '')}\r\n"]
    if "via" in request.more:
        words += [f"Via: {line}\r\n" for line in request.more["via"]]
    if "from" in first:
        words.append(f"From: {first['from']}\r\n")
    if "to" in first:
        tag = f";tag={to_tag}" if to_tag and request.to_tag is None else ""
        words.append(f"To: {first['to']}{tag}\r\n")
    if "call-id" in first:
        words.append(f"Call-ID: {first['call-id']}\r\n")
    if "cseq" in first:
        words.append(f"CSeq: {first['cseq']}\r\n")
    if status == 100 and "timestamp" in first:
        words.append(f"Timestamp: {first['timestamp']}\r\n")
    words += [f"{line}\r\n" for line in lines]
    words.append(f"Content-Length: {len(body)}\r\n\r\n")
    return "".join(words).encode("utf-8", "surrogateescape") + body
