"""Hears from a node in another process that there are new facts."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec

from switchroom.drivers.control_client import NoNodeError
from switchroom.drivers.control_protocol import Answer, Request, socket_path

_ANSWER = msgspec.json.Decoder(Answer)


async def newest_facts(directory: Path) -> AsyncIterator[int]:
    """The number of the newest fact of the node on ``directory``, whenever there are new ones.

    Raises:
        NoNodeError: No node runs there, or it has stopped or refused.
    """
    try:
        reader, writer = await asyncio.open_unix_connection(os.fspath(socket_path(directory)))
    except OSError as error:
        raise NoNodeError(f"no node runs on {directory}: {error}") from error
    try:
        writer.write(msgspec.json.encode(Request("events", {})) + b"\n")
        while line := await reader.readline():
            answer = _ANSWER.decode(line)
            if answer.problem is not None:
                raise NoNodeError(answer.problem.text)
            yield msgspec.json.decode(answer.value, type=int)
        raise NoNodeError(f"the node on {directory} has stopped")
    except (OSError, ValueError, msgspec.MsgspecError) as error:
        raise NoNodeError(f"the node on {directory} cannot be followed: {error}") from error
    finally:
        writer.close()
