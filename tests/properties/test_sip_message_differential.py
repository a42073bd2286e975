"""The same messages read by us and by the library ``sipmessage``, which must see the same.

Legitimate differences, kept out of the comparison:

- It does not unfold lines and keeps white space before a colon as part of the name.
- It does not cut the body at Content-Length, nor check it, nor check which fields are there.
- It raises on bytes that are no UTF-8; here they survive.
- It strips all Unicode white space from values; here only spaces and tabs, which is what LWS is.
- It undoes ``\\\\"`` in the wrong order, so backslashes in display names come out differently.
- It undoes percent escapes in the parameters of fields; only URIs have them (RFC 3261 §19.1).
- It ends a quoted display name at the last quote of the whole line, not at its own.
- It keeps the case of hosts and of parameter names, and the brackets of IPv6 addresses.
- It knows of URIs only ``sip``, ``sips`` and ``tel``, and no headers in them.
"""

from collections.abc import Sequence

import sipmessage
from hypothesis import given
from hypothesis import strategies as st

from fuzz.fuzz_sip_message import WORDS, seeds
from switchroom.sip.message import Malformed, Request, Response, parse, parse_uri, parse_via
from switchroom.sip.message.names import COMPACT

TOKENS = st.text("abcXYZ019-.!*_+`'~", min_size=1, max_size=12)
NAMES = st.text("abcdefghij-", min_size=2, max_size=8).map(lambda text: "X" + text)
KNOWN = [letter for letter in COMPACT if letter not in "nltfivm"]
TEXTS = st.text(st.characters(min_codepoint=33, codec="utf-8"), max_size=20).map(
    lambda text: " ".join(text.split())
)
PARAMETERS = st.dictionaries(NAMES.map(str.lower), TOKENS | st.just(""), max_size=3)
HOSTS = st.sampled_from(["example.com", "192.0.2.1", "[2001:db8::1]", "a-b.c.example"])
URI_TEXTS = st.text("abcAZ09-_.!~*'()[]/:&+$", min_size=1, max_size=10)
DISPLAYS = ("", "Bob ", "Bob Q. ", '"Bob, <Q>;tag=no" ', '"é" ', '""')
USERS = st.text("abcAZ09-_.!~*'()&=+$,;?/", min_size=1, max_size=10)


def written(params: dict[str, str]) -> str:
    return "".join(f";{name}={value}" if value else f";{name}" for name, value in params.items())


@st.composite
def uris(draw: st.DrawFn) -> str:
    port = draw(st.sampled_from(["", ":5060", ":1", ":65535"]))
    user = draw(st.just("") | USERS.map(lambda text: text + "@"))
    return f"{draw(st.sampled_from(['sip', 'sips']))}:{user}{draw(HOSTS)}{port}" + written(
        draw(st.dictionaries(st.sampled_from(["lr", "x", "transport"]), URI_TEXTS, max_size=2))
    )


@st.composite
def addresses(draw: st.DrawFn, displays: Sequence[str] = DISPLAYS) -> str:
    display = draw(st.sampled_from(displays))
    return f"{display}<{draw(uris())}>{written(draw(PARAMETERS))}"


@st.composite
def vias(draw: st.DrawFn) -> str:
    port = draw(st.sampled_from(["", ":5060"]))
    transport = draw(st.sampled_from(["UDP", "TCP", "TLS", "WSS", "X-Y"]))
    branch = draw(st.sampled_from(["", ";branch=z9hG4bKab.c"]))
    return f"SIP/2.0/{transport} {draw(HOSTS)}{port}{branch}{written(draw(PARAMETERS))}"


@st.composite
def messages(draw: st.DrawFn) -> bytes:
    method = draw(st.sampled_from(["INVITE", "BYE"]) | TOKENS)
    start = draw(
        st.just(f"{method} {draw(uris())} SIP/2.0")
        | st.builds(lambda code, phrase: f"SIP/2.0 {code} {phrase}", st.integers(100, 699), TEXTS)
    )
    lines = [
        f"{draw(st.sampled_from(['Via', 'v', 'VIA']))}: "
        + draw(st.sampled_from([", ", ","])).join(draw(st.lists(vias(), min_size=1, max_size=3))),
        f"{draw(st.sampled_from(['From', 'f', 'FROM']))}: {draw(addresses())}",
        f"{draw(st.sampled_from(['To', 't', 'to']))}:{draw(addresses())}",
        f"{draw(st.sampled_from(['Call-ID', 'i', 'call-id']))}:   {draw(TOKENS)}",
        f"{draw(st.sampled_from(['CSeq', 'CSEQ']))}: {draw(st.integers(0, 2**31 - 1))} {method}",
    ]
    extra = draw(st.lists(st.tuples(NAMES, TEXTS), max_size=5))
    once = draw(st.lists(st.sampled_from(KNOWN), unique=True, max_size=4))
    lines += [f"{name}: {value}" for name, value in extra]
    lines += [f"{letter}: {draw(TOKENS)}" for letter in once]
    if draw(st.booleans()):
        unquoted = st.lists(addresses(DISPLAYS[:3]), min_size=1, max_size=3)
        lines = [line for line in lines if not line.startswith("m: ")]
        lines.append("m: " + ", ".join(draw(unquoted)))
    body = draw(st.binary(max_size=20))
    lines.append(f"l: {len(body)}")
    return "\r\n".join([start, *draw(st.permutations(lines)), "", ""]).encode() + body


