"""An application with a route that declares no permission does not start."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from fastapi import APIRouter, Depends, FastAPI, WebSocket
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from fakes.quiet_web import quiet_web
from switchroom.api.access import enforce, needs, public
from switchroom.api.declarations import UndeclaredRouteError, audit
from switchroom.api.openapi.schema import describe
from switchroom.app.catalog import catalog
from switchroom.permissions.declare import Permission

PUBLIC = {
    ("GET", "/metrics"),
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/docs"),
    ("GET", "/v1/openapi.json"),
    ("GET", "/v1/asyncapi.json"),
    ("POST", "/v1/auth/login"),
    ("POST", "/v1/auth/refresh"),
}
"Operations without a log-in: the whole list."
LOGGED_IN = {
    ("POST", "/v1/auth/logout"),
    ("GET", "/v1/auth/me"),
    ("PUT", "/v1/auth/password"),
    ("POST", "/v1/auth/mfa"),
    ("POST", "/v1/auth/mfa/confirm"),
    ("POST", "/v1/auth/mfa/show"),
    ("POST", "/v1/auth/mfa/remove"),
    ("POST", "/v1/auth/tickets"),
    ("POST", "/v1/authz/check"),
}
"Operations of everybody who is logged in: the whole list."


def app_with(add: Callable[[FastAPI], None]) -> FastAPI:
    app = FastAPI(dependencies=[Depends(enforce)], openapi_url=None, docs_url=None, redoc_url=None)
    describe(app)
    add(app)
    return app


def faults(add: Callable[[FastAPI], None]) -> str:
    with pytest.raises(UndeclaredRouteError) as raised:
        audit(app_with(add), catalog())
    return str(raised.value)


def plain(_request: Any) -> Response:
    return PlainTextResponse("open to all")


def test_the_product_starts_and_what_needs_no_permission_is_this() -> None:
    operations = audit(quiet_web(), catalog())
    said = {(one.method, one.path): one.declared.name for one in operations}
    assert {key for key, name in said.items() if name == "public"} == PUBLIC
    assert {key for key, name in said.items() if name == "logged_in"} == LOGGED_IN
    assert len(said) == len(operations)


def test_a_route_without_a_declaration() -> None:
    def add(app: FastAPI) -> None:
        @app.get("/bare")
        async def bare() -> None: ...

    assert "/bare (bare): declares no permission" in faults(add)


def test_a_route_that_is_added_after_its_router_was_included() -> None:
    def add(app: FastAPI) -> None:
        router = APIRouter(prefix="/v1")
        app.include_router(router)

        @router.get("/late")
        async def late() -> None: ...

    assert "/v1/late (late): declares no permission" in faults(add)


def test_a_route_in_a_router_in_a_router() -> None:
    def add(app: FastAPI) -> None:
        inner, outer = APIRouter(prefix="/inner"), APIRouter(prefix="/outer")

        @inner.get("/deep")
        async def deep() -> None: ...

        outer.include_router(inner)
        app.include_router(outer)

    assert "/outer/inner/deep (deep): declares no permission" in faults(add)


def test_a_websocket() -> None:
    def add(app: FastAPI) -> None:
        @app.websocket("/socket")
        async def socket(_socket: WebSocket) -> None: ...

    assert "/socket (socket): declares no permission" in faults(add)


def test_what_lies_beyond_the_applications_dependencies() -> None:
    def add(app: FastAPI) -> None:
        app.add_route("/plain", plain)
        app.mount("/sub", Starlette(routes=[Route("/x", plain)]))
        app.mount("/raw", PlainTextResponse("open to all"))

    said = faults(add)
    for path in ("/plain", "/sub/x", "/raw"):
        assert f"{path} is no route of FastAPI" in said


def test_frameworks_own_pages() -> None:
    app = FastAPI(dependencies=[Depends(enforce)])
    describe(app)
    with pytest.raises(UndeclaredRouteError) as raised:
        audit(app, catalog())
    for path in ("/docs", "/redoc", "/openapi.json"):
        assert f"{path} is no route of FastAPI" in str(raised.value)


def test_a_permission_that_the_catalogue_does_not_know() -> None:
    def add(app: FastAPI) -> None:
        @app.get("/x")
        @needs(Permission("calls", "teleport", "Teleport a call"))
        async def teleport() -> None: ...

        @app.get("/y")
        @needs(Permission("calls", "hangup", "Hang up a call", is_sensitive=True))
        async def other_text() -> None: ...

    said = faults(add)
    assert "calls:teleport" in said
    assert "/y (other_text): declares a permission of its own making" in said


def test_a_route_that_the_schema_does_not_show() -> None:
    def add(app: FastAPI) -> None:
        @app.get("/hidden", include_in_schema=False)
        @public("nobody shall know")
        async def hidden() -> None: ...

    assert "GET /hidden is only in the routes" in faults(add)


def test_an_application_that_forgot_to_enforce() -> None:
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    describe(app)
    with pytest.raises(UndeclaredRouteError, match="does not depend on enforce"):
        audit(app, catalog())


def test_the_start_itself_is_refused() -> None:
    app = quiet_web()

    @app.get("/added-by-a-plug-in")
    async def added() -> None: ...

    async def start() -> None:
        async with app.router.lifespan_context(app):
            raise AssertionError("it has started")

    with pytest.raises(UndeclaredRouteError, match="/added-by-a-plug-in"):
        asyncio.run(start())
