"""``switchroom export``: write the configuration as the file that ``apply`` reads."""

import typer

from switchroom.cli.node import DataOption, database_of, saying_errors, settings_of
from switchroom.store.apply.export import export as written
from switchroom.store.configuration import read_configuration


def export(data: DataOption = None) -> None:
    """Print the configuration; passwords as env:, file: or ha1:, never in the clear."""
    with saying_errors(), database_of(settings_of(data)) as engine:
        with engine.connect() as connection:
            stored = read_configuration(connection)
        typer.echo(written(stored), nl=False)
