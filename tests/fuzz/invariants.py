"""What must hold for any bytes whatsoever that reach the SIP codec."""

from collections.abc import Sequence

from switchroom.sip.message import (
    Framer,
    FramingError,
    Malformed,
    Message,
    Request,
    Response,
    format_uri,
    format_via,
    parse,
    parse_uri,
    parse_via,
    stamp_source,
    write_response,
)


def check_datagram(data: bytes) -> Request | Response | Malformed:
    """Parse ``data`` and everything in it, answer it, and read the answer back."""
    message = parse(data)
    if isinstance(message, Malformed):
        check_refusal(message)
        return message
    read_everything(message)
    if isinstance(message, Request):
        check_answer(message)
    return message


def check_refusal(refused: Malformed) -> None:
    """A refusal has an answer exactly if it has a request to answer."""
    assert refused.reason
    assert (refused.status >= 400) == (refused.request is not None)
    if refused.request is None:
        return
    read_everything(refused.request)
    stamp_source(refused.request, "192.0.2.1", 5060)
    answer = write_response(refused.request, refused.status, refused.reason, to_tag="ours")
    head, end, body = answer.partition(b"\r\n\r\n")
    assert end == b"\r\n\r\n"
    assert not body
    names = [line.partition(b":")[0] for line in head.split(b"\r\n")[1:]]
    assert set(names) <= {b"Via", b"From", b"To", b"Call-ID", b"CSeq", b"Content-Length"}
    assert head.count(b"\n") == head.count(b"\r") == len(names)


def read_everything(message: Message) -> None:
    """Make every typed value; none of them may raise."""
    assert message.via is not None
    assert message.from_ is not None
    assert message.to is not None
    message.contacts()
    assert message.max_forwards is None or 0 <= message.max_forwards <= 255
    for name in list(message.first):
        assert message.raw(name)
        message.values(name)
        message.addresses(name)
    for value in message.values("via"):
        via = parse_via(value)
        if via is not None:
            assert parse_via(format_via(via)) == via
    texts = [contact.uri for contact in message.contacts()]
    texts += [message.from_.uri, message.to.uri]
    if isinstance(message, Request):
        texts.append(message.uri)
    for text in texts:
        uri = parse_uri(text)
        if uri is not None and uri.host:
            assert parse_uri(format_uri(uri)) == uri


def check_answer(request: Request) -> None:
    """Our answer to an accepted request is a response that belongs to it."""
    stamp_source(request, "192.0.2.1", 5060)
    line = request.first["via"]
    stamp_source(request, "192.0.2.1", 5060)
    assert request.first["via"] == line
    answer = parse(write_response(request, 200, "OK", to_tag="ours", body=b"body"))
    assert isinstance(answer, Response), (request, answer)
    assert (answer.call_id, answer.cseq) == (request.call_id, request.cseq)
    assert answer.cseq_method == request.method
    assert answer.from_tag == request.from_tag
    assert answer.branch == request.branch
    assert answer.raw("via") == request.raw("via")
    assert answer.body == b"body"
    if request.to.uri:
        assert answer.to_tag == (request.to_tag or "ours")


def check_stream(data: bytes, cuts: list[int]) -> None:
    """The same bytes give the same frames however they are cut."""
    whole = Framer().feed(data)
    framer = Framer()
    pieces = []
    start = 0
    for cut in [*sorted(cuts), len(data)]:
        pieces += framer.feed(data[start:cut])
        start = max(start, cut)
    assert _merged(pieces) == _merged(whole)
    for frame in whole:
        if isinstance(frame, bytes):
            assert frame in data
            check_datagram(frame)


def _merged(frames: Sequence[object]) -> list[object]:
    """Pings in one read are reported once, in several reads more often; all else is equal."""
    merged: list[object] = []
    for frame in frames:
        # How much of a header without end is kept depends on the last read.
        shown = frame.reason if isinstance(frame, FramingError) else frame
        if not (merged and shown == merged[-1] and not isinstance(frame, bytes)):
            merged.append(shown)
    return merged
