"""What the parser takes, what it refuses, and how."""

import pytest

from switchroom.sip.message import Malformed, Request, Response, parse

INVITE = (
    b"INVITE sip:bob@192.0.2.10;user=phone SIP/2.0\r\n"
    b"Via: SIP/2.0/UDP 192.0.2.7:5060;branch=z9hG4bK-1-a;rport\r\n"
    b"Max-Forwards: 70\r\n"
    b"Contact: <sip:1001@192.0.2.7:5060>\r\n"
    b"To: <sip:bob@192.0.2.10>\r\n"
    b'From: "Alice" <sip:1001@192.0.2.10>;tag=8a7b\r\n'
    b"Call-ID: 84732@192.0.2.7\r\n"
    b"CSeq: 1 INVITE\r\n"
    b"Content-Type: application/sdp\r\n"
    b"Content-Length: 4\r\n"
    b"\r\n"
    b"v=0\n"
)
RINGING = (
    b"SIP/2.0 180 Ringing\r\n"
    b"Via: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bKx\r\n"
    b"From: <sip:1001@192.0.2.10>;tag=a\r\n"
    b"To: <sip:bob@192.0.2.10>;tag=b\r\n"
    b"Call-ID: 84732@192.0.2.7\r\n"
    b"CSeq: 1 INVITE\r\n"
    b"Content-Length: 0\r\n"
    b"\r\n"
)


def request(data: bytes) -> Request:
    message = parse(data)
    assert isinstance(message, Request), message
    return message


def response(data: bytes) -> Response:
    message = parse(data)
    assert isinstance(message, Response), message
    return message


def malformed(data: bytes) -> Malformed:
    message = parse(data)
    assert isinstance(message, Malformed), message
    return message


def test_a_request_has_what_routing_needs() -> None:
    invite = request(INVITE)
    assert (invite.method, invite.uri) == ("INVITE", "sip:bob@192.0.2.10;user=phone")
    assert (invite.call_id, invite.cseq, invite.cseq_method) == ("84732@192.0.2.7", 1, "INVITE")
    assert (invite.from_tag, invite.to_tag, invite.branch) == ("8a7b", None, "z9hG4bK-1-a")
    assert invite.max_forwards == 70
    assert invite.body == b"v=0\n"


def test_a_response_has_what_matching_needs() -> None:
    ringing = response(RINGING)
    assert (ringing.status, ringing.reason) == (180, "Ringing")
    assert (ringing.from_tag, ringing.to_tag, ringing.branch) == ("a", "b", "z9hG4bKx")
    assert (ringing.cseq, ringing.cseq_method) == (1, "INVITE")


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("Via", ["Via", "via", "VIA", "v", "V", "vIa", "Via ", "v\t"]),
        ("Call-ID", ["Call-ID", "call-id", "CALL-ID", "i", "I", "Call-Id"]),
    ],
)
def test_a_name_may_be_spelled_in_any_way(name: str, lines: list[str]) -> None:
    for spelling in lines:
        message = request(INVITE.replace(name.encode() + b":", spelling.encode() + b":"))
        assert message.call_id == "84732@192.0.2.7"
        assert message.branch == "z9hG4bK-1-a"


@pytest.mark.parametrize("name", ["Via", "From", "To", "Call-ID", "CSeq"])
def test_a_missing_field_is_named(name: str) -> None:
    lines = INVITE.split(b"\r\n")
    without = b"\r\n".join(line for line in lines if not line.startswith(name.encode() + b":"))
    found = malformed(without)
    assert found.reason == f"Missing {name}"
    assert found.status == (0 if name == "Via" else 400)  # no Via, no way to answer


@pytest.mark.parametrize(
    ("line", "title"),
    [
        ("From: <sip:x@y>", "From"),
        ("t: <sip:x@y>", "To"),
        ("i: another", "Call-ID"),
        ("CSeq: 2 INVITE", "CSeq"),
        ("Max-Forwards: 70", "Max-Forwards"),
        ("l: 4", "Content-Length"),
        ("Content-Type: text/plain", "Content-Type"),
    ],
)
def test_a_second_line_of_a_single_field_is_refused(line: str, title: str) -> None:
    data = INVITE.replace(b"\r\n", b"\r\n" + line.encode() + b"\r\n", 1)
    found = malformed(data)
    assert (found.status, found.reason) == (400, f"More than one {title}")
    assert found.request is not None


