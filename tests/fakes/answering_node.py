"""A control socket that answers as a node would, and commands that ask it."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

import typer
from typer.testing import CliRunner, Result

from switchroom.drivers.control import Command, ControlServer


def ask_node(
    app: typer.Typer, directory: Path, commands: Mapping[str, Command], *words: str
) -> Result:
    """What ``app`` does with ``words`` while a node with ``commands`` runs on ``directory``."""

    async def run() -> Result:
        server = ControlServer(directory, commands)
        await server.start()
        try:
            arguments = [*words, "--data", str(directory)]
            return await asyncio.to_thread(lambda: CliRunner().invoke(app, arguments))
        finally:
            await server.stop()

    return asyncio.run(run())
