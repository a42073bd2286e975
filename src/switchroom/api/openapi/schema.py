"""OpenAPI 3.1 from the routes: their permissions, every way to fail, how to log in."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute, iter_route_contexts

from switchroom.api.access import SESSION_COOKIE, Declared, declared_of
from switchroom.api.errors import PROBLEM_JSON
from switchroom.permissions.declare import Permission

PROBLEM_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "title": "Problem",
    "description": "What went wrong (RFC 9457). Programs read `code`, which never changes.",
    "required": ["type", "title", "status", "detail", "code", "request_id"],
    "properties": {
        "type": {"type": "string", "examples": ["urn:switchroom:problem:not_found"]},
        "title": {"type": "string", "examples": ["Not Found"]},
        "status": {"type": "integer", "examples": [404]},
        "detail": {"type": "string", "examples": ["there is no such thing, or you may not see it"]},
        "code": {"type": "string", "examples": ["not_found"]},
        "request_id": {"type": "string", "examples": ["c0ffee12"]},
        "errors": {
            "type": "array",
            "description": "The faulty fields.",
            "items": {
                "type": "object",
                "required": ["field", "text"],
                "properties": {
                    "field": {"type": "string", "examples": ["to.id"]},
                    "text": {"type": "string", "examples": ["there is no such group"]},
                    "line": {"type": "integer", "description": "Of a document that has lines."},
                },
            },
        },
        "permission": {"type": "string", "description": "Of a 403: what you would need."},
        "because": {
            "type": "array",
            "description": "Of a 403: every statement that decided.",
            "items": {"type": "object"},
        },
        "missing": {
            "type": "array",
            "description": "Of a 403: all the permissions that you would need beside yours.",
            "items": {"type": "string"},
        },
        "roles_that_would": {
            "type": "array",
            "items": {"type": "string"},
            "description": "Of a 403: built-in roles that would allow it, for the whole customer.",
        },
        "held": {
            "type": "array",
            "description": "Of a 403: what you may do to this kind of thing instead.",
            "items": {"type": "string"},
        },
    },
}
_TEXTS = {
    400: "The request cannot be read.",
    401: "Log in first.",
    403: "You lack the permission; says why.",
    404: "There is no such thing, or you may not see it.",
    409: "Something else stands in the way.",
    412: "Somebody has changed it since (`If-Match`).",
    413: "The body is too large.",
    415: "The body is of another media type.",
    422: "A field is wrong; says which.",
    429: "Too many requests; wait for `Retry-After` seconds.",
    503: "The database or the node does not answer; try again.",
}
_HEADERS = {
    "X-Request-Id": "What our log calls this request.",
    "X-Required-Permission": "The permission that was asked for.",
    "RateLimit": "What is left, and in how many seconds it is full again.",
    "RateLimit-Policy": "How many requests in how many seconds.",
}
_LIST = re.compile(r"\bList[_[]([A-Za-z]+?)(?:Read)?[]_](?!\w)")
_METHODS = frozenset({"get", "post", "put", "patch", "delete"})
_SCHEMES = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "`Authorization: Bearer …`: the access token of a log-in, or an access key.",
    },
    "cookie": {
        "type": "apiKey",
        "in": "cookie",
        "name": SESSION_COOKIE,
        "description": "A log-in of a browser; whatever changes something needs `X-CSRF-Token`.",
    },
}


def describe(app: FastAPI) -> None:
    """Let ``app.openapi()`` say all of this; made once, when it is first asked for."""

    def openapi() -> dict[str, Any]:
        # Asked again while routes are still added, so that the audit sees what is really there.
        declared = dict(_declarations(app))
        key = len(declared)
        known = getattr(app.state, "schema", None)
        if known is None or known[0] != key:
            app.state.schema = (key, _schema(app, declared))
        schema: dict[str, Any] = app.state.schema[1]
        return schema

    app.openapi = openapi  # type: ignore[method-assign]


def _declarations(app: FastAPI) -> Iterator[tuple[tuple[str, str], Declared]]:
    for context in iter_route_contexts(app.routes):
        declared = declared_of(context.endpoint)
        if declared is not None and isinstance(context.original_route, APIRoute):
            for method in context.methods or ():
                yield (method.lower(), context.path or ""), declared


def _schema(app: FastAPI, declared: Mapping[tuple[str, str], Declared]) -> dict[str, Any]:
    described = get_openapi(
        title=app.title,
        version=app.version,
        summary="The API of an open call-center platform",
        description=(
            "Every operation names the permission that it needs in `x-permission`. What you may"
            " not see does not exist for you: it is 404, in lists and counts it is left out."
        ),
        routes=app.routes,
        servers=[{"url": "/"}],
    )
    schema: dict[str, Any] = _plainly_named(described)
    components = schema.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = dict(PROBLEM_SCHEMA)
    for name in ("HTTPValidationError", "ValidationError"):
        components["schemas"].pop(name, None)
    components["securitySchemes"] = _SCHEMES
    for path, operations in schema["paths"].items():
        for method in _METHODS & set(operations):
            found = declared.get((method, path))
            if found is not None:
                _complete(operations[method], method, path, found)
    return schema


def _plainly_named(part: Any) -> Any:
    """The same with lists called ``AgentList``: what pydantic makes of ``List[AgentRead]`` is not
    what anybody wants to read in a generated client.
    """
    match part:
        case dict():
            return {_LIST.sub(r"\1List", key): _plainly_named(one) for key, one in part.items()}
        case list():
            return [_plainly_named(one) for one in part]
        case str():
            return _LIST.sub(r"\1List", part)
    return part


def _complete(operation: dict[str, Any], method: str, path: str, declared: Declared) -> None:
    operation["x-permission"] = declared.name
    operation["security"] = [] if declared.is_public else [{"token": []}, {"cookie": []}]
    note = _note(declared)
    operation["description"] = "\n\n".join(filter(None, [operation.get("description"), note]))
    if method == "post" and not declared.is_public:
        operation.setdefault("parameters", []).append(_IDEMPOTENCY_KEY)
    answers = operation["responses"]
    answers.pop("422", None)
    for status in sorted(_statuses(operation, method, path, declared)):
        answers.setdefault(str(status), _problem(status))
    for answer in answers.values():
        answer.setdefault("headers", {}).update(_described_headers())


def _note(declared: Declared) -> str:
    permission: Permission | None = declared.permission
    if permission is None:
        return f"Needs no permission: {declared.reason}."
    sensitive = " It is sensitive: no pattern grants it, a role must name it."
    return f"Needs `{permission.name}`.{sensitive if permission.is_sensitive else ''}"


def _statuses(operation: Mapping[str, Any], method: str, path: str, declared: Declared) -> set[int]:
    found = {400, 422, 429, 503}
    if not declared.is_public:
        found |= {401, 403}
    if path.startswith("/v1/auth/"):
        found |= {401, 403}
    if "{" in path or path.startswith(("/v1/authz/", "/v1/auth/switch")):
        found.add(404)
    if method in {"post", "put", "patch", "delete"}:
        found |= {409, 413}
    if "requestBody" in operation:
        found.add(415)
    if any(one["name"] == "If-Match" for one in operation.get("parameters", ())):
        found.add(412)
    return found


def _problem(status: int) -> dict[str, Any]:
    reference = {"$ref": "#/components/schemas/Problem"}
    return {"description": _TEXTS[status], "content": {PROBLEM_JSON: {"schema": reference}}}


def _described_headers() -> dict[str, Any]:
    return {
        name: {"description": text, "schema": {"type": "string"}} for name, text in _HEADERS.items()
    }


_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Sent again with the same key and body, nothing is done again.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 128, "pattern": "^[!-~]+$"},
}