@pytest.mark.parametrize(
    ("old", "new", "status", "reason"),
    [
        (b"CSeq: 1 INVITE", b"CSeq: 1 BYE", 400, "CSeq method is not the method of the request"),
        (b"CSeq: 1 INVITE", b"CSeq: 2147483648 INVITE", 400, "CSeq number is larger than 214748"),
        (b"CSeq: 1 INVITE", b"CSeq: -1 INVITE", 400, "CSeq is not a number and a method"),
        (b"CSeq: 1 INVITE", b"CSeq: INVITE", 400, "CSeq is not a number and a method"),
        (b"CSeq: 1 INVITE", b"CSeq: 1", 400, "CSeq is not a number and a method"),
        (b"CSeq: 1 INVITE", "CSeq: ² INVITE".encode(), 400, "CSeq is not a number and a method"),
        (b"Length: 4", b"Length: 5", 400, "Content-Length is larger than the message"),
        (b"Length: 4", b"Length: 99999999999999", 400, "Content-Length is larger than the messa"),
        (b"Length: 4", b"Length: -1", 400, "Content-Length is not a number"),
        (b"Length: 4", b"Length: four", 400, "Content-Length is not a number"),
        (b"Length: 4", b"Length:", 400, "Content-Length is not a number"),
        (b"Forwards: 70", b"Forwards: 256", 400, "Max-Forwards is not between 0 and 255"),
        (b"Forwards: 70", b"Forwards:", 400, "Max-Forwards is not between 0 and 255"),
        (b"SIP/2.0\r\n", b"SIP/3.0\r\n", 505, "Version Not Supported"),
        (b"SIP/2.0\r\n", b"HTTP/1.1\r\n", 400, "Request line without a SIP version"),
        (b"INVITE sip:bob", b"INVITE  sip:bob", 400, "White space in the request line"),
        (b"INVITE sip:bob@192.0.2.10;user=phone ", b"INVITE  ", 400, "White space in the request"),
        (b"SIP/2.0\r\n", b"SIP/2.0 \r\n", 400, "White space in the request line"),
        (b"Contact:", b"Contact", 400, "Header line without a name"),
        (b"Contact:", b":", 400, "Header line without a name"),
        (b"Contact:", b"Con tact:", 400, "Header line without a name"),
        (b"K-1-a;", b"K;", 400, "Via branch has no identifier"),
    ],
)
def test_what_is_wrong_is_said(old: bytes, new: bytes, status: int, reason: str) -> None:
    data = INVITE.replace(old, new, 1)
    assert data != INVITE
    message = malformed(data)
    assert message.status == status
    assert message.reason.startswith(reason)
    assert message.request is not None
    assert message.request.get("via") is not None


def test_leading_zeros_change_no_number() -> None:
    data = INVITE.replace(b"CSeq: 1 ", b"CSeq: 00000000000001 ").replace(b": 70", b": 0070")
    assert request(data).cseq == 1
    assert request(data).max_forwards == 70


def test_the_largest_sequence_number_is_taken() -> None:
    assert request(INVITE.replace(b"CSeq: 1 ", b"CSeq: 2147483647 ")).cseq == 2**31 - 1


def test_a_body_is_cut_where_content_length_says() -> None:
    assert request(INVITE + b"trailing").body == b"v=0\n"


def test_without_content_length_a_datagram_ends_the_body() -> None:
    assert request(INVITE.replace(b"Content-Length: 4\r\n", b"") + b"more").body == b"v=0\nmore"


def test_empty_lines_before_a_message_are_ignored() -> None:
    assert request(b"\r\n\r\n" + INVITE).call_id == "84732@192.0.2.7"


@pytest.mark.parametrize("data", [b"", b"\0", b"\r\n", b"\r\n\r\n", b"\xff\xfe\r\n\r\n", b" \r\n"])
def test_garbage_is_dropped(data: bytes) -> None:
    assert malformed(data).status == 0
    assert malformed(data).request is None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"180", b"099"),
        (b"180", b"700"),
        (b"180", b"1800"),
        (b"180", b"1x0"),
        (b"180", b"18"),
        (b"CSeq: 1", b"CSeq: x"),
        (b"Content-Length: 0", b"Content-Length: 1"),
        (b"Call-ID", b"Call"),
    ],
)
def test_a_broken_response_is_dropped(old: bytes, new: bytes) -> None:
    assert malformed(RINGING.replace(old, new, 1)).status == 0


