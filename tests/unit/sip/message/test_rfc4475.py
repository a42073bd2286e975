"""The torture messages of RFC 4475, as datagrams and on streams."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from switchroom.sip.message import (
    Framer,
    FramingError,
    Malformed,
    Request,
    parse,
    parse_name_address,
    parse_uri,
)
from unit.sip.message.test_parse import RINGING

FOLDER = Path(__file__).parents[3] / "data" / "rfc4475"
ROWS: list[dict[str, Any]] = tomllib.loads((FOLDER / "expected.toml").read_text())["message"]
Row = dict[str, Any]

each_row = pytest.mark.parametrize("row", ROWS, ids=[row["file"] for row in ROWS])


def octets(name: str) -> bytes:
    return (FOLDER / name).read_bytes()


def request(name: str) -> Request:
    message = parse(octets(name))
    assert isinstance(message, Request)
    return message


def test_every_file_has_one_row() -> None:
    files = sorted(path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.dat"))
    assert sorted(row["file"] for row in ROWS) == files
    assert len(files) == 49
    sections = [row["section"] for row in ROWS]
    assert len(set(sections)) == len(sections)
    assert all(row["rfc"] and row["why"] for row in ROWS)


@each_row
def test_as_a_datagram(row: Row) -> None:
    message = parse(octets(row["file"]))
    if row["codec"] == "accepted":
        assert not isinstance(message, Malformed)
    else:
        assert isinstance(message, Malformed)
        assert message.status == row.get("status", 0)
        assert (message.request is not None) == (row["codec"] == "refused")


@each_row
@pytest.mark.parametrize("step", [1, 7, 100_000])
def test_on_a_stream_followed_by_a_good_message(row: Row, step: int) -> None:
    data = octets(row["file"])
    framer = Framer()
    frames = []
    for start in range(0, len(data), step):
        frames += framer.feed(data[start : start + step])
    whole = [frame for frame in frames if isinstance(frame, bytes)]
    failed = any(isinstance(frame, FramingError) for frame in frames)
    following = framer.feed(RINGING)
    if row["tcp"] == "framed":
        assert whole == [data]
        assert following == [RINGING]
    elif row["tcp"] == "error":
        assert failed or any(isinstance(frame, FramingError) for frame in following)
        assert len(whole) == row.get("messages", 0)
        assert RINGING not in following
    else:
        assert not frames
        assert RINGING not in following


@each_row
def test_a_user_agent_can_see_why_to_refuse(row: Row) -> None:
    """What the table leaves to the user agent must be visible in the values it gets."""
    message = parse(octets(row["file"]))
    if row["codec"] != "accepted" or row["uas"] not in (400, 416):
        return
    assert isinstance(message, Request)
    uri = parse_uri(message.uri)
    if row["uas"] == 416:
        assert uri is not None
        assert uri.scheme not in ("sip", "sips")
        return
    to = parse_uri(message.to.uri)
    assert (
        uri is None
        or uri.headers
        or not message.via.host
        or to is None
        or to.scheme not in ("sip", "sips")
        or any(not contact.uri for contact in message.contacts())
    )


def test_the_tortuous_invite_is_understood() -> None:
    invite = request("valid/wsinv.dat")
    assert [via.split(";")[0].split()[-1] for via in invite.values("via")] == [
        "192.0.2.2",
        "spindle.example.com",
        "192.168.255.111",
    ]
    assert (invite.cseq, invite.max_forwards, invite.branch) == (9, 68, "390skdjuw")
    assert (invite.to_tag, invite.from_tag) == ("1918181833n", "98asjd8")
    assert invite.from_.display == 'J Rosenberg \\"'
    contact = invite.contacts()[0]
    assert contact.display == 'Quoted string ""'
    assert contact.params == {"newparam": "newvalue", "secondparam": "", "q": "0.33"}
    assert invite.get("subject") == ""
    assert len(invite.body) == 150


def test_every_allowed_character_is_understood() -> None:
    message = request("valid/intmeth.dat")
    assert message.method == "!interesting-Method0123456789_*+`.%indeed'~"
    uri = parse_uri(message.uri)
    assert uri is not None
    assert uri.user == "1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*"
    assert uri.password == "&it+has=1,weird!*pas$wo~d_too.(doesn't-it)"
    assert message.to.display == "BEL:\a NUL:\0 DEL:\x7f"
    assert message.from_tag == "_token~1'+`*%!-."


def test_escapes_are_taken_away_where_they_are_escapes() -> None:
    message = request("valid/esc01.dat")
    uri = parse_uri(message.uri)
    assert uri is not None
    assert uri.user == "sips:user@example.com"
    contact = parse_uri(message.contacts()[0].uri)
    assert contact is not None
    assert (contact.user, contact.params) == ("caller", {"lr": "", "name": "value%41"})
    assert request("valid/esc02.dat").method == "RE%47IST%45R"
    null = parse_uri(request("valid/escnull.dat").contacts()[1].uri)
    assert null is not None
    assert null.user == "\0\0"


def test_semicolons_in_the_user_part_are_understood() -> None:
    uri = parse_uri(request("valid/semiuri.dat").uri)
    assert uri is not None
    assert (uri.user, uri.host, uri.params) == ("user;par=u@example.net", "example.com", {})


def test_parameters_belong_where_the_brackets_say() -> None:
    outside = request("invalid/cparam01.dat").contacts()[0]
    assert (outside.uri, outside.params) == (
        "sip:+19725552222@gw1.example.net",
        {"unknownparam": ""},
    )
    inside = request("invalid/cparam02.dat").contacts()[0]
    assert (inside.uri[-13:], inside.params) == (";unknownparam", {})


def test_the_unquoted_display_names_are_refused_once_the_message_is_whole() -> None:
    message = parse(octets("invalid/baddn.dat") + b"\r\n")
    assert isinstance(message, Request)
    assert message.from_.uri == message.to.uri == ""
    assert parse_name_address(message.get("from") or "") is None
