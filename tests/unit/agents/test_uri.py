"""Addresses as people and phones write them."""

import pytest

from switchroom.agents.uri import user_and_place


@pytest.mark.parametrize(
    ("uri", "parts"),
    [
        ("sip:alice@acme.example", ("alice", "acme.example", "")),
        (
            "SIPS:alice:secret@Acme.Example:5061;transport=tcp?x=y",
            ("alice", "acme.example", "5061"),
        ),
        ("sip:%2B1202@acme.example", ("+1202", "acme.example", "")),
        ("sip:acme.example", ("", "acme.example", "")),
        ("sip:alice@[2001:db8::1]:5060", ("alice", "[2001:db8::1]", "5060")),
        ("tel:+1-202-555-0123;ext=1", ("+1-202-555-0123", "", "")),
        ("nonsense", ("", "", "")),
        ("", ("", "", "")),
    ],
)
def test_user_and_place(uri: str, parts: tuple[str, str, str]) -> None:
    assert user_and_place(uri) == parts
