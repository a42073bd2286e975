"""``switchroom agents list``: the agents that whoever is logged in may see."""

from typing import Any

import msgspec
import typer
from rich.table import Table

from switchroom.cli.node import JsonOption, add_row, console, saying_errors
from switchroom.cli.remote.client import Api
from switchroom.cli.remote.session import load
from switchroom.directory.naming import agent_called


def list_agents(as_json: JsonOption = False) -> None:
    """List the agents over the API, as far as you may see them."""
    with saying_errors(), Api(load()) as api:
        found = list(api.pages("/v1/agents"))
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode(found)).decode())
        return
    table = Table("Id", "Agent", "Name", "Number", "Rings", "Capacity", box=None, pad_edge=False)
    for one in found:
        cells = (one[name] for name in ("id", "username", "name", "number", "ring_method"))
        add_row(table, *cells, str(one["capacity"]))
    console().print(table)


def find_agent(api: Api, name: str) -> dict[str, Any]:
    """The agent with this user name, with or without its domain, or this id.

    Raises:
        NoSuchAgentError: There is none, as far as whoever asks may see, or there are several.
    """
    found = {one["id"]: one for one in api.pages("/v1/agents")}
    return found[agent_called(name, {id: one["username"] for id, one in found.items()})]
