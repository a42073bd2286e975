"""Talks over TCP to an application that is served as in the product, from plain functions."""

import asyncio
from contextlib import AsyncExitStack
from threading import Thread
from types import TracebackType
from typing import Any, Self

import httpx
from fastapi import FastAPI

from switchroom.api.server import serving_http

WAIT_S = 30.0


class TcpClient:
    """The application on a port of its own, on an event loop in a thread of its own."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="http", daemon=True)
        self._stack = AsyncExitStack()
        self.port = 0

    def __enter__(self) -> Self:
        self._thread.start()
        serving = self._stack.enter_async_context(serving_http(self._app, "127.0.0.1", 0))
        self.port = asyncio.run_coroutine_threadsafe(serving, self._loop).result(WAIT_S)
        self._client = httpx.Client(base_url=self.url, timeout=WAIT_S)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.close()
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(WAIT_S)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(WAIT_S)
        self._loop.close()

    @property
    def url(self) -> str:
        """Where it is served."""
        return f"http://127.0.0.1:{self.port}"

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        """The answer to one request."""
        return self._client.request(method, path, **options)

    async def _close(self) -> None:
        await self._stack.aclose()
        await self._loop.shutdown_default_executor()