@pytest.mark.parametrize("line", [b"SIP/2.0 180 ", b"SIP/2.0 180", b"sip/2.0 180 "])
def test_a_reason_phrase_may_be_missing(line: bytes) -> None:
    assert response(RINGING.replace(b"SIP/2.0 180 Ringing", line)).reason == ""


def test_a_broken_ack_is_never_answered() -> None:
    ack = INVITE.replace(b"INVITE", b"ACK").replace(b"Length: 4", b"Length: 5")
    assert malformed(ack).status == 0


@pytest.mark.parametrize("end", [b"\n", b"\r"])
def test_a_lone_line_end_is_refused_and_not_reflected(end: bytes) -> None:
    in_subject = INVITE.replace(b"Contact:", b"Subject: a" + end + b"X: y\r\nContact:")
    assert malformed(in_subject).status == 400
    in_from = INVITE.replace(b'"Alice"', b'"Alice' + end + b'X: y"')
    assert malformed(in_from).status == 0  # the answer would repeat it


def test_a_message_with_bare_lf_lines_is_refused() -> None:
    assert malformed(INVITE.replace(b"\r\n", b"\n")).status in (0, 400)


def test_a_head_without_its_end_is_refused() -> None:
    found = malformed(INVITE.partition(b"\r\n\r\n")[0] + b"\r\n")
    assert (found.status, found.reason) == (400, "No empty line after the header")


def test_a_method_that_nobody_knows_is_taken() -> None:
    assert request(INVITE.replace(b"INVITE", b"FLY~2*")).method == "FLY~2*"


def test_folded_lines_are_joined() -> None:
    data = INVITE.replace(
        b"Contact: ", b"Subject: I know\r\n \t you\r\n\tare there\r\nContact:\r\n "
    )
    message = request(data)
    assert message.get("subject") == "I know you are there"
    assert message.contacts()[0].uri == "sip:1001@192.0.2.7:5060"


def test_bytes_that_are_no_utf8_survive() -> None:
    message = request(INVITE.replace(b"Alice", b"Al\xff\xfece\xc3\xa9"))
    assert message.from_.display.encode("utf-8", "surrogateescape") == b"Al\xff\xfece\xc3\xa9"


def test_seventy_vias_are_taken() -> None:
    via = b"Via: SIP/2.0/UDP 192.0.2.7:5060;branch=z9hG4bK-1-a;rport\r\n"
    assert len(request(INVITE.replace(via, via * 70)).values("via")) == 70


def test_too_many_lines_are_refused() -> None:
    data = INVITE.replace(b"Contact:", b"X: y\r\n" * 257 + b"Contact:")
    assert malformed(data).reason == "More than 256 header lines"


def test_a_message_of_more_than_64_kib_is_refused() -> None:
    data = INVITE.replace(b"Content-Length: 4\r\n", b"") + b"x" * 65536
    found = malformed(data)
    assert found.status == 513
    assert found.request is not None


@pytest.mark.parametrize(
    "part",
    [
        b'From: "' + b'\\"' * 30_000 + b"\\",
        b"Via: SIP/2.0/UDP a" + b" " * 60_000 + b"x",
        b"Via: SIP/2.0/UDP a;branch=x" + b" ;" * 30_000,
        b"Contact: " + b"<" * 60_000,
        b"Contact: " + b'"' * 60_001,
        b"Subject: " + b" " * 60_000 + b"\r\n x",
        b"Subject:" + b"\r\n " * 20_000 + b"x",
        b"To: " + b";tag" * 15_000,
        b"To: <sip:a@b>" + b";tag " * 12_000,
    ],
)
def test_no_input_is_slow(part: bytes) -> None:
    """Finishes at all: quadratic reading of these would take minutes."""
    name = part.partition(b":")[0]
    lines = [part if line.startswith(name + b":") else line for line in INVITE.split(b"\r\n")]
    if part not in lines:
        lines.insert(1, part)
    for _ in range(10):
        message = parse(b"\r\n".join(lines))
        found = message.request if isinstance(message, Malformed) else message
        if found is not None:
            assert found.from_ is not None
            assert found.to is not None
            assert found.via is not None
            assert len(found.contacts()) <= 70_000
