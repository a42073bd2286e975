"""What holds for every SIP message: any bytes are survived, what is written is read back."""

from hypothesis import given
from hypothesis import strategies as st

from fuzz.fuzz_sip_message import WORDS, seeds
from fuzz.invariants import check_datagram, check_stream
from switchroom.sip.message import (
    NameAddress,
    Request,
    SipUri,
    escape_user,
    format_address,
    format_uri,
    parse,
    parse_name_address,
    parse_uri,
    unescape,
    write_request,
)
from switchroom.sip.message.address import tag_of
from switchroom.sip.message.grammar import quote, split_list, unquote

TOKENS = st.text("abcXYZ019-.!%*_+`'~", min_size=1, max_size=12)
HOSTS = st.sampled_from(["example.com", "192.0.2.1", "2001:db8::1", "a-b.c_d"])
PARAMETERS = st.dictionaries(TOKENS.map(str.lower), TOKENS | st.just(""), max_size=4)
ANY_TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=30)

URIS = st.builds(
    SipUri,
    scheme=st.sampled_from(["sip", "sips"]),
    user=ANY_TEXT.filter(bool),
    password=ANY_TEXT,
    host=HOSTS,
    port=st.none() | st.integers(1, 65535),
    params=st.dictionaries(ANY_TEXT.filter(bool).map(str.lower), ANY_TEXT, max_size=3),
    headers=st.dictionaries(ANY_TEXT.filter(bool).map(str.lower), ANY_TEXT, max_size=3),
)
LOOSE = st.lists(
    st.sampled_from(WORDS)
    | st.binary(max_size=4)
    | st.sampled_from(seeds()).map(lambda s: s[:400]),
    max_size=12,
).map(b"".join)


@given(LOOSE)
def test_any_bytes_are_survived(data: bytes) -> None:
    check_datagram(data)


@given(st.sampled_from(seeds()), st.integers(0, 4000), st.integers(0, 30), LOOSE)
def test_any_change_to_a_torture_message_is_survived(
    seed: bytes, at: int, size: int, new: bytes
) -> None:
    at %= len(seed)
    check_datagram(seed[:at] + new + seed[at + size :])


@given(
    st.lists(
        st.sampled_from(seeds()) | st.sampled_from([b"\r\n", b"\r\n\r\n"]) | LOOSE, max_size=4
    ),
    st.lists(st.integers(0, 4000), max_size=6),
)
def test_how_a_stream_is_cut_changes_nothing(parts: list[bytes], cuts: list[int]) -> None:
    check_stream(b"".join(parts), cuts)


@given(URIS)
def test_a_uri_is_read_back(uri: SipUri) -> None:
    again = parse_uri(format_uri(uri))
    assert again is not None
    assert (again.user, again.password, again.host) == (uri.user, uri.password, uri.host)
    assert (again.port, again.params, again.headers) == (uri.port, uri.params, uri.headers)


@given(ANY_TEXT)
def test_a_user_is_unescaped_to_what_it_was(user: str) -> None:
    escaped = escape_user(user)
    assert unescape(escaped) == user
    assert escaped.isascii()


@given(ANY_TEXT, PARAMETERS, TOKENS)
def test_an_address_is_read_back(display: str, params: dict[str, str], tag: str) -> None:
    address = NameAddress(display, "sip:a@h;tag=no", {**params, "tag": tag})
    text = format_address(address)
    assert parse_name_address(text) == address
    assert tag_of(text) == tag
    assert parse_name_address(split_list(f"{text}, <sip:b@h>")[0]) == address


@given(ANY_TEXT)
def test_quoting_is_undone(text: str) -> None:
    assert unquote(quote(text)) == text


@given(
    method=TOKENS,
    uri=URIS,
    display=ANY_TEXT,
    values=st.lists(st.tuples(TOKENS, ANY_TEXT), max_size=8),
    number=st.integers(0, 2**31 - 1),
    body=st.binary(max_size=50),
)
def test_a_request_is_read_back(  # every part of it
    method: str,
    uri: SipUri,
    display: str,
    values: list[tuple[str, str]],
    number: int,
    body: bytes,
) -> None:
    lines = [f"X-{name}: {value}" for name, value in values]
    lines += ["v: SIP/2.0/UDP h;branch=z9hG4bK1", f"From: {quote(display)} <sip:a@h>;tag=t"]
    lines += ["To: <sip:b@h>", "Call-ID: c", f"CSeq: {number} {method}"]
    message = parse(write_request(method, format_uri(uri), lines, body))
    assert isinstance(message, Request)
    assert (message.method, message.uri) == (method, format_uri(uri))
    assert (message.cseq, message.cseq_method, message.body) == (number, method, body)
    assert (message.from_.display, message.from_tag) == (display, "t")
    for name, value in values:
        assert value.strip(" \t") in message.raw(f"x-{name}".lower())
