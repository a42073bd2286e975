"""Bytes to messages. Lenient where RFC 4475 asks for it, exact where two readers could differ.

Lines end with CRLF only. A lone CR or LF inside the head is refused: the next hop may take it for
the end of a line, and a caller could smuggle a header past us (in a display name, for example).
"""

import re
from typing import Final

from switchroom.sip.message.address import tag_of
from switchroom.sip.message.grammar import LWS, is_token
from switchroom.sip.message.limits import CSEQ, HEADER_LINES, MESSAGE_BYTES
from switchroom.sip.message.message import Malformed, Message, Request, Response, small_number
from switchroom.sip.message.names import SINGLE, SPELLINGS, long_name
from switchroom.sip.message.via import MAGIC_COOKIE, branch_of

_FOLD: Final = re.compile(r"\r\n[ \t]+")
_VERSION: Final = re.compile(r"SIP/[0-9]+\.[0-9]+", re.IGNORECASE)
_MANDATORY: Final = ("via", "from", "to", "call-id", "cseq")
_KNOWN: Final = (
    "INVITE ACK BYE CANCEL OPTIONS REGISTER PRACK SUBSCRIBE NOTIFY PUBLISH INFO REFER"
    " MESSAGE UPDATE"
)
_METHODS: Final = frozenset(_KNOWN.split())
"Methods known to be tokens; others are looked at."
_OTHER_METHOD: Final = "CSeq method is not the method of the request"


def parse(data: bytes) -> Request | Response | Malformed:
    """Read one datagram or one framed message. Never raises.

    A body longer than Content-Length is cut, a shorter one is refused (RFC 3261 §18.3).
    """
    if data[:2] == b"\r\n":
        data = data.lstrip(b"\r\n")  # RFC 3261 §7.5
    if len(data) > MESSAGE_BYTES:
        return _refuse(data[:MESSAGE_BYTES], 513, "Message is larger than 65535 bytes")
    head, end, body = data.partition(b"\r\n\r\n")
    text = str(head, "utf-8", "surrogateescape")
    if "\r\n " in text or "\r\n\t" in text:
        text = _FOLD.sub(" ", text)
    lines = text.split("\r\n")
    start = lines.pop(0)
    first: dict[str, str] = {}
    more: dict[str, list[str]] = {}
    problem = _read_fields(lines, first, more)
    if not end:
        problem = "No empty line after the header"
    elif text.count("\n") != len(lines) or text.count("\r") != len(lines):
        problem = "Lone CR or LF in the header"
    message = _start(start, first, more)
    if isinstance(message, Malformed):
        return message
    problem = problem or _complete(message) or _take_body(message, body)
    if not problem:
        return message
    # Better for the future than 400 (RFC 4475 section 3.1.2.18).
    is_unknown = isinstance(message, Request) and message.method not in _METHODS
    status = 501 if is_unknown and problem == _OTHER_METHOD else 400
    return _malformed(message, status, problem)


def _read_fields(lines: list[str], first: dict[str, str], more: dict[str, list[str]]) -> str:
    """Fill ``first`` and ``more``; return what is wrong, or an empty string."""
    if len(lines) > HEADER_LINES:
        _read_fields(lines[:HEADER_LINES], first, more)
        return "More than 256 header lines"
    problem = ""
    spellings = SPELLINGS
    for line in lines:
        spelling, colon, value = line.partition(":")
        name = spellings.get(spelling) or long_name(spelling)
        if not colon or not name:
            problem = problem or "Header line without a name"
        elif name not in first:
            first[name] = value.strip(LWS)
        else:
            more.setdefault(name, []).append(value.strip(LWS))
            if name in SINGLE:
                problem = problem or f"More than one {_title(name)}"
    return problem


