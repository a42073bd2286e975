"""The node as the API asks it: in this process, or through the control socket of another one."""

import asyncio
import inspect
from collections.abc import Mapping
from concurrent.futures import TimeoutError as WaitedTooLong
from pathlib import Path
from typing import Any

import msgspec
import structlog

from switchroom.api.ports import Scalar
from switchroom.drivers.control import Command
from switchroom.drivers.control_client import ControlClient, NodeProblemError, NoNodeError
from switchroom.drivers.control_protocol import Request
from switchroom.foundation.errors import SwitchroomError

log = structlog.get_logger()

ANSWER_S = 10.0
"How long a thread waits for the node's answer."


class NodeRefusedError(SwitchroomError):
    """The node refused; ``code`` is the node's own."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


class NodeHere:
    """The node of this process. Asked from threads; carried out on the node's own event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop, commands: Mapping[str, Command]) -> None:
        self._loop = loop
        self._commands = commands

    def ask(self, command: str, arguments: Mapping[str, Scalar]) -> Any:
        """What the command answers, as JSON has it."""
        named = self._commands.get(command)
        if named is None:
            raise NodeRefusedError("unknown_command", f"the node knows no command {command}")
        asked = asyncio.run_coroutine_threadsafe(
            _carried_out(named, Request(command, dict(arguments))), self._loop
        )
        try:
            return asked.result(ANSWER_S)
        except WaitedTooLong:
            # It goes on: a change that is stored must not be forgotten because it takes long.
            raise NoNodeError(f"the node does not answer within {ANSWER_S:g} s") from None


class NodeElsewhere:
    """The node of another process on this machine."""

    def __init__(self, directory: Path) -> None:
        self._client = ControlClient(directory, timeout_s=ANSWER_S)

    def ask(self, command: str, arguments: Mapping[str, Scalar]) -> Any:
        """What the command answers, as JSON has it."""
        try:
            return self._client.ask(command, object, **arguments)
        except NodeProblemError as error:
            raise NodeRefusedError(error.problem or error.code, str(error)) from error
        except NoNodeError as error:
            # What it says is for people on this machine: a path, and how to start a node.
            log.warning("no node answers", why=str(error))
            raise NoNodeError("the node that has the calls does not answer; try again") from error


async def _carried_out(command: Command, request: Request) -> Any:
    answer = command(request)
    if inspect.isawaitable(answer):
        answer = await answer
    return msgspec.to_builtins(answer)
