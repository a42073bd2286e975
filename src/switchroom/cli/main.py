"""``switchroom``: all commands together."""

import sys
from importlib import import_module

import typer

COMMANDS = (
    *("demo", "init", "serve", "phone", "apply", "export", "status", "unban", "unlock", "events"),
    *("config", "login", "logout", "can", "calls", "agents", "audit"),
)
"Each is a function or a group of commands of its own name, in the module of its name."
ELSEWHERE = {"login": "remote.login", "logout": "remote.login", "can": "remote.can"}


def program(asked: str = "") -> typer.Typer:
    """All commands, or only the one ``asked`` for; to load all takes three times as long."""
    app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False)
    # With a callback even a single command has its name.
    app.callback(
        help="An open call-center platform:"
        " one call, every address at once, exactly one connection."
    )(_nothing_before)
    for name in [asked] if asked in COMMANDS else COMMANDS:
        module = import_module(f"switchroom.cli.{ELSEWHERE.get(name, name)}")
        command = getattr(module, name)
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=name)
        else:
            app.command(name)(command)
    return app


def _nothing_before() -> None:
    """Options stand after the command."""


def main() -> None:
    """Entry point of the ``switchroom`` program."""
    program(sys.argv[1] if len(sys.argv) > 1 else "")()
