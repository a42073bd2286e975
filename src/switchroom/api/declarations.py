"""The audit at the start: no route without a declaration, and none that this audit cannot see.

FastAPI keeps included routers as they are, so a walk over ``app.routes`` misses most routes;
``iter_route_contexts`` is what FastAPI itself builds its schema from. Whatever it yields that is
not a route of FastAPI (a mount, a plain Starlette route) is beyond ``enforce`` and is refused.
"""

from collections.abc import Iterator

from fastapi import FastAPI
from fastapi.routing import APIRoute, APIWebSocketRoute, RouteContext, iter_route_contexts
from msgspec import Struct
from starlette.routing import BaseRoute, Mount

from switchroom.api.access import Declared, declared_of, enforce
from switchroom.foundation.errors import SwitchroomError
from switchroom.permissions.catalog import Catalog, UnknownPatternError


class UndeclaredRouteError(SwitchroomError):
    """The application must not start; says which routes are at fault and why."""

    code = "undeclared_route"


class Operation(Struct, frozen=True):
    """One thing that can be asked of the API."""

    method: str
    "``WEBSOCKET`` for a socket."
    path: str
    declared: Declared
    is_in_schema: bool = True


def audit(app: FastAPI, catalog: Catalog) -> tuple[Operation, ...]:
    """Everything that can be asked, each with its declaration.

    Raises:
        UndeclaredRouteError: A route without one, of a kind that cannot have one, with a permission
            that the catalogue does not know, or hidden from the schema.
    """
    faults: list[str] = []
    found: list[Operation] = []
    if enforce not in [dependency.dependency for dependency in app.router.dependencies]:
        faults.append("the application does not depend on enforce")
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        if not isinstance(route, APIRoute | APIWebSocketRoute):
            faults.extend(f"{path} is no route of FastAPI" for path in _paths(route))
            continue
        declared = declared_of(context.endpoint)
        fault = _fault(declared, catalog)
        if declared is None or fault:
            faults.append(f"{context.path} ({context.name}): {fault}")
        else:
            found.extend(_operations(context, declared))
    faults.extend(_missing_in_schema(app, found))
    if faults:
        raise UndeclaredRouteError("; ".join(sorted(faults)))
    return tuple(found)


def _fault(declared: Declared | None, catalog: Catalog) -> str:
    if declared is None:
        return "declares no permission"
    if declared.permission is None:
        return "" if declared.reason else "needs a permission or a reason"
    try:
        known = catalog.permission(declared.permission.name)
    except UnknownPatternError as error:
        return str(error)
    return "" if known == declared.permission else "declares a permission of its own making"


def _operations(context: RouteContext, declared: Declared) -> Iterator[Operation]:
    path = context.path or ""
    if isinstance(context.original_route, APIWebSocketRoute):
        yield Operation("WEBSOCKET", path, declared)
        return
    for method in sorted((context.methods or set()) - {"HEAD"}):
        yield Operation(method, path, declared, bool(context.include_in_schema))


def _missing_in_schema(app: FastAPI, found: list[Operation]) -> Iterator[str]:
    """The schema is the other count of what there is; both must agree."""
    schema = app.openapi()["paths"]
    told = {
        (method.upper(), path)
        for path, methods in schema.items()
        for method in methods
        if method in {"get", "post", "put", "patch", "delete", "options", "trace"}
    }
    seen = {(one.method, one.path) for one in found if one.method != "WEBSOCKET"}
    for method, path in sorted(told ^ seen):
        where = "schema" if (method, path) in told else "routes"
        yield f"{method} {path} is only in the {where}"


def _paths(route: BaseRoute) -> list[str]:
    path = str(getattr(route, "path", route))
    if isinstance(route, Mount) and route.routes:
        inner = (one for sub in route.routes for one in _paths(sub))
        return [f"{path}{one}" for one in inner] or [path]
    return [path]
