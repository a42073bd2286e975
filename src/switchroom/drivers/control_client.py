"""Talks to a running node from another process; plain and waiting, made for the command line."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TypeVar

import msgspec

from switchroom.drivers.control_protocol import Answer, Request, Value, socket_path
from switchroom.foundation.errors import SwitchroomError

T = TypeVar("T")

_ANSWER = msgspec.json.Decoder(Answer)


class NoNodeError(SwitchroomError):
    """No node answers on this data directory."""

    code = "no_node"


class NodeProblemError(SwitchroomError):
    """The node answered that it did not do it."""

    code = "node_problem"

    def __init__(self, text: str, problem: str = "") -> None:
        super().__init__(text)
        self.problem = problem
        "The node's own code; empty if it is not the node that refuses."


class ControlClient:
    """Asks the node that runs on ``directory``; every call opens its own connection."""

    def __init__(self, directory: Path, *, timeout_s: float = 10.0) -> None:
        self._directory = directory
        self._timeout_s = timeout_s

    def ask(self, command: str, kind: type[T], **arguments: Value) -> T:
        """What the node answers to ``command``.

        Raises:
            NoNodeError: no node runs there, or it does not answer in time.
            NodeProblemError: it refused; the text is the node's.
        """
        with self._connected(Request(command, arguments), self._timeout_s) as answers:
            return self._decode(answers.readline(), kind)

    def follow(self, command: str, kind: type[T], **arguments: Value) -> Iterator[T]:
        """What the node keeps answering, until it stops; then ``NoNodeError``."""
        with self._connected(Request(command, arguments), None) as answers:
            while True:
                yield self._decode(answers.readline(), kind)

    @contextmanager
    def _connected(self, request: Request, timeout_s: float | None) -> Iterator[BinaryIO]:
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
                connection.settimeout(self._timeout_s)
                connection.connect(os.fspath(socket_path(self._directory)))
                connection.sendall(msgspec.json.encode(request) + b"\n")
                connection.settimeout(timeout_s)
                with connection.makefile("rb") as answers:
                    yield answers
        except PermissionError as error:
            raise NoNodeError(
                f"the node on {self._directory} belongs to another user; ask as that user"
            ) from error
        except TimeoutError as error:
            raise NoNodeError(
                f"the node on {self._directory} does not answer within {self._timeout_s:g} s"
            ) from error
        except OSError as error:
            raise NoNodeError(
                f"no node runs on {self._directory};"
                f" start one with: switchroom serve --data {self._directory}"
            ) from error

    def _decode(self, line: bytes, kind: type[T]) -> T:
        if not line.endswith(b"\n"):
            raise NoNodeError(f"the node on {self._directory} has stopped")
        try:
            answer = _ANSWER.decode(line)
            if answer.problem is not None:
                raise NodeProblemError(answer.problem.text, answer.problem.code)
            return msgspec.json.decode(answer.value, type=kind)
        except msgspec.MsgspecError as error:
            raise NodeProblemError(
                f"the node answers in another version's words: {error}"
            ) from None
