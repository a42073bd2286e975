"""URIs, read and written."""

import pytest

from switchroom.sip.message import SipUri, escape_user, format_uri, parse_uri, unescape


@pytest.mark.parametrize(
    ("text", "uri"),
    [
        ("sip:example.com", SipUri("sip", host="example.com")),
        ("SIPS:Bob@Example.COM:5061", SipUri("sips", "Bob", "", "example.com", 5061)),
        ("sip:a:b%20c@h", SipUri("sip", "a", "b c", "h")),
        ("sip:a@[2001:DB8::1]:5060", SipUri("sip", "a", "", "2001:db8::1", 5060)),
        ("sip:%75ser;x=1?y@h;lr", SipUri("sip", "user;x=1?y", "", "h", None, {"lr": ""})),
        (
            "sip:+1-202@h;user=Phone;Transport=tcp",
            SipUri("sip", "+1-202", "", "h", None, {"user": "Phone", "transport": "tcp"}),
        ),
        (
            "sip:a@h;x=1?Subject=hi%20you&to=b",
            SipUri("sip", "a", "", "h", None, {"x": "1"}, {"subject": "hi you", "to": "b"}),
        ),
        ("sip:%00@h", SipUri("sip", "\0", "", "h")),
        ("tel:+1-202-555;ext=7", SipUri("tel", opaque="+1-202-555;ext=7")),
        ("soap.beep://192.0.2.103:3002", SipUri("soap.beep", opaque="//192.0.2.103:3002")),
    ],
)
def test_a_uri_is_taken_apart(text: str, uri: SipUri) -> None:
    assert parse_uri(text) == uri


@pytest.mark.parametrize(
    "text",
    [
        "",
        "sip:",
        "sip",
        "sip:@h",
        "sip::secret@h",
        "sip:a@",
        "sip:a@h@i",
        "sip:a@h:0",
        "sip:a@h:65536",
        "sip:a@h:",
        "sip:a@h:x",
        "sip:a b@h",
        "sip:a@h; lr",
        "<sip:a@h>",
        "sip:a@h>",
        "sip:a%4@h",
        "sip:a%zz@h",
        "sip:a@h\r\nX: y",
        "sip:a@[::1",
        "sip:a@h;=x",
        "sip:a@h;;",
        ":a@h",
        "1sip:a@h",
        "sip:a@h" + ";x" * 65,
    ],
)
def test_a_broken_uri_is_none(text: str) -> None:
    assert parse_uri(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "sip:bob@example.com",
        "sips:bob:pw@example.com:5061;transport=tcp;lr",
        "sip:a%20b%40c%3A@[2001:db8::1]:5060;x=a%3Bb?h=a%26b",
        "sip:user;par=u%40example.net@example.com",
        "sip:%C3%A9%FF@h",
        "tel:+12025550123;ext=7",
    ],
)
def test_a_uri_is_written_as_it_was(text: str) -> None:
    uri = parse_uri(text)
    assert uri is not None
    assert str(uri) == format_uri(uri) == text


def test_users_are_escaped_and_back() -> None:
    assert escape_user("a b@c:d%<é") == "a%20b%40c%3Ad%25%3C%C3%A9"
    assert escape_user("+1(202)555;ext=1?/&") == "+1(202)555;ext=1?/&"
    assert unescape("a%20b%40") == "a b@"
    assert unescape("plain") == "plain"
