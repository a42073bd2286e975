"""``switchroom``: all commands together."""

import typer

from switchroom.cli.agents import agents
from switchroom.cli.apply import apply
from switchroom.cli.audit import audit
from switchroom.cli.calls import calls
from switchroom.cli.config import config
from switchroom.cli.demo import demo
from switchroom.cli.events import events
from switchroom.cli.export import export
from switchroom.cli.init import init
from switchroom.cli.phone import phone
from switchroom.cli.remote.can import can
from switchroom.cli.remote.login import login, logout
from switchroom.cli.serve import serve
from switchroom.cli.status import status
from switchroom.cli.unban import unban
from switchroom.cli.unlock import unlock

app = typer.Typer(
    help="An open call-center platform: one call, every address at once, exactly one connection.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
for command in (
    *(demo, init, serve, phone, apply, export, status, unban, unlock, events, config),
    *(login, logout, can),
):
    app.command()(command)
app.add_typer(calls, name="calls")
app.add_typer(agents, name="agents")
app.add_typer(audit, name="audit")


def main() -> None:
    """Entry point of the ``switchroom`` program."""
    app()
