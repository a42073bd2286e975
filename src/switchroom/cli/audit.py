"""``switchroom audit``: who did what, and whether the log of it is as it was written."""

import re
from typing import Annotated

import msgspec
import typer
from rich.table import Table

from switchroom.cli.database import database_of
from switchroom.cli.node import (
    DataOption,
    JsonOption,
    add_row,
    console,
    saying_errors,
    settings_of,
    when,
)
from switchroom.directory.naming import agent_called, agents_called
from switchroom.foundation.errors import SwitchroomError
from switchroom.history.audit import Head, StoredEntry
from switchroom.history.exported import check
from switchroom.store.audit import AuditFilter, Verdict
from switchroom.store.audit import entries as _entries
from switchroom.store.audit import verify as _verify
from switchroom.store.names import names_of_targets, read_names

audit = typer.Typer(
    no_args_is_help=True, help="Show the audit log, or check that nobody has changed it."
)

_HEAD = re.compile(r"(?P<number>[0-9]{1,19}):(?P<hash>[0-9a-fA-F]{64})")


class BadHeadError(SwitchroomError):
    """What was given as an earlier head is none."""


@audit.command()
def verify(
    data: DataOption = None,
    head: Annotated[
        str, typer.Option(help="A head noted down earlier, NUMBER:HASH; must still be passed.")
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Walk the whole log; exit status 1 and the first wrong entry if it was changed."""
    with saying_errors(), database_of(settings_of(data)) as engine:
        verdict = _verify(engine, _noted(head))
    if as_json:
        typer.echo(msgspec.json.encode(_plain(verdict)))
    elif verdict.broken is None:
        typer.echo(f"{verdict.entries} entries, all as they were written")
        typer.echo(f"head {verdict.head.seq}:{verdict.head.hash.hex()}")
    else:
        typer.echo(f"the audit log was changed: {verdict.broken.reason}", err=True)
        typer.echo(f"entries 1 to {verdict.entries} are as they were written", err=True)
    if verdict.broken is not None:
        raise typer.Exit(1)


@audit.command("verify-export")
def verify_export(
    file: Annotated[
        typer.FileBinaryRead, typer.Argument(help="What GET /v1/audit/export gave; - for stdin.")
    ],
    head: Annotated[
        str, typer.Option(help="An entry as the server tells it, NUMBER:HASH; must be in it.")
    ] = "",
) -> None:
    """Check an export without the system it came from; exit status 1 if it is not whole.

    Finds damage and careless edits. The hashes have no key: only --head proves anything, of that
    entry and those right before it.
    """
    with saying_errors():
        checked = check(file, _noted(head))
    typer.echo(
        f"{checked.entries} entries fit their hashes,"
        f" {checked.followed} of them right behind the one before"
    )
    if checked.last is not None:
        typer.echo(f"last {checked.last.seq}:{checked.last.hash.hex()}")
    if checked.broken is not None:
        typer.echo(f"the export was changed: {checked.broken.reason}", err=True)
    elif checked.end is None or checked.end.entries != checked.entries:
        typer.echo("the export is cut off", err=True)
    else:
        return
    raise typer.Exit(1)


@audit.command("list")
def list_entries(
    data: DataOption = None,
    actor: Annotated[str, typer.Option(help="Only this agent's: user name or id.")] = "",
    action: Annotated[str, typer.Option(help="Only this action: agents:update.")] = "",
    target: Annotated[str, typer.Option(help="Only what was done to this id.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=100_000)] = 20,
    as_json: JsonOption = False,
) -> None:
    """Show the newest entries, oldest of them first.

    What repeats is counted, and written down when its minute is over: "3 more" stands with the
    time of the first, which may lie before that of the entry above.
    """
    with saying_errors(), database_of(settings_of(data)) as engine:
        agents = read_names(engine).agents
        actor_id = agent_called(actor, agents) if agents_called(actor, agents) else actor
        wanted = AuditFilter(actor_id=actor_id, action=action, target_id=target)
        found = _entries(engine, wanted, limit=limit)[::-1]
        names = names_of_targets(engine, (entry.target_id for entry in found))
    if as_json:
        for entry in found:
            typer.echo(msgspec.json.encode(_told(entry)))
        return
    columns = ("Number", "At", "Actor", "Action", "Decision", "Target", "More", "Reason")
    table = Table(*columns, box=None, pad_edge=False)
    for entry in found:
        who = agents.get(entry.actor_id, entry.actor_id) or entry.token_kind
        name = names.get(entry.target_id, "")
        target = f"{name} ({entry.target_id})" if name else entry.target_id
        more = f"{entry.repeated} more in the minute since" if entry.repeated else ""
        row = (str(entry.seq), when(entry.at), who, entry.action, entry.decision)
        add_row(table, *row, target, more, entry.reason)
    console().print(table)


def _noted(head: str) -> Head | None:
    if not head:
        return None
    found = _HEAD.fullmatch(head)
    if found is None:
        raise BadHeadError(f"{head!r} is no head: NUMBER:HASH, as `verify` prints it")
    return Head(int(found["number"]), bytes.fromhex(found["hash"]))


def _plain(verdict: Verdict) -> dict[str, object]:
    head = f"{verdict.head.seq}:{verdict.head.hash.hex()}"
    return {"entries": verdict.entries, "head": head, "broken": verdict.broken}


def _told(entry: StoredEntry) -> dict[str, object]:
    said = msgspec.structs.asdict(entry)
    for name in ("before", "after"):
        said[name] = msgspec.Raw(said[name].encode()) if said[name] else None
    return said | {"previous": entry.previous.hex(), "hash": entry.hash.hex()}
