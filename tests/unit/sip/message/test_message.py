"""How the fields of a message are read."""

from switchroom.sip.message import Request, parse

LINES = [
    "OPTIONS sip:bob@example.com SIP/2.0",
    "Via: SIP/2.0/UDP a.example.com;branch=z9hG4bK1, SIP/2.0/TCP [2001:db8::1]:5070",
    "v: SIP/2.0/TLS c.example.com",
    'From: "Al, ice" <sip:alice@example.com>;tag=1',
    "To: <sip:bob@example.com;tag=no>;x=y",
    "Call-ID: 1",
    "CSeq: 7 OPTIONS",
    'm: "A, B" <sip:a@h;x=1,2>, , sip:b@h;expires=5',
    "Contact: <sip:c@h>, junk <",
    "Allow: INVITE, ACK",
    "Allow: BYE",
]


def options(*more: str) -> Request:
    message = parse("\r\n".join([*LINES, *more, "", ""]).encode())
    assert isinstance(message, Request)
    return message


def test_raw_values_are_lines() -> None:
    assert options().raw("allow") == ["INVITE, ACK", "BYE"]
    assert options().raw("subject") == []


def test_values_are_members_of_all_lines() -> None:
    assert options().values("allow") == ["INVITE", "ACK", "BYE"]
    assert len(options().values("via")) == 3
    assert options().values("subject") == []


def test_get_is_the_first_line() -> None:
    assert options().get("allow") == "INVITE, ACK"
    assert options().get("subject") is None
    assert options("s:").get("subject") == ""


def test_commas_in_quotes_and_brackets_do_not_separate() -> None:
    uris = [contact.uri for contact in options().contacts()]
    assert uris == ["sip:a@h;x=1,2", "sip:b@h", "sip:c@h", ""]


def test_a_star_contact_is_recognised() -> None:
    data = "\r\n".join([*LINES[:7], "Contact: *", "", ""]).encode()
    message = parse(data)
    assert isinstance(message, Request)
    assert [contact.uri for contact in message.contacts()] == ["*"]


def test_typed_values_are_made_on_demand() -> None:
    message = options()
    assert (message.via.transport, message.via.host, message.branch) == (
        "UDP",
        "a.example.com",
        "z9hG4bK1",
    )
    assert message.from_.display == "Al, ice"
    assert message.to.uri == "sip:bob@example.com;tag=no"
    assert message.to_tag is None  # that tag belongs to the URI
    assert message.via is message.via


def test_unreadable_values_are_empty() -> None:
    data = "\r\n".join(
        [LINES[0], "Via: nonsense", "From: <", "To: ", "Call-ID: 1", "CSeq: 7 OPTIONS", "", ""]
    )
    message = parse(data.encode())
    assert isinstance(message, Request)
    assert message.via.host == ""
    assert message.from_.uri == ""
    assert message.to.uri == ""


def test_max_forwards_may_be_missing() -> None:
    assert options().max_forwards is None
    assert options("Max-Forwards: 0").max_forwards == 0


def test_a_message_tells_what_it_is() -> None:
    assert repr(options()) == "<OPTIONS sip:bob@example.com 1 7>"
