"""Passwords: where they come from, and the hashes kept in their place.

``env:NAME`` and ``file:/PATH`` name a place outside of the database; ``ha1:MD5[:SHA-256]`` is a
hash already; anything else is the password itself, of which only the hash is kept.
"""

import re
import stat
from collections.abc import Mapping
from hashlib import md5, pbkdf2_hmac, sha256
from pathlib import Path

from msgspec import Struct

LONGEST_PASSWORD = 128
"Characters."
_LONGEST_FILE = 4_096
_CHECK_ROUNDS = 20_000
_HA1 = re.compile(r"ha1:(?P<md5>[0-9a-f]{32})(:(?P<sha256>[0-9a-f]{64}))?")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)


class Clear(Struct, frozen=True):
    """The password itself; ``reference`` is where it came from, empty for the text as given."""

    password: str
    reference: str = ""

    def __repr__(self) -> str:
        return f"Clear(reference={self.reference!r})"  # never into a log or a traceback


class Hashed(Struct, frozen=True):
    """HA1 of each algorithm (RFC 7616 section 3.4.2), lower-case hexadecimal, empty for none."""

    md5: str
    sha256: str = ""


class Unreadable(Struct, frozen=True):
    """There is no password; ``text`` says why without showing it."""

    text: str


def read_secret(text: str, environ: Mapping[str, str]) -> Clear | Hashed | Unreadable:
    """The password or hash that a configuration's ``password`` stands for."""
    if text.startswith("env:"):
        return _from_environment(text, environ)
    if text.startswith("file:"):
        return _from_file(text)
    if text.lower().startswith("ha1:"):
        found = _HA1.fullmatch(text.lower())
        if found is None:
            return Unreadable("after ha1: come 32 hexadecimal digits (MD5), then maybe : and 64")
        return Hashed(found["md5"], found["sha256"] or "")
    return _checked(text, "", "the password")


def plain_password(text: str) -> Clear | Unreadable:
    """The password itself, whatever it looks like: nothing outside of the text is read."""
    return _checked(text, "", "the password")


def ha1(number: str, domain: str, password: str) -> Hashed:
    """Both hashes of an extension's password; its number is the user, its domain the realm."""
    text = f"{number}:{domain}:{password}".encode()
    return Hashed(md5(text, usedforsecurity=False).hexdigest(), sha256(text).hexdigest())


def change_check(salt: str, password: str) -> str:
    """A slow hash that tells whether a password is still the same, and nothing else."""
    return pbkdf2_hmac("sha256", password.encode(), salt.encode(), _CHECK_ROUNDS).hex()


def _from_environment(text: str, environ: Mapping[str, str]) -> Clear | Unreadable:
    name = text.removeprefix("env:")
    if not _NAME.fullmatch(name):
        return Unreadable("after env: comes the name of an environment variable")
    if name not in environ:
        return Unreadable(f"the environment variable {name} is not set")
    return _checked(environ[name], text, f"the environment variable {name}")


def _from_file(text: str) -> Clear | Unreadable:
    path = Path(text.removeprefix("file:"))
    if not path.is_absolute() or "\0" in text:
        return Unreadable("after file: comes an absolute path")
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            return Unreadable(f"{path} is not a file")
        with path.open("rb") as file:
            content = file.read(_LONGEST_FILE + 1).decode()
    except OSError as error:
        return Unreadable(f"cannot read {path}: {error.strerror}")
    except UnicodeDecodeError:
        return Unreadable(f"{path} is not UTF-8 text")
    return _checked(content.removesuffix("\n").removesuffix("\r"), text, str(path))


def _checked(password: str, reference: str, source: str) -> Clear | Unreadable:
    if not password:
        return Unreadable(f"{source} is empty")
    if len(password) > LONGEST_PASSWORD:
        return Unreadable(f"{source} has more than {LONGEST_PASSWORD} characters")
    if not password.isprintable():
        return Unreadable(f"{source} has characters that cannot be typed")
    return Clear(password, reference)
