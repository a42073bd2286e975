"""``switchroom status``: what a running node says about itself."""

from collections.abc import Iterable

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from switchroom.cli.agents import print_agents
from switchroom.cli.node import (
    DataOption,
    JsonOption,
    add_row,
    console,
    saying_errors,
    settings_of,
    visible,
    when,
)
from switchroom.drivers.control_client import ControlClient
from switchroom.drivers.status import NodeStatus

Rows = Iterable[tuple[str, ...]]


def status(data: DataOption = None, as_json: JsonOption = False) -> None:
    """Show registrations, trunks, live calls, agents, bans and the last refusals."""
    with saying_errors():
        said = ControlClient(settings_of(data).data_dir).ask("status", NodeStatus)
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode(said)).decode())
        return
    out = console()
    _print_node(out, said)
    _print_registrations(out, said)
    _print_trunks(out, said)
    _print_calls(out, said)
    _title(out, "Agents", len(said.agents))
    if said.agents:
        print_agents(out, said.agents)
    _print_bans(out, said)
    _print_refusals(out, said)


def _print_node(out: Console, said: NodeStatus) -> None:
    state = "draining" if said.is_draining else "ready" if not said.not_ready else "not ready"
    out.print(f"Switchroom {said.version}, {state}, up {_span(said.at - said.started_at)}")
    for reason in said.not_ready:
        out.print(f"  not ready: {reason}", style="yellow")
    for warning in said.warnings:
        out.print(visible(f"  warning: {warning}"), style="yellow", soft_wrap=True)
    out.print(f"Listens on {', '.join(said.sip) or 'nothing'}")
    journal = said.journal
    out.print(f"Journal segment {journal.segment}, database {journal.behind_bytes} bytes behind")
    if journal.failure:
        out.print(f"  {journal.failure}; {journal.dropped} records dropped", style="red")


def _print_registrations(out: Console, said: NodeStatus) -> None:
    rows: Rows = (
        (
            phone.customer,
            phone.extension,
            phone.contact,
            phone.source,
            _span(phone.expires_in_s) + ("" if phone.is_reachable else ", does not answer"),
            phone.user_agent,
        )
        for phone in said.registrations
    )
    columns = ("Customer", "Extension", "Contact", "Source", "Expires", "Phone")
    _print(out, "Registrations", columns, rows)


def _print_trunks(out: Console, said: NodeStatus) -> None:
    rows: Rows = (
        (
            trunk.customer,
            trunk.name,
            ", ".join(trunk.hosts),
            str(trunk.live_calls),
        )
        for trunk in said.trunks
    )
    _print(out, "Trunks", ("Customer", "Trunk", "Hosts", "Calls"), rows)


def _print_calls(out: Console, said: NodeStatus) -> None:
    rows: Rows = (
        (
            call.call_id,
            call.direction,
            call.caller,
            call.called,
            call.agent,
            call.state,
            _span(said.at - call.started_at),
            ", ".join(f"{leg.address} {leg.state}" for leg in call.legs),
        )
        for call in said.calls
    )
    columns = ("Call", "", "From", "To", "Agent", "State", "For", "Legs")
    _print(out, "Live calls", columns, rows)


def _print_bans(out: Console, said: NodeStatus) -> None:
    rows: Rows = (
        (ban.source, _span(ban.ends_in_s), str(ban.failures), ban.reason) for ban in said.bans
    )
    _print(out, "Bans", ("Source", "For another", "Failures", "Reason"), rows)


def _print_refusals(out: Console, said: NodeStatus) -> None:
    rows: Rows = (
        (when(refusal.at), refusal.source, refusal.what, refusal.reason)
        for refusal in said.refusals
    )
    _print(out, "Last refusals", ("When", "Source", "What", "Reason"), rows)


def _print(out: Console, title: str, columns: tuple[str, ...], rows: Rows) -> None:
    table = Table(*columns, box=None, pad_edge=False)
    for row in rows:
        add_row(table, *row)
    _title(out, title, table.row_count)
    if table.row_count:
        out.print(table)


def _title(out: Console, title: str, count: int) -> None:
    out.print()
    out.print(f"{title}: {count or 'none'}", style="bold")


def _span(seconds: float) -> str:
    """``45 s``, ``12 min``, ``3.5 h``, ``2.1 d``."""
    if seconds < 120:
        return f"{max(seconds, 0):.0f} s"
    if seconds < 7200:
        return f"{seconds / 60:.0f} min"
    if seconds < 172_800:
        return f"{seconds / 3600:.1f} h"
    return f"{seconds / 86_400:.1f} d"
