"""``switchroom can``: whether somebody may do something, and why."""

from typing import Annotated, Any

import msgspec
import typer

from switchroom.cli.node import JsonOption, saying_errors, visible
from switchroom.cli.remote.agents import find_agent
from switchroom.cli.remote.client import Api
from switchroom.cli.remote.session import load


def can(
    agent: Annotated[str, typer.Argument(help="User name, with or without its domain.")],
    permission: Annotated[str, typer.Argument(help="calls:hangup")],
    as_json: JsonOption = False,
) -> None:
    """Say whether an agent may do something, and every reason; exit status 1 if not."""
    with saying_errors(), Api(load()) as api:
        found = find_agent(api, agent)
        query = {"agent_id": found["id"], "permission": permission}
        decision = api.get("/v1/authz/explain", **query)
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode(decision)).decode())
    else:
        for line in lines(found["username"], decision):
            typer.echo(visible(line))
    if not decision["allowed"]:
        raise typer.Exit(1)


def lines(username: str, decision: dict[str, Any]) -> list[str]:
    """The decision for people."""
    verdict = "may" if decision["allowed"] else "may not"
    told = [f"{username} {verdict} {decision['permission']} ({decision['code']})"]
    for one in decision["because"]:
        via = f"role {one['role']}" if one["role"] else "restriction"
        told.append(f"  {one['effect']} {one['statement']}, scope {one['scope']}, by {via}")
    if decision["roles_that_would"]:
        told.append(f"  roles that would: {', '.join(decision['roles_that_would'])}")
    return told
