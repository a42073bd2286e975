"""The forms of our tokens: a prefix that secret scanners know, then 256 random bits.

A text is checked against its form before anything is looked up, and only its SHA-256 is stored.
No slow hash is needed: nobody guesses 256 bits.
"""

import re
from hashlib import sha256
from typing import Literal, TypeAlias

from msgspec import Struct

TokenForm: TypeAlias = Literal["session", "refresh", "accesskey", "ticket", "csrf"]

RANDOM_BYTES = 32
SHOWN_CHARACTERS = 12
"How much of an access key stays readable, so that people can tell theirs apart: 28 bits of it."

_PREFIXES: dict[TokenForm, str] = {
    "session": "sr_s_",
    "refresh": "sr_r_",
    "accesskey": "sr_k_",
    "ticket": "sr_t_",
    "csrf": "sr_c_",
}
_FORMS: dict[str, TokenForm] = {prefix: form for form, prefix in _PREFIXES.items()}
_TEXT = re.compile(r"(sr_[srktc]_)[0-9a-f]{64}", re.ASCII)


class Token(Struct, frozen=True):
    """What is known of a token that somebody showed: its form and its hash."""

    form: TokenForm
    digest: bytes
    "SHA-256 of the whole text."


def write_token(form: TokenForm, random: bytes) -> str:
    """The text of a new token, 69 characters.

    Raises:
        ValueError: ``random`` has not 32 bytes.
    """
    if len(random) != RANDOM_BYTES:
        raise ValueError(f"a token needs {RANDOM_BYTES} random bytes, not {len(random)}")
    return _PREFIXES[form] + random.hex()


def read_token(text: str, *forms: TokenForm) -> Token | None:
    """The token, or ``None`` if the text is none of one of these forms."""
    if not _TEXT.fullmatch(text):
        return None
    form = _FORMS[text[:5]]
    return Token(form, digest(text)) if form in forms else None


def digest(text: str) -> bytes:
    """What is stored of a token."""
    return sha256(text.encode()).digest()
