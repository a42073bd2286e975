"""``switchroom export``: write the configuration as the file that ``apply`` reads."""

import typer

from switchroom.cli.database import database_of
from switchroom.cli.node import (
    ApiOption,
    DataOption,
    only_one_place,
    saying_errors,
    settings_of,
)
from switchroom.cli.remote.documents import export_over_api
from switchroom.drivers.settings import Settings
from switchroom.store.apply.export import export as written
from switchroom.store.configuration import read_configuration


def export(data: DataOption = None, over_api: ApiOption = False) -> None:
    """Print the configuration; passwords as env:, file: or ha1:, never in the clear."""
    with saying_errors():
        only_one_place(data, over_api=over_api)
        text = export_over_api() if over_api else _on_this_machine(settings_of(data))
        typer.echo(text, nl=False)


def _on_this_machine(settings: Settings) -> str:
    with database_of(settings) as engine, engine.connect() as connection:
        return written(read_configuration(connection))
