"""Lists, parameters and quoted strings."""

import pytest

from switchroom.sip.message.grammar import (
    format_parameters,
    is_token,
    parse_parameters,
    quote,
    split_list,
    unquote,
)


@pytest.mark.parametrize(
    ("text", "members"),
    [
        ("", []),
        ("a", ["a"]),
        ("a, b ,c", ["a", "b", "c"]),
        (",,a,,", ["a"]),
        ('"a,b" <c>, d', ['"a,b" <c>', "d"]),
        (r'"a\",b", c', [r'"a\",b"', "c"]),
        ("<a,b>,c", ["<a,b>", "c"]),
        ('"a,b', ['"a,b']),
        ("<a,b", ["<a,b"]),
    ],
)
def test_lists(text: str, members: list[str]) -> None:
    assert split_list(text) == members


@pytest.mark.parametrize(
    ("text", "params"),
    [
        ("", {}),
        (";lr", {"lr": ""}),
        (" ; A = 1 ; b", {"a": "1", "b": ""}),
        (';x="a;b"', {"x": '"a;b"'}),
        (r';x="a\";b";y=1', {"x": r'"a\";b"', "y": "1"}),
        (";a=1;a=2", {"a": "1"}),
        (";a=b=c", {"a": "b=c"}),
        ("lr", None),
        (";", None),
        (";;a", None),
        (";a=", None),
        (";=a", None),
        (";a b=c", None),
        (";a=b c", None),
        (';a="b', None),
        (';a="b"c', None),
        (';a="', None),
        (";a=1,b", None),
        (";a" * 65, None),
    ],
)
def test_parameters(text: str, params: dict[str, str] | None) -> None:
    assert parse_parameters(text) == params


def test_sixty_four_parameters_are_taken() -> None:
    params = parse_parameters("".join(f";p{number}" for number in range(64)))
    assert params is not None
    assert len(params) == 64


def test_parameters_are_written_as_they_were() -> None:
    text = ';lr;x=1;y="a;b"'
    assert format_parameters(parse_parameters(text) or {}) == text


def test_quoting_and_back() -> None:
    assert quote('a"b\\c') == r'"a\"b\\c"'
    assert unquote(r'"a\"b\\c"') == 'a"b\\c'
    assert quote("a\r\nVia: b") == '"a  Via: b"'
    assert unquote("plain") == "plain"
    assert unquote('"') == '"'


def test_tokens() -> None:
    assert is_token("a.b!c%d*e_f+g`h'i~j-k")
    assert not is_token("")
    assert not is_token("a b")
    assert not is_token("é")
