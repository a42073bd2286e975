"""Name-addresses and tags."""

import pytest

from switchroom.sip.message import (
    NameAddress,
    format_address,
    format_name_address,
    parse_name_address,
)
from switchroom.sip.message.address import tag_of


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("sip:a@h", NameAddress("", "sip:a@h")),
        ("sip:a@h;tag=1", NameAddress("", "sip:a@h", {"tag": "1"})),
        ("sip:a@h ; tag = 1", NameAddress("", "sip:a@h", {"tag": "1"})),
        ("<sip:a@h;lr>;x", NameAddress("", "sip:a@h;lr", {"x": ""})),
        ("Bob Q. <sip:a@h>", NameAddress("Bob Q.", "sip:a@h")),
        ("caller<sip:a@h>", NameAddress("caller", "sip:a@h")),
        (r'"A \"B\" \\ <x>;" <sip:a@h>', NameAddress('A "B" \\ <x>;', "sip:a@h")),
        ('""<sip:a@h>', NameAddress("", "sip:a@h")),
        (
            '<sip:a@h>;+sip.instance="<urn:uuid:1>";reg-id=1',
            NameAddress("", "sip:a@h", {"+sip.instance": '"<urn:uuid:1>"', "reg-id": "1"}),
        ),
        ("*", NameAddress("", "*")),
        ("tel:+1202;tag=1", NameAddress("", "tel:+1202", {"tag": "1"})),
    ],
)
def test_an_address_is_read(text: str, address: NameAddress) -> None:
    assert parse_name_address(text) == address


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<>",
        "<sip:a@h",
        "< sip:a@h >",
        '"Bob <sip:a@h>',
        '"Bob" x <sip:a@h>',
        '"Bob"',
        "Bell, A <sip:a@h>",
        "sip:a@h?Route=x",
        "sip:a@h,b",
        "sip:a b@h",
        "<sip:a@h> x",
        "<sip:a@h>;;",
        "<sip:a@h\r\n>",
    ],
)
def test_a_broken_address_is_none(text: str) -> None:
    assert parse_name_address(text) is None


def test_an_address_is_written() -> None:
    assert format_name_address("", "sip:a@h") == "<sip:a@h>"
    assert format_name_address('A "B"', "sip:a@h", "7") == r'"A \"B\"" <sip:a@h>;tag=7'
    assert (
        format_address(NameAddress("A", "sip:a@h", {"lr": "", "q": "1"})) == '"A" <sip:a@h>;lr;q=1'
    )


@pytest.mark.parametrize(
    ("value", "tag"),
    [
        ("<sip:a@h>;tag=1", "1"),
        ("<sip:a@h>;tag=1;x=y", "1"),
        ("<sip:a@h>;x=y;tag=1", "1"),
        ("<sip:a@h> ; TAG = 1 ;x", "1"),
        ("sip:a@h;tag=1", "1"),
        ("<sip:a@h;tag=no>", None),
        ("<sip:a@h;tag=no>;tag=1", "1"),
        ('";tag=no" <sip:a@h>', None),
        ('">;tag=no" <sip:a@h>;tag=1', "1"),
        (r'"\";tag=no" <sip:a@h>;tag=1', "1"),
        ('<sip:a@h>;x=";tag=no"', None),
        ('<sip:a@h>;x=";tag=no";tag=1', "1"),
        ('"A" <sip:a@h>;x="<>;tag=no";tag=1', "1"),
        ("<sip:a@h>;xtag=1", None),
        ("<sip:a@h>;tag=", None),
        ("", None),
    ],
)
def test_a_tag_is_found(value: str, tag: str | None) -> None:
    assert tag_of(value) == tag
