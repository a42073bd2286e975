"""``switchroom login`` and ``logout``."""

from contextlib import suppress
from typing import Annotated

import typer

from switchroom.cli.node import saying_errors, visible
from switchroom.cli.password import read_password
from switchroom.cli.remote import session
from switchroom.cli.remote.client import Api, ApiError
from switchroom.cli.remote.session import URL_VARIABLE, Session


def login(
    username: Annotated[str, typer.Argument(help="alice@acme.example")],
    url: Annotated[
        str, typer.Option(help="Where the API is.", envvar=URL_VARIABLE)
    ] = "http://127.0.0.1:8080",
    password: Annotated[
        str, typer.Option(help="env:NAME; asked for if left out.", show_default=False)
    ] = "",
    code: Annotated[str, typer.Option(help="Of the second factor; asked for if needed.")] = "",
    customer: Annotated[
        str, typer.Option(help="Id of the customer to work in, for members of several.")
    ] = "",
) -> None:
    """Log in at an API; the commands that need one use this session from then on."""
    with saying_errors():
        body = {"username": username, "password": read_password(password), "customer_id": customer}
        with Api(Session(url, "")) as api:
            tokens = _log_in(api, body, code)
        session.save(Session(url, tokens["access_token"], tokens["refresh_token"], username))
    typer.echo(visible(f"logged in as {username} at {url}"))
    if tokens["must_enrol"]:
        typer.echo("set up a second factor before anything else: POST /v1/auth/mfa")


def logout() -> None:
    """End the session and forget it."""
    with saying_errors():
        known = session.load()
        with Api(known) as api, suppress(ApiError):  # one that has ended is ended
            api.post("/v1/auth/logout", {})
        session.forget()
    typer.echo("logged out")


def _log_in(api: Api, body: dict[str, str], code: str) -> dict[str, str]:
    try:
        found: dict[str, str] = api.post("/v1/auth/login", body | {"code": code})
    except ApiError as error:
        if error.code != "mfa_needed" or code:
            raise
        asked = typer.prompt("Code of the second factor")
        found = api.post("/v1/auth/login", body | {"code": asked})
    return found
