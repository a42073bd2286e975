"""``switchroom``: all commands together."""

import sys
from importlib import import_module

import typer

MODULES = {
    "demo": "demo",
    "init": "init",
    "serve": "serve",
    "phone": "phone",
    "apply": "apply",
    "export": "export",
    "status": "status",
    "unban": "unban",
    "unlock": "unlock",
    "events": "events",
    "config": "config",
    "login": "remote.login",
    "logout": "remote.login",
    "can": "remote.can",
    "calls": "calls",
    "agents": "agents",
    "audit": "audit",
}
"Where each command is; there it is a function or a group of commands of its own name."


def program(asked: str = "") -> typer.Typer:
    """All commands, or only the one that is ``asked`` for.

    To load them all takes three times as long as most of them run.
    """
    app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False)
    # With a callback even a single command has its name.
    app.callback(
        help="An open call-center platform:"
        " one call, every address at once, exactly one connection."
    )(_nothing_before)
    for name in [asked] if asked in MODULES else MODULES:
        command = getattr(import_module(f"switchroom.cli.{MODULES[name]}"), name)
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
