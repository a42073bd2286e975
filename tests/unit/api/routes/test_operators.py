"""The operators' HTTP, over a real server and socket."""

import asyncio
from collections.abc import Sequence

import httpx
import pytest

from fakes.quiet_web import quiet_web
from switchroom.api.server import serving_http


def ask(
    *requests: tuple[str, str], obstacles: Sequence[str] = (), exposition: bytes = b"up 1\n"
) -> list[httpx.Response]:
    def figures() -> bytes:
        if not exposition:
            raise RuntimeError("no figures")
        return exposition

    async def run() -> list[httpx.Response]:
        app = quiet_web(figures, lambda: obstacles)
        async with (
            serving_http(app, "127.0.0.1", 0) as port,
            httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client,
        ):
            return [await client.request(method, path) for method, path in requests]

    return asyncio.run(run())


def test_metrics_are_prometheus_text() -> None:
    [answer] = ask(("GET", "/metrics"))
    assert (answer.status_code, answer.content) == (200, b"up 1\n")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert answer.headers["cache-control"] == "no-store"


def test_a_node_that_lives_may_still_not_be_ready() -> None:
    alive, ready = ask(("GET", "/healthz"), ("GET", "/readyz"), obstacles=["draining"])
    assert (alive.status_code, alive.json()) == (200, {"status": "alive"})
    assert (ready.status_code, ready.json()) == (
        503,
        {"status": "not ready", "reasons": ["draining"]},
    )


def test_ready_when_nothing_stands_in_the_way() -> None:
    [ready] = ask(("GET", "/readyz"))
    assert (ready.status_code, ready.json()) == (200, {"status": "ready"})


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/", 404), ("GET", "/metrics/../x", 404), ("POST", "/metrics", 405)],
)
def test_everything_else_is_refused_as_json(method: str, path: str, status: int) -> None:
    [answer] = ask((method, path))
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_probe_may_use_head() -> None:
    [answer] = ask(("HEAD", "/healthz"))
    assert (answer.status_code, answer.content) == (200, b"")


def test_our_own_fault_tells_strangers_nothing() -> None:
    [answer] = ask(("GET", "/metrics"), exposition=b"")
    assert answer.status_code == 500
    assert "figures" not in answer.text


def test_the_server_does_not_say_what_it_is() -> None:
    [answer] = ask(("GET", "/healthz"))
    assert "server" not in answer.headers
