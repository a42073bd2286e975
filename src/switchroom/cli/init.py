"""``switchroom init``: the first owner, who can log in and give roles to everybody else."""

import os
from typing import Annotated

import typer

from switchroom.app.applying import operator_means
from switchroom.cli.apply import open_or_make
from switchroom.cli.node import DataOption, saying_errors, settings_of, visible
from switchroom.cli.password import read_password
from switchroom.drivers.control_client import ControlClient, NoNodeError
from switchroom.drivers.settings import Settings
from switchroom.foundation.errors import SwitchroomError
from switchroom.identity.model import Refused
from switchroom.store.database import writing
from switchroom.store.first_owner import FirstOwner, make_first_owner


class InitError(SwitchroomError):
    """The first owner cannot be made so."""

    code = "init"


def init(
    username: Annotated[str, typer.Argument(help="alice@acme.example")],
    customer: Annotated[str, typer.Option(help="Name of the customer the owner belongs to.")],
    domain: Annotated[
        str, typer.Option(help="SIP domain of a new customer; default: that of the user name.")
    ] = "",
    country: Annotated[str, typer.Option(help="ISO 3166 code of a new customer: US.")] = "US",
    password: Annotated[
        str, typer.Option(help="env:NAME; asked for if left out.", show_default=False)
    ] = "",
    data: DataOption = None,
) -> None:
    """Make the owner of the platform and of his customer, with a password to log in.

    A customer or agent that is there already is kept and gets what it lacks. Works beside a
    running node, and again if the owner was lost.
    """
    with saying_errors():
        wish = FirstOwner(
            username,
            read_password(password, is_new=True),
            customer,
            domain or username.rpartition("@")[2],
            country,
        )
        settings = settings_of(data)
        _make(settings, wish)
        _tell_node(settings)
    typer.echo(visible(f"{username.lower()} owns the platform and {customer}"))


def _make(settings: Settings, wish: FirstOwner) -> None:
    with open_or_make(settings) as engine, writing(engine) as connection:
        done = make_first_owner(connection, wish, operator_means(os.environ))
        if isinstance(done, Refused):
            # Raised inside, so that nothing of it stays.
            raise InitError(": ".join(filter(None, (done.field, done.text))))


def _tell_node(settings: Settings) -> None:
    try:
        ControlClient(settings.data_dir).ask("reload", str)
    except NoNodeError:
        return  # it will read everything when it starts
