"""Where a password comes from that a command needs."""

import subprocess
import sys

import pytest

from switchroom.cli.password import PasswordError, read_password


def test_the_environment_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORD", "three-words-and-more")
    assert read_password("env:WORD") == "three-words-and-more"


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ("env:NOPE", "the environment variable NOPE is not set"),
        ("env:EMPTY", "the environment variable EMPTY is not set"),
        ("secret", "write --password env:NAME, or leave --password out to be asked"),
        ("file:secret", "write --password env:NAME, or leave --password out to be asked"),
    ],
)
def test_what_is_no_password_is_said_and_nobody_is_asked(
    monkeypatch: pytest.MonkeyPatch, given: str, text: str
) -> None:
    monkeypatch.setenv("EMPTY", "")
    with pytest.raises(PasswordError, match=text):
        read_password(given)


def test_without_a_terminal_nobody_is_asked() -> None:
    code = "from switchroom.cli.main import main; main()"
    command = [sys.executable, "-c", code, "login", "alice@acme.example"]
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, start_new_session=True, timeout=60
    )
    assert done.returncode == 1
    assert done.stderr.decode() == (
        "there is no terminal to ask for the password: write --password env:NAME\n"
    )
