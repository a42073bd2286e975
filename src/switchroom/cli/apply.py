"""``switchroom apply``: make the configuration what a file says, on a running node or without."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from sqlalchemy import Engine

from switchroom.app.applying import operator_means
from switchroom.cli.node import (
    ApiOption,
    DataOption,
    JsonOption,
    only_one_place,
    saying_errors,
    settings_of,
    visible,
)
from switchroom.cli.remote.documents import apply_over_api
from switchroom.drivers.control_client import ControlClient, NoNodeError
from switchroom.drivers.settings import Settings
from switchroom.foundation.errors import SwitchroomError
from switchroom.store.apply.run import ApplyResult, plan_and_apply
from switchroom.store.apply.yaml_tree import LARGEST_FILE
from switchroom.store.database import FILE_NAME, open_database

NODE_TIMEOUT_S = 60.0
"How long the node may take to take a configuration over."
_VARIABLE = re.compile(r"env:([A-Za-z_][A-Za-z0-9_]*)", re.ASCII)


class FileError(SwitchroomError):
    """The configuration file cannot be read."""

    code = "configuration.file"


def apply(
    file: Annotated[Path, typer.Argument(help="Configuration file (YAML).")],
    data: DataOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")] = False,
    as_json: JsonOption = False,
    over_api: ApiOption = False,
) -> None:
    """Make the configuration what FILE says; what FILE does not have is deleted.

    A node that runs on the data directory takes it over at once; calls go on. Over the API FILE is
    about your own customer, and you need the permission of each change.
    """
    with saying_errors():
        only_one_place(data, over_api=over_api)
        text = read_file(file)
        if over_api:
            result = apply_over_api(text, dry_run=dry_run)
        else:
            result = _on_this_machine(settings_of(data), text, dry_run=dry_run)
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode(result)).decode())
    else:
        show(result, file)
    if result.faults:
        raise typer.Exit(1)


def read_file(file: Path) -> str:
    """The text of a configuration file.

    Raises:
        FileError: It cannot be read, or is not UTF-8.
    """
    try:
        with file.open("rb") as opened:
            # One byte too many is enough for the reader to refuse it.
            return opened.read(LARGEST_FILE + 1).decode("utf-8-sig")
    except OSError as error:
        raise FileError(f"cannot read {file}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise FileError(f"{file} is not UTF-8 text (byte {error.start})") from error


def _on_this_machine(settings: Settings, text: str, *, dry_run: bool) -> ApplyResult:
    result = _on_node(settings, text, dry_run=dry_run)
    if result is None:
        result = apply_without_node(settings, text, dry_run=dry_run)
    return result


def _on_node(settings: Settings, text: str, *, dry_run: bool) -> ApplyResult | None:
    """What the running node answers; ``None`` if none runs."""
    # The variables of this terminal go with the file: the node was started in another one.
    variables = {name: os.environ[name] for name in _VARIABLE.findall(text) if name in os.environ}
    client = ControlClient(settings.data_dir, timeout_s=NODE_TIMEOUT_S)
    environ = msgspec.json.encode(variables).decode()
    try:
        return client.ask("apply", ApplyResult, text=text, environ=environ, dry_run=dry_run)
    except NoNodeError as error:
        if isinstance(error.__cause__, FileNotFoundError | ConnectionRefusedError):
            return None
        raise  # it is there, but another user's or too busy: do not write behind its back


def apply_without_node(settings: Settings, text: str, *, dry_run: bool) -> ApplyResult:
    """Make the database match the file, with the environment of this process."""
    with open_or_make(settings, dry_run=dry_run) as engine:
        return plan_and_apply(engine, text, operator_means(os.environ), dry_run=dry_run)


@contextmanager
def open_or_make(settings: Settings, *, dry_run: bool = False) -> Iterator[Engine]:
    """The node's database, made if there is none; one in memory instead for a dry run."""
    url = settings.database()
    if not settings.database_url and not (settings.data_dir / FILE_NAME).exists():
        if dry_run:
            url = "sqlite://"  # a dry run leaves nothing behind
        else:
            _make(settings.data_dir)
    engine = open_database(url)
    try:
        yield engine
    finally:
        engine.dispose()


def _make(directory: Path) -> None:
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise FileError(f"cannot make {directory}: {error.strerror}") from error


def show(result: ApplyResult, file: Path) -> None:
    """Print the plan, or where the file is wrong."""
    for fault in result.faults:
        line = f"{file}:{fault.line}" if fault.line else str(file)
        typer.echo(visible(": ".join(filter(None, (line, fault.field, fault.text)))), err=True)
    if not result.faults:
        for text in result.lines():
            typer.echo(visible(text))
