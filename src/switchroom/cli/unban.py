"""``switchroom unban``: listen to a source again before its ban is over."""

from typing import Annotated

import typer

from switchroom.cli.node import DataOption, saying_errors, settings_of, visible
from switchroom.drivers.control_client import ControlClient


def unban(
    address: Annotated[str, typer.Argument(help="As `switchroom status` shows it: 198.51.100.66.")],
    data: DataOption = None,
) -> None:
    """Lift the ban of ADDRESS; exit status 1 if there was none."""
    with saying_errors():
        lifted = ControlClient(settings_of(data).data_dir).ask("lift_ban", bool, source=address)
    typer.echo(visible(f"{address} is no longer banned" if lifted else f"{address} is not banned"))
    if not lifted:
        raise typer.Exit(1)
