"""``switchroom events``: numbered facts, the latest ones or as they come."""

from typing import Annotated, Any

import msgspec
import typer
from sqlalchemy import Engine

from switchroom.cli.database import database_of
from switchroom.cli.node import DataOption, JsonOption, local_time, saying_errors
from switchroom.cli.node import settings_of as _settings_of
from switchroom.drivers.control_client import ControlClient
from switchroom.history.numbered import NumberedFact
from switchroom.store.facts import facts_after, newest_facts

_READ_AT_ONCE = 1000
_HIDDEN = ("fact", "at", "customer_id", "call_id")


class _Printer:
    """Prints each fact once, in the order of the numbers."""

    def __init__(self, engine: Engine, *, as_json: bool) -> None:
        self._engine = engine
        self._print = _print_json if as_json else _print_line
        self._last = 0

    def start(self, limit: int) -> None:
        for fact in newest_facts(self._engine, limit=max(limit, 1)):
            self._last = fact.seq
            if limit:
                self._print(fact)

    def follow(self, newest: int) -> None:
        """Print everything up to number ``newest`` that has not been printed."""
        while self._last < newest:
            following = facts_after(self._engine, self._last, limit=_READ_AT_ONCE)
            if not following:
                return  # purged meanwhile
            for fact in following:
                self._print(fact)
                self._last = fact.seq


def events(
    data: DataOption = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on as they come.")] = False,
    limit: Annotated[int, typer.Option(min=0, max=100_000, help="Earlier facts shown.")] = 20,
    as_json: JsonOption = False,
) -> None:
    """Show what has happened: one numbered fact per line, oldest first.

    The numbers count all customers together; the API counts each customer's for itself, which
    --json shows as `number`.
    """
    with saying_errors():
        settings = _settings_of(data)
        with database_of(settings) as engine:
            printer = _Printer(engine, as_json=as_json)
            printer.start(limit)
            if follow:
                _follow(ControlClient(settings.data_dir), printer)


def _follow(client: ControlClient, printer: _Printer) -> None:
    try:
        for newest in client.follow("events", int):
            printer.follow(newest)
    except KeyboardInterrupt:
        return


def _print_json(fact: NumberedFact) -> None:
    said = {"seq": fact.seq, "customer_id": fact.customer_id, "number": fact.number}
    typer.echo(msgspec.json.encode(said | {"fact": msgspec.Raw(fact.body.encode())}))


def _print_line(fact: NumberedFact) -> None:
    fields: dict[str, Any] = msgspec.json.decode(fact.body)
    said = " ".join(
        f"{name}={_word(_plain(value))}"
        for name, value in fields.items()
        if name not in _HIDDEN and value not in ("", None)
    )
    at = local_time(fact.at).strftime("%H:%M:%S.%f")[:-3]
    typer.echo(f"{fact.seq:>8} {at} {fact.name:<20} {fact.call_id} {said}".rstrip())


def _plain(value: Any) -> str:
    match value:
        case [str(transport), str(address), int(port)]:  # where a phone is reached
            return f"{transport}:{address}:{port}"
        case list():
            return ",".join(map(_plain, value))
        case str():
            return value
    return msgspec.json.encode(value).decode()


def _word(text: str) -> str:
    return (
        repr(text) if any(letter.isspace() or not letter.isprintable() for letter in text) else text
    )
