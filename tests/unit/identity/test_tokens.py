"""A token has one form, and nothing else is ever looked up."""

from hashlib import sha256

import pytest

from switchroom.identity.tokens import Token, TokenForm, read_token, write_token

RANDOM = bytes(range(32))


@pytest.mark.parametrize("form", ["session", "refresh", "accesskey", "ticket", "csrf"])
def test_what_is_written_is_read(form: TokenForm) -> None:
    text = write_token(form, RANDOM)

    assert read_token(text, form) == Token(form, sha256(text.encode()).digest())


def test_a_token_of_another_form_is_none() -> None:
    assert read_token(write_token("refresh", RANDOM), "session", "accesskey") is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "sr_s_",
        "sr_s_" + "0" * 63,
        "sr_s_" + "0" * 65,
        "sr_s_" + "0" * 64 + "\n",
        "sr_s_" + "G" * 64,
        "sr_s_" + "A" * 64,
        "sr_x_" + "0" * 64,
        " sr_s_" + "0" * 64,
        "sr_s_" + "\u0660" * 64,
        "sr_s_" + "0" * 10_000_000,
        "\0" * 69,
        "' OR 1=1 --",
    ],
)
def test_anything_else_is_none(text: str) -> None:
    assert read_token(text, "session", "refresh", "accesskey", "ticket", "csrf") is None


def test_too_little_chance_is_refused() -> None:
    with pytest.raises(ValueError, match="32 random bytes, not 16"):
        write_token("session", RANDOM[:16])
