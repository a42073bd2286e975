"""One call for people: a timeline, its legs, and the ladder of its SIP messages."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from switchroom.cli.ladder import ladder
from switchroom.cli.node import add_row, console, visible, when
from switchroom.drivers.capture_reader import CapturedMessage
from switchroom.history.records import CallRecord, LegRecord
from switchroom.store.names import Names


class Moment(NamedTuple):
    """One line of a timeline."""

    at: float
    leg: str
    what: str


def print_record(record: CallRecord, names: Names) -> None:
    """Print head, timeline and legs of one call."""
    out = console()
    out.print(f"Call {record.call_id}, {record.direction or 'refused'}, {when(record.started_at)}")
    if record.origin == "command":
        by = names.agents.get(record.asked_by, record.asked_by) or "nobody in particular"
        out.print(visible(f"Begun by command, asked for by {by}"))
    parties = f"From {record.caller} to {record.called}{_belongs(record, names)}"
    out.print(visible(parties))
    out.print(visible(_ending(record, names)))
    out.print()
    _print_timeline(out, record)
    out.print()
    _print_legs(out, record, names)


def print_ladder(record: CallRecord, messages: Sequence[CapturedMessage]) -> None:
    """Print the SIP messages of one call, and a warning for what often goes wrong unseen."""
    out = console()
    out.print()
    if not messages:
        out.print("No SIP messages: capture is off, or they have been overwritten since.")
        return
    for line in ladder(messages, began_at=record.started_at):
        out.print(visible(line), soft_wrap=True)
    for warning in dict.fromkeys(_warnings(messages)):
        out.print(warning, style="yellow", soft_wrap=True)


def timeline(record: CallRecord) -> list[Moment]:
    """Everything the record knows, in the order it happened."""
    moments = [moment for leg in record.legs for moment in _moments(leg)]
    if record.answered_at is not None:
        moments.append(Moment(record.answered_at, "", "connected"))
    if record.ended_at is not None:
        by = f", ended by {record.ended_by}" if record.ended_by else ""
        moments.append(Moment(record.ended_at, "", f"call {record.outcome}{by}"))
    return sorted(moments, key=lambda moment: moment.at)


def _moments(leg: LegRecord) -> Iterator[Moment]:
    name = leg.address or leg.leg_id
    is_caller = leg.role == "caller" and leg.sip_call_id != leg.leg_id
    if leg.dialled_at is not None:
        what = f"calls from {leg.contact}" if is_caller else f"dialled: {leg.contact}"
        yield Moment(leg.dialled_at, name, what)
    if leg.rang_at is not None:
        yield Moment(leg.rang_at, name, "rings")
    if leg.answered_at is not None and not is_caller:  # of him it says "connected"
        yield Moment(leg.answered_at, name, "answers")
    if leg.ended_at is not None:
        yield Moment(leg.ended_at, name, f"over: {_cause(leg)}")


def _cause(leg: LegRecord) -> str:
    numbers = [f"SIP {leg.status}"] if leg.status else []
    numbers += [f"Q.850 {leg.q850}"] if leg.q850 else []
    numbers += [leg.text] if leg.text else []
    return f"{leg.outcome} ({', '.join(numbers)})" if numbers else leg.outcome


def _belongs(record: CallRecord, names: Names) -> str:
    customer = names.customers.get(record.customer_id, record.customer_id)
    client = names.clients.get(record.client_id, record.client_id)
    return f", customer {customer}" + (f", client {client}" if client else "")


def _ending(record: CallRecord, names: Names) -> str:
    if record.outcome == "live":
        return "Live."
    text = f"Outcome: {record.outcome}, SIP {record.status}, Q.850 {record.q850}"
    text += f", {record.text}" if record.text else ""
    text += f"; waited {record.waited_s:.3f} s"
    if record.outcome == "answered":
        agent = names.agents.get(record.agent_id, record.agent_id)
        text += f", talked {record.talked_s:.3f} s" + (f" with {agent}" if agent else "")
    return text


def _print_timeline(out: Console, record: CallRecord) -> None:
    table = Table(box=None, pad_edge=False)
    table.add_column("ms", justify="right")
    table.add_column("Leg")
    table.add_column("What happened")
    for moment in timeline(record):
        milliseconds = f"{(moment.at - record.started_at) * 1000:.0f}"
        add_row(table, milliseconds, moment.leg, moment.what)
    out.print(table)


def _print_legs(out: Console, record: CallRecord, names: Names) -> None:
    table = Table("Leg", "Agent", "Rang", "Outcome", "Contact", box=None, pad_edge=False)
    for leg in record.legs:
        add_row(
            table,
            leg.address or leg.leg_id,
            names.agents.get(leg.agent_id, leg.agent_id),
            _rang_for(leg),
            _cause(leg),
            leg.contact,
        )
    out.print(table)


def _rang_for(leg: LegRecord) -> str:
    over = leg.answered_at if leg.answered_at is not None else leg.ended_at
    if leg.rang_at is None or over is None:
        return ""
    return f"{max(0.0, over - leg.rang_at):.1f} s"


def _warnings(messages: Sequence[CapturedMessage]) -> Iterator[str]:
    answered = {(message.call_id, message.peer) for message in messages if message.is_incoming}
    for message in messages:
        if message.may_be_fragmented and (message.call_id, message.peer) not in answered:
            yield (
                f"Warning: {message.peer} said nothing to a request of"
                f" {len(message.content)} bytes."
                " It may travel in fragments, which some routers drop."
            )
        if message.media_elsewhere:
            yield (
                f"Warning: {message.peer} wants media at {message.media_address}, but its packets"
                f" come from {message.address}: the usual cause of missing audio behind NAT."
            )
