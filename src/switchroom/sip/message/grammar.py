"""The lexical rules shared by all fields: quoted strings, lists and parameters (RFC 3261 §25.1)."""

import re
from typing import Final

from switchroom.sip.message.limits import PARAMETERS

# Unterminated strings run to the end of the text: every pattern here succeeds at its first try,
# so no input makes it slow.
_QUOTED_TEXT: Final = r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)'
QUOTED: Final = re.compile(_QUOTED_TEXT, re.DOTALL)
_LIST_PART: Final = re.compile(rf"{_QUOTED_TEXT}|<[^>]*+>?|,", re.DOTALL)
_PARAMETER_PART: Final = re.compile(rf"{_QUOTED_TEXT}|;", re.DOTALL)
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)
_TOKEN: Final = re.compile(r"[A-Za-z0-9.!%*_+`'~-]+")

LWS: Final = " \t"


def is_token(text: str) -> bool:
    """Whether ``text`` is a token: a method, a tag, the name of a parameter."""
    return _TOKEN.fullmatch(text) is not None


def split_list(text: str) -> list[str]:
    """Return the members of a comma-separated value, stripped, without the empty ones.

    Commas inside quoted strings and angle brackets do not separate.
    """
    if "," not in text:
        return [text] if text else []
    if '"' not in text and "<" not in text:
        members = text.split(",")
    else:
        members = _cut(text, _LIST_PART, ",")
    return [stripped for member in members if (stripped := member.strip(LWS))]


def _cut(text: str, parts: re.Pattern[str], separator: str) -> list[str]:
    members: list[str] = []
    start = 0
    for part in parts.finditer(text):
        if part[0] == separator:
            members.append(text[start : part.start()])
            start = part.end()
    members.append(text[start:])
    return members


def split_parameters(text: str) -> list[str]:
    """Cut at the semicolons outside quoted strings; the first part is what precedes them all."""
    return _cut(text, _PARAMETER_PART, ";") if '"' in text else text.split(";")


def unquote(text: str) -> str:
    """Return the content of a quoted string; other text unchanged."""
    if len(text) < 2 or text[0] != '"' or text[-1] != '"':
        return text
    inside = text[1:-1]
    return _ESCAPED.sub(r"\1", inside) if "\\" in inside else inside


def quote(text: str) -> str:
    """Return ``text`` as a quoted string. CR and LF, which cannot stand in one, become spaces.

    An unescaped user part may contain them (``%0D%0A``), and would add lines to our message.
    """
    if "\r" in text or "\n" in text:
        text = text.replace("\r", " ").replace("\n", " ")
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def parse_parameters(text: str) -> dict[str, str] | None:
    """Read ``;name=value;flag`` into a dictionary; ``None`` if it breaks the grammar.

    Names become lower case, values stay as written (see ``unquote``), flags are empty strings,
    the first of equal names counts. Empty parameters (``;;``) and more than 64 are refused.
    """
    parameters: dict[str, str] = {}
    text = text.strip(LWS)
    if not text:
        return parameters
    if text[0] != ";":
        return None
    members = split_parameters(text)
    if len(members) > PARAMETERS + 1:
        return None
    for member in members[1:]:
        name, equals, value = member.partition("=")
        name = name.strip(LWS).lower()
        value = value.strip(LWS)
        if not is_token(name) or (equals and not value) or not _is_value(value):
            return None
        parameters.setdefault(name, value)
    return parameters


def _is_value(value: str) -> bool:
    if value and value[0] == '"':
        whole = QUOTED.fullmatch(value)
        return whole is not None and len(value) > 1 and value[-1] == '"'
    return not any(mark in value for mark in ' \t",<>')


def format_parameters(parameters: dict[str, str]) -> str:
    """Return ``;name=value;flag``; values that need quotes must have them."""
    words = [f";{name}={value}" if value else f";{name}" for name, value in parameters.items()]
    return "".join(words)
