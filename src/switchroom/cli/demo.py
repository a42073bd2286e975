"""``switchroom demo``: one call rings every address of an agent, on a real node, for all to see."""

import asyncio
import secrets
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from msgspec import Struct

from switchroom.app.demo.cast import EXTENSIONS, PHONES, PartyKey, variable_of
from switchroom.app.demo.node import demo_directory, demo_node
from switchroom.app.demo.promises import Promise
from switchroom.app.demo.show import show
from switchroom.app.demo.stage import stage
from switchroom.app.demo.stories import QUICK, STORIES, WATCHED, Story
from switchroom.cli.demo_lines import LinesAudience
from switchroom.cli.demo_live import LiveAudience
from switchroom.cli.demo_words import closing_words, log_ins, verdict
from switchroom.cli.node import console, saying_errors

INTERRUPTED = 130
"Exit status of a program that Ctrl-C has ended, as shells know it."
PASSWORD_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"Without those that look alike: people type them into phones."
PASSWORD_LENGTH = 12


class Choice(Struct, frozen=True):
    """What the user wants to see."""

    stories: Sequence[Story]
    unplugged: frozenset[PartyKey]
    keep: bool
    port: int


def demo(
    keep: Annotated[
        bool, typer.Option("--keep", help="Leave the node running, with log-ins for real phones.")
    ] = False,
    story: Annotated[
        list[str] | None,
        typer.Option("--story", help=f"Only this one: {', '.join(one.name for one in STORIES)}."),
    ] = None,
    unplug: Annotated[
        list[str] | None,
        typer.Option(
            "--unplug", help=f"Switch a phone off to see promises break: {', '.join(PHONES)}."
        ),
    ] = None,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="SIP port of the node; 0: any free one.")
    ] = 0,
) -> None:
    """See one call ring all phones of an agent. Exit status 0 if every promise held, else 1."""
    stories = [one for one in STORIES if not story or one.name in story]
    _known(story or (), [one.name for one in STORIES], "--story")
    _known(unplug or (), PHONES, "--unplug")
    unplugged: frozenset[PartyKey] = frozenset(key for key in PHONES if key in (unplug or ()))
    with saying_errors():
        status = asyncio.run(_run(Choice(stories, unplugged, keep, port)))
    raise typer.Exit(status)


def _known(given: Sequence[str], names: Sequence[str], option: str) -> None:
    for name in given:
        if name not in names:
            raise typer.BadParameter(f"{option} {name}: there are {', '.join(names)}")


async def _run(choice: Choice) -> int:
    _cancel_on_signals()
    try:
        with demo_directory() as directory:
            return await _perform(choice, directory)
    except asyncio.CancelledError:
        typer.echo("Stopped; nothing is left behind.", err=True)
        return INTERRUPTED


def _cancel_on_signals() -> None:
    """The first Ctrl-C, SIGTERM or closed terminal ends the show; more of them change nothing."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def asked() -> None:
        for number in numbers:
            loop.add_signal_handler(number, lambda: None)
        if task is not None:
            task.cancel()

    for number in numbers:
        loop.add_signal_handler(number, asked)


async def _perform(choice: Choice, directory: Path) -> int:
    out = console()
    is_watched = out.is_terminal and not out.is_dumb_terminal and sys.stdout.isatty()
    listen = f"{'0.0.0.0' if choice.keep else '127.0.0.1'}:{choice.port}"
    passwords = {variable_of(number): _password() for number in EXTENSIONS}
    out.print("Switchroom demo: one call rings every address of an agent; one answer wins.")
    async with demo_node(directory, listen) as node:
        out.print(f"A node runs on UDP and TCP port {node.sip_port}, with a fresh database.")
        async with stage(node, passwords, choice.unplugged) as parties:
            kind = LiveAudience if is_watched else LinesAudience
            with kind(out, parties.parties, len(choice.stories)) as audience:
                pace = WATCHED if is_watched else QUICK
                promises = await show(parties, choice.stories, pace, audience)
            verdict(out, promises)
            if choice.keep:
                parties.stay()
                log_ins(out, node, passwords)
                await _interrupted()
            else:
                closing_words(out)
    return _status(promises)


async def _interrupted() -> None:
    """Stay until somebody ends it, which is how it is meant to end."""
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        typer.echo("\nThe node stops, and its data are removed.", err=True)


def _status(promises: Sequence[Promise]) -> int:
    return 0 if all(promise.is_kept for promise in promises) else 1


def _password() -> str:
    return "".join(secrets.choice(PASSWORD_LETTERS) for _ in range(PASSWORD_LENGTH))
