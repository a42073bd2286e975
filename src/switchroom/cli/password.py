"""Reads a password that a command needs: from the environment, or from the person who types."""

import os
import warnings
from getpass import GetPassWarning

import typer

from switchroom.foundation.errors import SwitchroomError


class PasswordError(SwitchroomError):
    """There is no password to be had so."""

    code = "password"


def read_password(given: str, *, is_new: bool = False) -> str:
    """The password that ``--password`` means; empty: it is asked for, twice if it is a new one.

    Raises:
        PasswordError: The variable is not set or is empty, or there is nobody to ask.
    """
    if given.startswith("env:"):
        name = given.removeprefix("env:")
        if not os.environ.get(name):
            raise PasswordError(f"the environment variable {name} is not set")
        return os.environ[name]
    if given:
        # Whatever stands on a command line, every user of the machine can read.
        raise PasswordError("write --password env:NAME, or leave --password out to be asked")
    with warnings.catch_warnings():
        # Python would read on and show what is typed.
        warnings.simplefilter("error", GetPassWarning)
        try:
            return str(typer.prompt("Password", hide_input=True, confirmation_prompt=is_new))
        except GetPassWarning:
            raise PasswordError(
                "there is no terminal to ask for the password: write --password env:NAME"
            ) from None
