"""``switchroom unlock``: let in whom his customer's own rules keep out."""

from typing import Annotated

import typer

from switchroom.cli.apply import open_or_make
from switchroom.cli.node import DataOption, saying_errors, settings_of, visible
from switchroom.drivers.clock import Clock
from switchroom.foundation.errors import SwitchroomError
from switchroom.identity.model import Refused
from switchroom.store.database import writing
from switchroom.store.way_back import WayBack, let_in


class UnlockError(SwitchroomError):
    """Nobody can be let in so."""

    code = "unlock"


def unlock(
    username: Annotated[str, typer.Argument(help="Who is locked out: alice@acme.example")],
    networks: Annotated[
        bool,
        typer.Option(
            "--networks", help="Take everybody of his customer from anywhere: clear its networks."
        ),
    ] = False,
    second_factor: Annotated[
        bool, typer.Option("--second-factor", help="Forget his second factor; he lost it.")
    ] = False,
    data: DataOption = None,
) -> None:
    """Let USERNAME log in again, whom his customer's networks or a lost second factor keep out.

    Works beside a running node and counts at once. The audit log says that the operator did it.
    A forgotten password: `switchroom init`, for an owner.
    """
    with saying_errors():
        if not (networks or second_factor):
            raise UnlockError("say what keeps him out: --networks, --second-factor or both")
        # Where there is no database nobody is locked out of it, and none is made.
        with open_or_make(settings_of(data), dry_run=True) as engine, writing(engine) as connection:
            wish = WayBack(username, networks, second_factor)
            done = let_in(connection, wish, Clock().utc())
            if isinstance(done, Refused):
                raise UnlockError(done.text)
    for line in done:
        typer.echo(visible(f"{username.lower()}: {line}"))