def _start(
    line: str, first: dict[str, str], more: dict[str, list[str]]
) -> Request | Response | Malformed:
    if line[:8].upper() == "SIP/2.0 ":
        return _status_line(line, first, more)
    words = line.split(" ")
    if len(words) == 3 and words[2] == "SIP/2.0" and words[1] and words[0] in _METHODS:
        return Request(words[0], words[1], first, more)
    request = Request(words[0], words[1] if len(words) > 1 else "", first, more)
    if not is_token(words[0]) or _VERSION.fullmatch(words[0]):
        return Malformed(0, "Neither a request nor a response")
    version = line.rstrip(LWS).rpartition(" ")[2]
    if _VERSION.fullmatch(version) is None:
        return _malformed(request, 400, "Request line without a SIP version")
    if version.upper() != "SIP/2.0":
        return _malformed(request, 505, "Version Not Supported")
    if len(words) != 3 or not words[1]:
        return _malformed(request, 400, "White space in the request line")
    return request


def _status_line(
    line: str, first: dict[str, str], more: dict[str, list[str]]
) -> Response | Malformed:
    code = line[8:11]
    if not (code.isascii() and code.isdecimal() and "100" <= code <= "699") or line[11:12].strip():
        return Malformed(0, "Status code is not between 100 and 699")
    return Response(int(code), line[12:], first, more)


def _complete(message: Message) -> str:
    """Fill the attributes that every message needs; return what is wrong, or an empty string."""
    first = message.first
    try:
        message.call_id = first["call-id"]
        top = first["via"]
        sequence = first["cseq"]
        message.from_tag = tag_of(first["from"])
        message.to_tag = tag_of(first["to"])
    except KeyError as missing:
        return f"Missing {_title(missing.args[0])}"
    message.branch = branch_of(top)
    if message.branch == MAGIC_COOKIE:
        # All such requests of the world would be one transaction (RFC 4475 §3.2.1).
        return "Via branch has no identifier"
    number, _, method = sequence.partition(" ")
    if method not in _METHODS:
        words = sequence.split()
        number, method = words if len(words) == 2 else ("", "")
    if not (number.isascii() and number.isdecimal()) or not is_token(method):
        return "CSeq is not a number and a method"
    if len(number) > 10:
        number = number.lstrip("0")[:11] or "0"
    message.cseq = int(number)
    message.cseq_method = method
    if message.cseq > CSEQ:
        return "CSeq number is larger than 2147483647"
    return _request_agrees(message) if isinstance(message, Request) else ""


def _request_agrees(request: Request) -> str:
    if request.cseq_method != request.method:
        return _OTHER_METHOD
    hops = request.first.get("max-forwards")
    if hops is not None and small_number(hops) is None:
        return "Max-Forwards is not between 0 and 255"
    return ""


def _take_body(message: Message, body: bytes) -> str:
    length = message.first.get("content-length")
    if length is None:
        message.body = body
        return ""
    if length == "0":
        return ""
    if not (length.isascii() and length.isdecimal()):
        return "Content-Length is not a number"
    size = int(length) if len(length) < 10 else MESSAGE_BYTES + 1
    if size > len(body):
        return "Content-Length is larger than the message"
    message.body = body[:size]
    return ""


def _malformed(message: Request | Response, status: int, reason: str) -> Malformed:
    """Refuse a message; silently if it is a response or cannot be answered safely."""
    if isinstance(message, Response):
        return Malformed(0, reason)
    lines = [line for name in _MANDATORY for line in message.raw(name)]
    unsafe = any("\r" in line or "\n" in line for line in lines)
    if not message.first.get("via") or unsafe:
        return Malformed(0, reason)
    if message.method == "ACK":
        return Malformed(0, reason)  # an ACK is never answered (RFC 3261 §17)
    return Malformed(status, reason, message)


def _refuse(data: bytes, status: int, reason: str) -> Malformed:
    found = parse(data)
    request = found if isinstance(found, Request) else None
    if isinstance(found, Malformed):
        request = found.request
    return _malformed(request, status, reason) if request else Malformed(0, reason)


def _title(name: str) -> str:
    special = {"call-id": "Call-ID", "cseq": "CSeq", "min-se": "Min-SE", "rack": "RAck"}
    return special.get(name) or name.title()
