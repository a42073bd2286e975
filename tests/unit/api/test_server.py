"""Starting and stopping the HTTP server inside a node's loop."""

import asyncio
import signal

import httpx
import pytest
from fastapi import FastAPI, Request

from fakes.quiet_web import quiet_web
from switchroom.api.server import CannotListenError, serving_http

APP = quiet_web()


def test_a_taken_port_is_one_clear_error() -> None:
    async def run() -> None:
        async with serving_http(APP, "127.0.0.1", 0) as port:
            with pytest.raises(
                CannotListenError, match=f"127.0.0.1:{port}: Address already in use"
            ):
                async with serving_http(APP, "127.0.0.1", port):
                    pass

    asyncio.run(run())


def test_the_nodes_own_signals_are_left_alone() -> None:
    async def run() -> None:
        before = signal.getsignal(signal.SIGTERM)
        async with serving_http(APP, "127.0.0.1", 0) as port:
            async with httpx.AsyncClient(trust_env=False) as client:
                await client.get(f"http://127.0.0.1:{port}/healthz")
            assert signal.getsignal(signal.SIGTERM) is before

    asyncio.run(run())


def test_after_the_block_nobody_listens() -> None:
    async def run() -> int:
        async with serving_http(APP, "127.0.0.1", 0) as port:
            pass
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", port)
        return port

    assert asyncio.run(run()) > 0


def test_an_idle_connection_does_not_hold_up_the_stop() -> None:
    async def run() -> None:
        async with serving_http(APP, "127.0.0.1", 0) as port:
            _reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.close()

    asyncio.run(asyncio.wait_for(run(), 5))


@pytest.mark.parametrize(
    ("proxies", "seen"),
    [((), "127.0.0.1"), (("127.0.0.0/8",), "192.0.2.9"), (("10.0.0.1/32",), "127.0.0.1")],
)
def test_only_a_named_proxy_says_where_a_request_comes_from(
    proxies: tuple[str, ...], seen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "*")  # the server's own, which is not ours
    app = FastAPI()

    @app.get("/")
    def source(request: Request) -> str:
        return request.client.host if request.client else ""

    async def run() -> str:
        async with (
            serving_http(app, "127.0.0.1", 0, proxies) as port,
            httpx.AsyncClient(trust_env=False) as client,
        ):
            claim = {"X-Forwarded-For": "192.0.2.9"}
            answer = await client.get(f"http://127.0.0.1:{port}/", headers=claim)
        return str(answer.json())

    assert asyncio.run(run()) == seen
