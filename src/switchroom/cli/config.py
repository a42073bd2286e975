"""``switchroom config``: every setting in force and where it came from."""

from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.table import Table

from switchroom.cli.node import JsonOption, console, saying_errors
from switchroom.drivers.settings import Settings
from switchroom.drivers.settings_load import Loaded, load_settings, masked


def config(
    file: Annotated[
        Path | None, typer.Option("--config", help="TOML file; default ./switchroom.toml.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Show every setting in force, where it came from and what it means."""
    with saying_errors():
        loaded = load_settings(file)
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode(_rows(loaded))).decode())
        return
    out = console()
    out.print(_table(loaded))
    for name in loaded.unknown_variables:
        out.print(f"{name} is set but is no setting of ours: ignored", style="yellow")


def _rows(loaded: Loaded) -> dict[str, dict[str, str]]:
    return {
        name: {
            "value": masked(name, getattr(loaded.settings, name)),
            "from": loaded.origins[name],
            "meaning": field.description or "",
        }
        for name, field in Settings.model_fields.items()
    }


def _table(loaded: Loaded) -> Table:
    table = Table("Setting", "Value", "From", "Meaning", box=None, pad_edge=False)
    for name, row in _rows(loaded).items():
        style = None if row["from"] == "default" else "bold"
        table.add_row(name, row["value"], row["from"], row["meaning"], style=style)
    return table
