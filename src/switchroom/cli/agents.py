"""``switchroom agents``: who is free, and the status that an agent has chosen."""

from collections.abc import Sequence
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from switchroom.cli.node import (
    DataOption,
    JsonOption,
    add_row,
    console,
    saying_errors,
    settings_of,
    visible,
)
from switchroom.cli.remote.agents import list_agents
from switchroom.drivers.control_client import ControlClient
from switchroom.drivers.status import AgentStatus

agents = typer.Typer(
    invoke_without_command=True, help="Show the agents, or set one's status with `status`."
)


@agents.callback()
def everybody(context: typer.Context, data: DataOption = None, as_json: JsonOption = False) -> None:
    """Show all agents of a running node: status, state, calls."""
    if context.invoked_subcommand is not None:
        return
    with saying_errors():
        said = ControlClient(settings_of(data).data_dir).ask("agents", list[AgentStatus])
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode(said)).decode())
    elif said:
        print_agents(console(), said)
    else:
        typer.echo("No agents.")


agents.command("list")(list_agents)


@agents.command()
def status(
    agent: Annotated[str, typer.Argument(help="User name, with or without its domain, or id.")],
    chosen: Annotated[
        str, typer.Argument(metavar="STATUS", help="available, away, busy or offline.")
    ],
    data: DataOption = None,
) -> None:
    """Set an agent's status; only `available` ones are rung. Live calls go on.

    The status stays until it is set again, over restarts of the node too.
    """
    with saying_errors():
        client = ControlClient(settings_of(data).data_dir)
        now = client.ask("set_status", AgentStatus, agent=agent, status=chosen)
    typer.echo(visible(f"{now.username} is {now.status}"))


def print_agents(out: Console, said: Sequence[AgentStatus]) -> None:
    """Print one line for each agent."""
    columns = ("Customer", "Agent", "Name", "Number", "Status", "State", "Calls")
    table = Table(*columns, box=None, pad_edge=False)
    for one in said:
        calls = f"{one.live_calls}/{one.capacity}"
        add_row(
            table, one.customer, one.username, one.name, one.number, one.status, one.state, calls
        )
    out.print(table)
