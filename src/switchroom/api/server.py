"""Runs an HTTP application inside the node's own event loop."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import ClassVar

import uvicorn
from starlette.types import ASGIApp

from switchroom.foundation.errors import SwitchroomError

LIMIT_REQUESTS = 64
"Connections and requests at once; more get 503 from the server itself."
KEEP_ALIVE_S = 5
GRACE_S = 3
"Seconds that open requests may still take when the node stops."


class CannotListenError(SwitchroomError):
    """The address is in use, not ours, or not allowed."""

    code: ClassVar[str] = "cannot_listen"


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """SIGTERM drains the node; the server must not take it away."""
        yield


@asynccontextmanager
async def serving_http(app: ASGIApp, host: str, port: int) -> AsyncIterator[int]:
    """Serve ``app`` while the block runs; yields the port, also when 0 asked for a free one.

    Raises:
        CannotListenError: Nothing has been started.
    """
    listener = _listen(host, port)
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="off",
        ws="none",
        server_header=False,
        limit_concurrency=LIMIT_REQUESTS,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=GRACE_S,
    )
    server = _Server(config)
    # The listener queues connections from here on, so callers need not wait for the start.
    running = asyncio.create_task(server.serve(sockets=[listener]), name="http")
    try:
        yield listener.getsockname()[1]
    finally:
        server.should_exit = True
        await running
        listener.close()


def _listen(host: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(LIMIT_REQUESTS)
    except OSError as error:
        listener.close()
        why = error.strerror or str(error)
        raise CannotListenError(f"HTTP cannot listen on {host}:{port}: {why}") from error
    return listener
