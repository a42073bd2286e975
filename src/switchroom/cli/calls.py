"""``switchroom calls``: the latest calls, and everything about one of them."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, TypeVar

import msgspec
import typer
from rich.table import Table

from switchroom.cli.call_view import print_ladder, print_record
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
from switchroom.directory.validate import DIAL_RIGHTS
from switchroom.drivers.capture_reader import messages_of
from switchroom.drivers.clock import Clock
from switchroom.drivers.control_client import ControlClient, NodeProblemError, NoNodeError
from switchroom.drivers.settings import Settings
from switchroom.drivers.status import CallBegun, CallStatus
from switchroom.foundation.errors import SwitchroomError
from switchroom.history.records import CallRecord
from switchroom.store.names import Names, read_names
from switchroom.store.records import (
    CANDIDATES_LIMIT,
    RecordFilter,
    newest_records,
    records_beginning,
)

calls = typer.Typer(
    invoke_without_command=True,
    help="Show the latest calls, one of them with `show`; begin one with `create`, end one with"
    " `hang-up`.",
)

T = TypeVar("T", CallRecord, CallStatus)

_SPAN = re.compile(r"(\d{1,6})([smhd])\Z")
_UNIT_S = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


class CallQuestionError(SwitchroomError):
    """What was asked about calls has no single answer."""


@calls.callback()
def latest(
    context: typer.Context,
    data: DataOption = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="Most calls shown.")] = 20,
    agent: Annotated[str, typer.Option(help="Only this agent's calls.")] = "",
    since: Annotated[
        str, typer.Option(help="Only calls since then: 30m, 2h, 7d, 2026-01-31T14:00.")
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Show the latest calls, newest first; live ones included."""
    if context.invoked_subcommand is not None:
        return
    with saying_errors():
        settings = settings_of(data)
        with database_of(settings) as engine:
            names = read_names(engine)
            wanted = _filter(names, agent, since)
            records = newest_records(engine, wanted, limit=limit)
        if as_json:
            typer.echo(msgspec.json.format(msgspec.json.encode(records)).decode())
            return
        known = {record.call_id for record in records}
        live = [] if agent or since else _live_calls(settings)
        _print_calls(records, [call for call in live if call.call_id not in known], names)


@calls.command()
def show(
    call_id: Annotated[str, typer.Argument(help="Id of a call, or how it begins.")],
    data: DataOption = None,
    sip: Annotated[bool, typer.Option("--sip", help="With the SIP messages.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Show one call: when what happened, and how each leg ended."""
    with saying_errors():
        settings = settings_of(data)
        with database_of(settings) as engine:
            record = _only(call_id, records_beginning(engine, call_id))
            names = read_names(engine)
        if as_json:
            typer.echo(msgspec.json.format(msgspec.json.encode(record)).decode())
            return
        print_record(record, names)
        if sip:
            # The Call-ID of a leg that we dialled is its leg id.
            sip_call_ids = [leg.sip_call_id or leg.leg_id for leg in record.legs]
            messages = messages_of(settings.data_dir / "capture", sip_call_ids)
            print_ladder(record, messages)


@calls.command()
def create(  # noqa: PLR0913 - each is an option of the command
    *,
    destinations: Annotated[
        list[str],
        typer.Argument(help="What a desk phone could dial, or agent:…, group:…, sip:…"),
    ],
    data: DataOption = None,
    to: Annotated[str, typer.Option(help="With whom to connect who answers; none: park him.")] = "",
    linear: Annotated[bool, typer.Option("--linear", help="Ring one after the other.")] = False,
    customer: Annotated[str, typer.Option(help="Name; default: the default customer.")] = "",
    client: Annotated[str, typer.Option(help="Name of the client whose number is shown.")] = "",
    ring_timeout: Annotated[
        float | None, typer.Option(min=1, max=180, help="Seconds; default: as configured, else 30.")
    ] = None,
    agent: Annotated[
        str, typer.Option("--as", help="Under the dial rights of this agent; default: all.")
    ] = "",
) -> None:
    """Ring somebody, and connect who answers first with somebody else."""
    with saying_errors():
        node = ControlClient(settings_of(data).data_dir)
        begun = node.ask(
            "originate",
            CallBegun,
            destinations=[_party(text) for text in destinations],
            connect_to=_party(to) if to else None,
            ring_method="linear" if linear else "ring_all",
            ring_timeout_s=ring_timeout,
            customer=customer,
            client=client,
            asked_by=agent,
            dial=None if agent else list(DIAL_RIGHTS),
        )
    typer.echo(begun.call_id)


@calls.command()
def hang_up(
    call_id: Annotated[str, typer.Argument(help="Id of a live call, or how it begins.")],
    data: DataOption = None,
) -> None:
    """End a live call for everybody in it."""
    with saying_errors():
        client = ControlClient(settings_of(data).data_dir)
        live = client.ask("calls", list[CallStatus])
        call = _only(call_id, [call for call in live if call.call_id.startswith(call_id)], "live ")
        client.ask("hang_up", str, call_id=call.call_id)
    typer.echo(f"hung up {call.call_id}")


def _party(text: str) -> dict[str, str]:
    kind, colon, name = text.partition(":")
    if kind == "sip":
        return {"sip": text}
    if colon and kind in ("agent", "extension", "group", "number"):
        return {kind: name}
    return {"number": text}


def _only(beginning: str, found: Sequence[T], live: str = "") -> T:
    if not found:
        raise CallQuestionError(f"no {live}call has an id that begins with {beginning!r}")
    if len(found) > 1:
        more = ", …" if len(found) >= CANDIDATES_LIMIT else ""
        ids = ", ".join(call.call_id for call in found[:CANDIDATES_LIMIT])
        raise CallQuestionError(f"{beginning!r} may mean several {live}calls: {ids}{more}")
    return found[0]


def _filter(names: Names, agent: str, since: str) -> RecordFilter:
    agent_ids = names.agent_ids(agent) if agent else ()
    if agent and not agent_ids:
        raise CallQuestionError(f"no agent is called {agent!r}")
    return RecordFilter(agent_ids, _since(since) if since else None)


def _since(text: str) -> float:
    span = _SPAN.match(text)
    if span is not None:
        return Clock().utc() - int(span[1]) * _UNIT_S[span[2]]
    try:
        return datetime.fromisoformat(text).astimezone().timestamp()
    except ValueError:
        raise CallQuestionError(
            f"--since {text!r} is neither a span (30m, 2h, 7d) nor a time (2026-01-31T14:00)"
        ) from None


def _live_calls(settings: Settings) -> list[CallStatus]:
    try:
        return ControlClient(settings.data_dir).ask("calls", list[CallStatus])
    except (NoNodeError, NodeProblemError):
        return []


def _print_calls(records: list[CallRecord], live: list[CallStatus], names: Names) -> None:
    table = Table(
        "Call", "Began", "", "From", "To", "Agent", "Outcome", "Waited", "Talked", box=None
    )
    for call in live:
        add_row(
            table,
            call.call_id,
            when(call.started_at),
            call.direction,
            call.caller,
            call.called,
            call.agent,
            call.state,
            style="bold",
        )
    for record in records:
        agent_id = record.agent_id or record.caller_agent_id
        add_row(
            table,
            record.call_id,
            when(record.started_at),
            record.direction,
            record.caller,
            record.called,
            names.agents.get(agent_id, agent_id),
            record.outcome,
            f"{record.waited_s:.1f} s",
            f"{record.talked_s:.1f} s" if record.outcome == "answered" else "",
            style="bold" if record.outcome == "live" else None,
        )
    console().print(table if table.row_count else "No calls.")
