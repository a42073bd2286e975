"""What goes over the control socket: one JSON request per line, one or more JSON answers."""

from pathlib import Path
from typing import TypeAlias

from msgspec import Raw, Struct

SOCKET_NAME = "control.sock"
REQUEST_LIMIT_BYTES = 8 * 1024 * 1024
"Longest request line: a configuration file of 4 MiB fits in, escaped."
PATH_LIMIT_BYTES = 107
"Longest path of a Unix socket on Linux."


Value: TypeAlias = str | int | float | bool | dict[str, str] | list[str | dict[str, str]] | None
"What an argument may be: nothing nests deeper."


class Request(Struct, frozen=True, forbid_unknown_fields=True):
    """``{"command": "status"}``, with what the command needs in ``arguments``."""

    command: str
    arguments: dict[str, Value] = {}


class Problem(Struct, frozen=True):
    """Why a request was not carried out."""

    code: str
    text: str


class Answer(Struct, frozen=True, omit_defaults=True):
    """Exactly one of the two; a stream is many answers with ``value``."""

    value: Raw = Raw()
    problem: Problem | None = None


def socket_path(directory: Path) -> Path:
    return directory / SOCKET_NAME
