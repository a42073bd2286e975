"""Runs an HTTP application inside the node's own event loop."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress

import uvicorn
from fastapi import FastAPI

from switchroom.foundation.errors import SwitchroomError

LIMIT_CONNECTIONS = 4096
"Connections at once, most of them sockets that wait; more get 503 from the server itself."
BACKLOG = 128
SOCKET_MESSAGE_BYTES = 64 * 1024
"Longest message that a WebSocket may send us."
KEEP_ALIVE_S = 5
DATE_S = 1.0
GRACE_S = 3
"Seconds that open requests may still take when the node stops."


class CannotListenError(SwitchroomError):
    """The address is in use, not ours, or not allowed."""

    code = "cannot_listen"


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ended = asyncio.Event()

    def end(self) -> None:
        self.should_exit = True
        self.ended.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """SIGTERM drains the node; the server must not take it away."""
        yield

    async def main_loop(self) -> None:
        """As the original, which wakes the node's idle loop ten times a second, but once."""
        # 0: each look renews the Date of answers.
        while not await self.on_tick(0):
            with suppress(TimeoutError):
                await asyncio.wait_for(self.ended.wait(), DATE_S)


@asynccontextmanager
async def serving_http(
    app: FastAPI, host: str, port: int, proxies: Sequence[str] = ()
) -> AsyncIterator[int]:
    """Serve ``app`` while the block runs; yields the port, also when 0 asked for a free one.

    Args:
        app: What is served.
        host: An address of this machine.
        port: 0: any.
        proxies: Networks whose word for the client's address is taken; nobody else's is.

    Raises:
        CannotListenError: Nothing has been started.
        UndeclaredRouteError: A route declares no permission; nothing has been started.
    """
    # Entered here and not by the server, which would only log why the start is refused.
    async with app.router.lifespan_context(app), _listening(app, host, port, proxies) as bound:
        yield bound


@asynccontextmanager
async def _listening(
    app: FastAPI, host: str, port: int, proxies: Sequence[str]
) -> AsyncIterator[int]:
    listener = _listen(host, port)
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="off",
        ws="websockets-sansio",
        ws_max_size=SOCKET_MESSAGE_BYTES,
        # Compressing for each socket anew would cost more than all the rest.
        ws_per_message_deflate=False,
        # It would log the query of sockets, where the ticket stands, and each one that is refused.
        log_level="critical",
        server_header=False,
        # Said in any case: left out, whoever is on this machine could claim to be anywhere.
        proxy_headers=bool(proxies),
        forwarded_allow_ips=list(proxies),
        limit_concurrency=LIMIT_CONNECTIONS,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=GRACE_S,
    )
    server = _Server(config)
    # The listener queues connections from here on, so callers need not wait for the start.
    running = asyncio.create_task(server.serve(sockets=[listener]), name="http")
    try:
        yield listener.getsockname()[1]
    finally:
        server.end()
        await running
        listener.close()


def _listen(host: str, port: int) -> socket.socket:
    # asyncio switches Nagle's algorithm off only where it sees the protocol; with it every answer
    # of two writes waits for the peer's delayed ACK, 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        why = error.strerror or str(error)
        raise CannotListenError(f"HTTP cannot listen on {host}:{port}: {why}") from error
    return listener
