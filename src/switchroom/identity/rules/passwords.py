"""What a password must be: long, and not one of those that everybody tries first.

No rules about kinds of characters: they make passwords that people write down and programs guess
(NIST SP 800-63B section 5.1.1.2).
"""

from collections.abc import Iterator
from functools import lru_cache
from string import digits, punctuation
from unicodedata import normalize

from switchroom.identity.rules.common_words import ROWS, WORDS

LEAST_CHARACTERS = 12
"Settings may ask for more."
MOST_BYTES = 1024
"In UTF-8. A longer one is refused before anything is computed."
_PIECES = 3
"A password made of so few pieces that everybody knows is one that everybody tries."
_SHORTEST_RUN = 2
_FIGURES = frozenset(digits + punctuation)
_LETTERS_FOR = str.maketrans("013457@$!|", "oleastasil")


def canonical(password: str) -> str | None:
    """The password as it is hashed, however a keyboard composes its accents; ``None``: too long."""
    if len(password) > MOST_BYTES:
        return None
    try:
        composed = normalize("NFC", password)
        return composed if len(composed.encode()) <= MOST_BYTES else None
    except UnicodeEncodeError:  # half of a surrogate pair, which no keyboard types
        return None


def password_fault(password: str, username: str, least: int = LEAST_CHARACTERS) -> str | None:
    """What is wrong with a new password, for whoever chose it; ``None``: nothing."""
    composed = canonical(password)
    if composed is None:
        return f"a password has at most {MOST_BYTES} bytes"
    least = max(least, LEAST_CHARACTERS)
    if len(composed) < least:
        return f"a password has at least {least} characters"
    if _leans_on(composed, username):
        return "the user name is no part of a good password"
    if is_common(composed):
        return "this is one of the passwords that are tried first"
    return None


def is_common(password: str) -> bool:
    """Whether the password is one short thing again and again, or a few well-known pieces.

    ``passwordpassword``, ``Welcome2024!!!``, ``1q2w3e4r5t6y``, ``aaaaaaaaaaaa``: what the lists of
    stolen passwords have most of, without the lists.
    """
    plain = "".join(password.casefold().split())
    if _is_repeated(plain):
        return True
    return _pieces(plain) <= _PIECES


def _leans_on(password: str, username: str) -> bool:
    plain = password.casefold()
    user, _, domain = username.casefold().partition("@")
    names = [
        name for name in (username.casefold(), user, domain.partition(".")[0]) if len(name) > 2
    ]
    for name in sorted(names, key=len, reverse=True):
        plain = plain.replace(name, "")
    # What is left of it must be able to stand alone.
    return len(plain) < len(password) and len(plain) < LEAST_CHARACTERS - 4


def _is_repeated(plain: str) -> bool:
    """Whether it is a part of at most a third of its length, again and again."""
    place = (plain + plain).find(plain, 1)
    period = min((p for p in range(1, len(plain) // 3 + 1) if _has_period(plain, p)), default=place)
    return period <= len(plain) // 2


def _has_period(plain: str, period: int) -> bool:
    return plain[period:] == plain[:-period]


def _pieces(plain: str) -> int:
    """Of how few well-known pieces the whole text is made; many if it is not."""
    letters = plain.translate(_LETTERS_FOR)
    fewest = [0, *[len(plain) + _PIECES] * len(plain)]
    for start in range(len(plain)):
        if fewest[start] >= _PIECES:
            continue
        for end in _ends(plain, letters, start):
            fewest[end] = min(fewest[end], fewest[start] + 1)
    return fewest[-1]


def _ends(plain: str, letters: str, start: int) -> Iterator[int]:
    """Where the well-known pieces that begin at ``start`` end.

    ``letters`` is the same text with figures read as letters: ``p4ssw0rd`` is a word in it.
    """
    for text in (plain, letters):
        for word in _words_of(text[start]):
            if text.startswith(word, start):
                yield start + len(word)
    end = start + 1
    while end < len(plain) and _is_run(plain[start : end + 1]):
        end += 1
        if end - start >= _SHORTEST_RUN:
            yield end
    # Years, dates, and the exclamation mark that somebody once asked for.
    end = start
    while end < len(plain) and end - start < 8 and plain[end] in _FIGURES:
        end += 1
        yield end


def _is_run(part: str) -> bool:
    """Whether these stand side by side on a keyboard or in the alphabet, or are equal."""
    return part == part[0] * len(part) or any(part in row for row in _rows())


@lru_cache(maxsize=1)
def _rows() -> tuple[str, ...]:
    return tuple(row[::step] for row in ROWS for step in (1, -1))


@lru_cache(maxsize=64)
def _words_of(first: str) -> tuple[str, ...]:
    return tuple(word for word in WORDS if word[0] == first)
