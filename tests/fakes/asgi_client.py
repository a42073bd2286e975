"""Talks to an ASGI application without a socket, from tests that are plain functions."""

import asyncio
from collections.abc import Awaitable
from threading import Thread
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx
from fastapi import FastAPI

T = TypeVar("T")
WAIT_S = 30.0


class AsgiClient:
    """The application with its lifespan, on an event loop in a thread of its own."""

    def __init__(self, app: FastAPI, source: str = "192.0.2.7") -> None:
        self._app = app
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="asgi", daemon=True)
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False, client=(source, 1))
        self._client = httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1")

    def __enter__(self) -> Self:
        self._thread.start()
        self._lifespan = self._app.router.lifespan_context(self._app)
        self._wait(self._lifespan.__aenter__())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._wait(self._client.aclose())
        self._wait(self._lifespan.__aexit__(kind, error, trace))
        self._wait(self._loop.shutdown_default_executor())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(WAIT_S)
        self._loop.close()

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        """The answer to one request."""
        return self._wait(self._client.request(method, path, **options))

    def together(self, *requests: tuple[str, str, dict[str, Any]]) -> list[httpx.Response]:
        """Answers to requests that are all at work at once."""

        async def all_of_them() -> list[httpx.Response]:
            asked = (self._client.request(method, path, **more) for method, path, more in requests)
            return await asyncio.gather(*asked)

        return self._wait(all_of_them())

    def _wait(self, awaited: Awaitable[T]) -> T:
        async def run() -> T:
            return await awaited

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result(WAIT_S)
