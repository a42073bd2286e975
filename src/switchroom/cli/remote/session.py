"""Where ``switchroom login`` keeps its tokens: one file, for the user's own eyes."""

import os
from pathlib import Path

import msgspec
import typer
from msgspec import Struct

from switchroom.foundation.errors import SwitchroomError

URL_VARIABLE = "SWITCHROOM_API"
TOKEN_VARIABLE = "SWITCHROOM_TOKEN"
"For programs: an access key, instead of a log-in."


class NotLoggedInError(SwitchroomError):
    """There is neither a session nor an access key."""

    code = "not_logged_in"


class Session(Struct):
    """A log-in at one API."""

    url: str
    access_token: str
    refresh_token: str = ""
    username: str = ""


def load() -> Session:
    """The access key of the environment, or the last log-in.

    Raises:
        NotLoggedInError: There is none, or the file cannot be read.
    """
    token = os.environ.get(TOKEN_VARIABLE, "")
    if token:
        return Session(os.environ.get(URL_VARIABLE, "http://127.0.0.1:8080"), token)
    try:
        return msgspec.json.decode(_path().read_bytes(), type=Session)
    except FileNotFoundError:
        raise NotLoggedInError("log in first: switchroom login") from None
    except (OSError, msgspec.MsgspecError) as error:
        raise NotLoggedInError(f"{_path()} cannot be read: {error}; log in again") from error


def save(session: Session) -> None:
    """Keep it until ``forget``; nobody else may read it.

    Raises:
        NotLoggedInError: It cannot be written.
    """
    path = _path()
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Written beside and moved: two commands at once leave one whole file.
        beside = path.with_suffix(f".{os.getpid()}")
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(msgspec.json.encode(session))
        beside.replace(path)
    except OSError as error:
        raise NotLoggedInError(f"{path} cannot be written: {error.strerror}") from error


def forget() -> None:
    """Keep nothing."""
    _path().unlink(missing_ok=True)


def _path() -> Path:
    return Path(typer.get_app_dir("switchroom")) / "session.json"
