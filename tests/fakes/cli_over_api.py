"""Commands that speak to an API, against a real server over a real socket."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import typer
from fastapi import FastAPI
from typer.testing import CliRunner, Result

from switchroom.api.server import serving_http
from switchroom.cli.remote.session import TOKEN_VARIABLE, URL_VARIABLE

Words = Sequence[str | Path]


def over_api(app: FastAPI, cli: typer.Typer, *commands: Words, **environ: str) -> list[Result]:
    """What the commands say, one after the other, while one server runs."""

    async def served() -> list[Result]:
        async with serving_http(app, "127.0.0.1", 0) as port:
            runner = CliRunner(env={URL_VARIABLE: f"http://127.0.0.1:{port}", **environ})
            return [
                await asyncio.to_thread(runner.invoke, cli, list(map(str, words)))
                for words in commands
            ]

    return asyncio.run(served())


def by_token(token: str) -> dict[str, str]:
    """The environment of a program that has an access token."""
    return {TOKEN_VARIABLE: token}
