"""Messages, written."""

from switchroom.sip.message import (
    Malformed,
    Request,
    Response,
    parse,
    write_request,
    write_response,
)
from unit.sip.message.test_parse import INVITE


def invite(data: bytes = INVITE) -> Request:
    message = parse(data)
    assert isinstance(message, Request)
    return message


def test_a_response_repeats_what_it_must() -> None:
    via = b"Via: SIP/2.0/UDP 192.0.2.7:5060;branch=z9hG4bK-1-a;rport\r\n"
    below = b"Via: SIP/2.0/TCP below;branch=z9hG4bK2\r\n"
    request = invite(INVITE.replace(via, via + below))
    lines = ["Contact: <sip:b@h>"]
    written = write_response(request, 200, "OK", to_tag="t", lines=lines, body=b"v=0")
    assert written == (
        b"SIP/2.0 200 OK\r\n" + via + below + b'From: "Alice" <sip:1001@192.0.2.10>;tag=8a7b\r\n'
        b"To: <sip:bob@192.0.2.10>;tag=t\r\n"
        b"Call-ID: 84732@192.0.2.7\r\n"
        b"CSeq: 1 INVITE\r\n"
        b"Contact: <sip:b@h>\r\n"
        b"Content-Length: 3\r\n"
        b"\r\n"
        b"v=0"
    )


def test_a_tag_that_is_there_stays() -> None:
    request = invite(INVITE.replace(b"To: <sip:bob@192.0.2.10>", b"To: <sip:b@h>;tag=old"))
    answer = parse(write_response(request, 481, "Gone", to_tag="new"))
    assert isinstance(answer, Response)
    assert answer.to_tag == "old"


def test_only_trying_repeats_the_timestamp() -> None:
    request = invite(INVITE.replace(b"Max-", b"Timestamp: 54\r\nMax-"))
    assert b"Timestamp: 54\r\n" in write_response(request, 100, "Trying")
    assert b"Timestamp" not in write_response(request, 180, "Ringing")


def test_odd_bytes_are_repeated_exactly() -> None:
    request = invite(INVITE.replace(b"Alice", b"Al\xffce"))
    assert b'From: "Al\xffce" <' in write_response(request, 180, "Ringing")


def test_a_request_without_its_fields_can_be_refused() -> None:
    found = parse(INVITE.replace(b"Call-ID", b"X").replace(b"From", b"Y").replace(b"To:", b"Z:"))
    assert isinstance(found, Malformed)
    assert found.request is not None
    answer = write_response(found.request, found.status, found.reason, to_tag="t")
    assert answer.startswith(b"SIP/2.0 400 Missing Call-ID\r\nVia: SIP/2.0/UDP 192.0.2.7:5060;")
    assert b"From" not in answer
    assert b"\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n" in answer


def test_a_request_is_written() -> None:
    lines = ["Via: SIP/2.0/UDP h;branch=z9hG4bK1", "From: <sip:a@h>;tag=é", "To: <sip:b@h>"]
    written = write_request("BYE", "sip:b@h", [*lines, "Call-ID: 1", "CSeq: 2 BYE"], b"bye")
    assert written.endswith(b"CSeq: 2 BYE\r\nContent-Length: 3\r\n\r\nbye")
    message = invite(written)
    assert (message.method, message.uri, message.from_tag) == ("BYE", "sip:b@h", "é")
