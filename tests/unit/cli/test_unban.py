"""``switchroom unban``: what it asks and what it says."""

from pathlib import Path

import typer

from fakes.answering_node import ask_node
from switchroom.cli.unban import unban

app = typer.Typer()
app.command()(unban)


def test_a_ban_is_lifted(tmp_path: Path) -> None:
    banned = {"198.51.100.66"}
    commands = {"lift_ban": lambda request: request.arguments["source"] in banned}

    lifted = ask_node(app, tmp_path, commands, "198.51.100.66")
    unknown = ask_node(app, tmp_path, commands, "192.0.2.1")

    assert (lifted.exit_code, lifted.output) == (0, "198.51.100.66 is no longer banned\n")
    assert (unknown.exit_code, unknown.output) == (1, "192.0.2.1 is not banned\n")
