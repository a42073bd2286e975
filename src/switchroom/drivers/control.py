"""The control socket of a running node: how the command line looks at it and talks to it.

A Unix socket in the data directory, for the node's own user only. The caller holds the directory's
``DataLock``, so a socket that is already there is a dead node's.
"""

import asyncio
import inspect
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path

import msgspec

from switchroom.drivers.control_protocol import (
    PATH_LIMIT_BYTES,
    REQUEST_LIMIT_BYTES,
    Answer,
    Problem,
    Request,
    socket_path,
)
from switchroom.foundation.errors import SwitchroomError

Command = Callable[[Request], object | Awaitable[object]]
"Returns what is answered: anything msgspec encodes. A ``SwitchroomError`` becomes a problem."
Stream = Callable[[Request], AsyncIterator[object]]
"Yields one answer after the other until it ends or the client goes away."

CLIENTS_LIMIT = 32
IDLE_LIMIT_S = 60.0

_REQUEST = msgspec.json.Decoder(Request)
_ENCODER = msgspec.json.Encoder()


class ControlSocketError(SwitchroomError):
    """The control socket cannot be made."""

    code = "control_socket"


class ControlServer:
    """Answers requests by the commands and streams registered under their names."""

    def __init__(
        self,
        directory: Path,
        commands: Mapping[str, Command],
        streams: Mapping[str, Stream] | None = None,
    ) -> None:
        self._path = socket_path(directory)
        self._commands = commands
        self._streams = streams or {}
        self._server: asyncio.Server | None = None
        self._clients: set[asyncio.Task[None]] = set()
        self.failures = 0
        "Commands that broke off with an error of ours."

    async def start(self) -> None:
        """Listen.

        Raises:
            ControlSocketError: the path is too long, taken by a file, or not ours to write.
        """
        listener = _listener(self._path)
        self._server = await asyncio.start_unix_server(
            self._accept, sock=listener, limit=REQUEST_LIMIT_BYTES
        )

    async def stop(self) -> None:
        """Hang up on every client and remove the socket."""
        if self._server is None:
            return
        self._server.close()
        for client in self._clients:
            client.cancel()
        await asyncio.gather(*self._clients, return_exceptions=True)
        self._path.unlink(missing_ok=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        client = asyncio.ensure_future(self._serve(reader, writer))
        self._clients.add(client)
        client.add_done_callback(self._clients.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if len(self._clients) > CLIENTS_LIMIT:
                await _send(writer, _problem("too_many_clients", "too many control clients"))
                return
            while line := await asyncio.wait_for(reader.readline(), IDLE_LIMIT_S):
                await self._respond(line, reader, writer)
        except ValueError:
            await _send(writer, _problem("too_long", "the request is too long"))
        except (OSError, TimeoutError):
            return  # gone or asleep: nobody to tell
        finally:
            writer.close()

    async def _respond(
        self, line: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        try:
            request = _REQUEST.decode(line)
        except msgspec.MsgspecError as error:
            await _send(writer, _problem("bad_request", f"not a request: {error}"))
            return
        stream = self._streams.get(request.command)
        if stream is not None:
            await self._stream(stream(request), reader, writer)
        else:
            await _send(writer, await self._answer(request))

    async def _answer(self, request: Request) -> Answer:
        command = self._commands.get(request.command)
        if command is None:
            known = ", ".join(sorted([*self._commands, *self._streams]))
            return _problem("unknown_command", f"no such command; known are: {known}")
        try:
            value = command(request)
            if inspect.isawaitable(value):
                value = await value
            return _answer(value)
        except SwitchroomError as error:
            return _problem(error.code, str(error))
        except Exception as error:
            # A fault of ours in one command is told to who asked; the node goes on.
            self.failures += 1
            return _problem("failed", f"{request.command} failed: {type(error).__name__}: {error}")

    async def _stream(
        self,
        answers: AsyncIterator[object],
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        """Send until the stream ends or the client hangs up, whichever comes first."""
        sending = asyncio.ensure_future(_send_all(answers, writer))
        hanging_up = asyncio.ensure_future(reader.read(1))
        try:
            await asyncio.wait((sending, hanging_up), return_when=asyncio.FIRST_COMPLETED)
        finally:
            sending.cancel()
            hanging_up.cancel()
            await asyncio.gather(sending, hanging_up, return_exceptions=True)
        writer.close()


async def _send_all(answers: AsyncIterator[object], writer: asyncio.StreamWriter) -> None:
    try:
        async for value in answers:
            await _send(writer, _answer(value))
    except SwitchroomError as error:
        await _send(writer, _problem(error.code, str(error)))


async def _send(writer: asyncio.StreamWriter, answer: Answer) -> None:
    writer.write(_ENCODER.encode(answer) + b"\n")
    await writer.drain()


def _answer(value: object) -> Answer:
    return Answer(value=msgspec.Raw(_ENCODER.encode(value)))


def _problem(code: str, text: str) -> Answer:
    return Answer(problem=Problem(code, text))


def _listener(path: Path) -> socket.socket:
    if len(os.fsencode(path)) > PATH_LIMIT_BYTES:
        raise ControlSocketError(
            f"the path {path} is too long for a socket (at most {PATH_LIMIT_BYTES} bytes);"
            " choose a shorter --data directory"
        )
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        if path.is_socket():
            path.unlink()
        listener.bind(os.fspath(path))
        # Nobody can connect before listen(), so there is no moment with the wrong mode.
        path.chmod(0o600)
    except OSError as error:
        listener.close()
        raise ControlSocketError(f"cannot make the control socket {path}: {error}") from error
    return listener
