"""What all commands have: the data directory of a node, tables, and how failures are said."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from switchroom.drivers.settings import Settings
from switchroom.drivers.settings_load import load_settings
from switchroom.foundation.errors import SwitchroomError

DataOption = Annotated[
    Path | None, typer.Option("--data", help="The node's data directory; default: its settings'.")
]
ApiOption = Annotated[
    bool,
    typer.Option("--api", help="Over the HTTP API, as whoever has logged in (switchroom login)."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="For programs.")]

_CONTROLS = dict.fromkeys([*range(32), *range(127, 160), 0x2028, 0x2029, 0x202E], "·")


class TwoPlacesError(SwitchroomError):
    """A command is to look in two places at once."""


def only_one_place(data: Path | None, *, over_api: bool) -> None:
    """Either a data directory or an API.

    Raises:
        TwoPlacesError: Both are given.
    """
    if over_api and data is not None:
        raise TwoPlacesError("--data is a node on this machine, --api one elsewhere: give one")


@contextmanager
def saying_errors() -> Iterator[None]:
    """Turn an error that a user can put right into one line and exit status 1."""
    try:
        yield
    except SwitchroomError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None


def settings_of(data: Path | None) -> Settings:
    """The settings in force, with ``--data`` over all of them."""
    return load_settings(given={} if data is None else {"data_dir": data}).settings


def console() -> Console:
    """For tables: as wide as the terminal, wide enough for whole lines in a file."""
    made = Console(markup=False, highlight=False)
    return made if made.is_terminal else Console(markup=False, highlight=False, width=200)


def add_row(table: Table, *cells: str, style: str | None = None) -> None:
    """Add a row in which nothing that a stranger sent can command the terminal."""
    table.add_row(*map(visible, cells), style=style)


def visible(text: str) -> str:
    """``text`` with control characters shown as dots."""
    return text.translate(_CONTROLS)


def local_time(at: float) -> datetime:
    """``at`` (Unix seconds) in the time zone of this machine."""
    return datetime.fromtimestamp(at, tz=UTC).astimezone()


def when(at: float) -> str:
    return local_time(at).strftime("%Y-%m-%d %H:%M:%S")
