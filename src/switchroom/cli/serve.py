"""``switchroom serve``: run a node."""

import asyncio
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
import uvloop

from switchroom.app.serve import running, stop_on_signals
from switchroom.app.serve_api import api_running
from switchroom.cli.apply import apply_without_node, read_file, show
from switchroom.cli.node import DataOption, saying_errors
from switchroom.drivers.data_lock import DataLock
from switchroom.drivers.logs import configure_logs
from switchroom.drivers.settings import Settings
from switchroom.drivers.settings_load import load_settings


class Role(StrEnum):
    """What a process does."""

    ALL = "all"
    API = "api"


def serve(
    data: DataOption = None,
    sip: Annotated[
        list[str] | None, typer.Option("--sip", help="HOST:PORT for SIP; may be repeated.")
    ] = None,
    http: Annotated[
        str | None, typer.Option("--http", help="HOST:PORT of the API, health and metrics.")
    ] = None,
    apply: Annotated[
        Path | None, typer.Option("--apply", help="Configuration to put in force first.")
    ] = None,
    role: Annotated[
        Role, typer.Option("--role", help="all, or api: only HTTP, beside a node on the same data.")
    ] = Role.ALL,
    config: Annotated[Path | None, typer.Option("--config", help="TOML file of settings.")] = None,
) -> None:
    """Run a node until SIGTERM; then no new calls, and an end when the last one is over."""
    given = {"data_dir": data, "sip_listen": tuple(sip) if sip else None, "http_listen": http}
    with saying_errors():
        settings = load_settings(config, given).settings
        configure_logs(settings.log_level, settings.log_format)
        if apply is not None:
            _apply(settings, apply)
        uvloop.run(_serve(settings) if role is Role.ALL else _serve_api(settings))


def _apply(settings: Settings, file: Path) -> None:
    """Before the node starts, so that a faulty file stops it with the reason."""
    lock = DataLock(settings.data_dir)  # not behind the back of a running node
    try:
        result = apply_without_node(settings, read_file(file), dry_run=False)
    finally:
        lock.release()
    show(result, file)
    if result.faults:
        raise typer.Exit(1)


async def _serve(settings: Settings) -> None:
    async with running(settings) as node:
        stop_on_signals(node.stop)
        listening = ", ".join(node.status.listens)
        typer.echo(f"switchroom is ready: SIP on {listening}; HTTP on port {node.http_port}")
        await node.stop.wait()
        await node.drain()


async def _serve_api(settings: Settings) -> None:
    stop = asyncio.Event()
    async with api_running(settings) as port:
        stop_on_signals(stop)
        typer.echo(f"switchroom is ready: HTTP on port {port}")
        await stop.wait()
