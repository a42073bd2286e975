"""How captured SIP messages look on disk: readable text, one header line before each message."""

import re
from pathlib import Path

_FILE_NAME = re.compile(r"capture-(\d{10})\.sip\Z")

ENTRY = re.compile(
    rb"--- (?P<at>\d{1,12}\.\d{6}) (?P<direction>in|out)"
    rb" (?P<transport>[a-z]{1,8}):(?P<address>[0-9A-Za-z.:\[\]]{1,64}):(?P<port>\d{1,5})"
    rb" (?P<length>\d{1,8}) ---\r\n"
)

_SECRETS = (
    # What an attacker could try passwords against, and keys of encrypted media (RFC 4568).
    re.compile(rb'((?:response|rspauth)\s*=\s*)(?:"(?:[^"\\]|\\.)*"?|[^,;\s]+)', re.IGNORECASE),
    re.compile(rb"(authorization[ \t]*:\s*(?!digest\b)\S+[ \t]+)[^\r\n]+", re.IGNORECASE),
    re.compile(rb"(inline:)[^\s|]+", re.IGNORECASE),
)
_MASK = rb'\1"***"'


def holds_secrets(text: bytes) -> bool:
    """Whether anything in ``text``, one message or many, may have to be masked."""
    lower = text.lower()
    return b"authorization" in lower or b"rspauth" in lower or b"inline:" in lower


def masked(message: bytes) -> bytes:
    """``message`` without what would let a reader of the capture log in or listen."""
    if holds_secrets(message):
        for secret in _SECRETS:
            message = secret.sub(_MASK, message)
    return message


def capture_path(directory: Path, number: int) -> Path:
    return directory / f"capture-{number:010}.sip"


def capture_numbers(directory: Path) -> list[int]:
    """Numbers of the capture files in ``directory``, oldest first."""
    if not directory.is_dir():
        return []
    matches = (_FILE_NAME.match(path.name) for path in directory.iterdir())
    return sorted(int(match[1]) for match in matches if match)