def agree_on_lines(
    ours: Request | Response, theirs: sipmessage.Request | sipmessage.Response
) -> None:
    if isinstance(ours, Request):
        assert isinstance(theirs, sipmessage.Request)
        assert ours.method == theirs.method
    else:
        assert isinstance(theirs, sipmessage.Response)
        assert (ours.status, ours.reason) == (theirs.code, theirs.phrase)
    names = [name.rstrip(" \t") for name in theirs.headers.keys()]  # noqa: SIM118 - no mapping
    assert {COMPACT.get(name.lower(), name.lower()) for name in names} == set(ours.first)


@given(messages())
def test_both_see_the_same_message(data: bytes) -> None:
    theirs = sipmessage.Message.parse(data)
    ours = parse(data)
    assert not isinstance(ours, Malformed)
    agree_on_lines(ours, theirs)
    for name in theirs.headers.keys():  # noqa: SIM118 - no mapping
        assert ours.raw(COMPACT.get(name.lower(), name.lower())) == theirs.headers.getlist(name)
    assert ours.body == theirs.body
    assert ours.call_id == theirs.call_id
    assert (ours.cseq, ours.cseq_method) == (theirs.cseq.sequence, theirs.cseq.method)


def agree_on_address(ours: tuple[str, str, dict[str, str]], theirs: sipmessage.Address) -> None:
    display, text, params = ours
    assert display == theirs.name
    assert params == {name: value or "" for name, value in theirs.parameters.items()}
    agree_on_uri(text, theirs.uri)


def agree_on_uri(text: str, theirs: sipmessage.URI) -> None:
    ours = parse_uri(text)
    assert ours is not None
    assert (ours.scheme, ours.host, ours.port) == (
        theirs.scheme,
        theirs.host.lower().strip("[]"),
        theirs.port,
    )
    assert (ours.user, ours.password) == (theirs.user or "", theirs.password or "")
    assert ours.params == {name: value or "" for name, value in theirs.parameters.items()}


@given(messages())
def test_both_see_the_same_values(data: bytes) -> None:
    theirs = sipmessage.Message.parse(data)
    ours = parse(data)
    assert not isinstance(ours, Malformed)
    if isinstance(ours, Request) and isinstance(theirs, sipmessage.Request):
        agree_on_uri(ours.uri, theirs.uri)
    for mine, other in ((ours.from_, theirs.from_address), (ours.to, theirs.to_address)):
        agree_on_address((mine.display, mine.uri, mine.params), other)
    for mine, other in zip(ours.contacts(), theirs.contact, strict=True):
        agree_on_address((mine.display, mine.uri, mine.params), other)
    for text, hop in zip(ours.values("via"), theirs.via, strict=True):
        via = parse_via(text)
        assert via is not None
        assert (via.transport, via.host, via.port) == (
            hop.transport.upper(),
            hop.host.strip("[]"),
            hop.port,
        )
        assert via.params == {name: value or "" for name, value in hop.parameters.items()}
    assert ours.branch == (theirs.via[0].parameters.get("branch") or "")


@given(
    st.sampled_from(seeds()),
    st.integers(0, 4000),
    st.integers(0, 4),
    st.sampled_from(WORDS) | st.binary(max_size=3),
)
def test_what_both_accept_both_see_alike(seed: bytes, at: int, size: int, new: bytes) -> None:
    at %= len(seed)
    data = seed[:at] + new + seed[at + size :]
    ours = parse(data)
    head = data.lstrip(b"\r\n").partition(b"\r\n\r\n")[0]
    if isinstance(ours, Malformed) or b"\r\n " in head or b"\r\n\t" in head:
        return
    try:
        theirs = sipmessage.Message.parse(data.lstrip(b"\r\n"))
    except ValueError:
        return
    agree_on_lines(ours, theirs)
    assert ours.call_id.split() == (theirs.headers.get("call-id") or ours.call_id).split()
