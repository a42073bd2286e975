"""How large, how deep and how many: bodies are read whole here, before anybody parses them."""

import re
from collections.abc import Mapping
from urllib.parse import unquote

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from switchroom.api.errors import ProblemError, problem_response

BODY_LIMIT_BYTES = 1024 * 1024
CONFIGURATION_LIMIT_BYTES = 2 * 1024 * 1024
"Of a whole configuration: an export with 5000 agents, each with a telephone, has 1.8 MB."
DEPTH_LIMIT = 32
"Lists and objects inside each other; Python's JSON reader would go on until its stack ends."
HEADERS_LIMIT = 64
QUERY_LIMIT_BYTES = 8192
AT_WORK_LIMIT = 64
"Requests at work at once; more get 503."

_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_NUL = re.compile(rb"\0|\\u0000")
_BRACKET = re.compile(rb"[\[\]{}]")
_ONCE = (
    b"authorization",
    b"content-length",
    b"content-type",
    b"host",
    b"cookie",
    b"if-match",
    b"idempotency-key",
    b"x-csrf-token",
)
"Headers of which two would leave open who is meant."


class LimitsLayer:
    """ASGI middleware that refuses what is too large, too deep or ambiguous."""

    def __init__(self, app: ASGIApp, *, larger: Mapping[str, int] | None = None) -> None:
        """``larger``: paths that may have larger bodies than others, with their limits in bytes."""
        self._app = app
        self._larger = larger or {}
        self._at_work = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        problem = _fault_of_head(scope)
        if problem is None and self._at_work >= AT_WORK_LIMIT:
            problem = ProblemError(
                "overloaded", "too many requests at once", headers={"Retry-After": "1"}
            )
        if problem is not None:
            await _refuse(problem, scope, receive, send)
            return
        self._at_work += 1
        try:
            await self._with_body(scope, receive, send)
        finally:
            self._at_work -= 1

    async def _with_body(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] in {"GET", "HEAD", "OPTIONS"} and not _announces_body(scope):
            await self._app(scope, receive, send)
            return
        limit = self._larger.get(scope["path"], BODY_LIMIT_BYTES)
        body = await _read(receive, limit)
        if body is None:
            problem = ProblemError("too_large", f"the body has more than {limit} bytes")
            await _refuse(problem, scope, receive, send)
            return
        if fault := _fault_of_body(body):
            await _refuse(ProblemError("bad_request", fault), scope, receive, send)
            return
        scope["state"]["body"] = body
        await self._app(scope, _replayed(body, receive), send)


def is_too_deep(body: bytes) -> bool:
    """Whether lists and objects nest deeper than ``DEPTH_LIMIT``, read as JSON."""
    if body.count(b"[") + body.count(b"{") <= DEPTH_LIMIT:
        return False
    depth = 0
    for found in _BRACKET.finditer(_STRING.sub(b"", body)):
        depth += 1 if found[0] in (b"[", b"{") else -1
        if depth > DEPTH_LIMIT:
            return True
    return False


def _fault_of_body(body: bytes) -> str:
    if is_too_deep(body):
        return f"the body has more than {DEPTH_LIMIT} levels of nesting"
    if found := _NUL.search(body):
        return f"the body has a NUL character (byte {found.start()})"
    return ""


def _fault_of_head(scope: Scope) -> ProblemError | None:
    names = [name for name, _ in scope["headers"]]
    if len(names) > HEADERS_LIMIT:
        return ProblemError("bad_request", f"more than {HEADERS_LIMIT} headers")
    for name in _ONCE:
        if names.count(name) > 1:
            return ProblemError("bad_request", f"the header {name.decode()} is given twice")
    if b"transfer-encoding" in names and b"content-length" in names:
        # RFC 9112 section 6.1: what follows on this connection may be anybody's.
        close = {"Connection": "close"}
        return ProblemError("bad_request", "two lengths: Content-Length and chunks", headers=close)
    query = scope["query_string"]
    if len(query) > QUERY_LIMIT_BYTES:
        return ProblemError("bad_request", f"the query has more than {QUERY_LIMIT_BYTES} bytes")
    if "\0" in unquote(scope["path"]) or "%00" in query.decode("latin-1"):
        return ProblemError("bad_request", "the address has a NUL")
    return None


def _announces_body(scope: Scope) -> bool:
    return any(name in (b"content-length", b"transfer-encoding") for name, _ in scope["headers"])


async def _read(receive: Receive, limit: int) -> bytes | None:
    """The whole body; ``None`` if it is longer than ``limit`` bytes."""
    parts, size, more = [], 0, True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            return b""  # gone: nobody reads the answer
        part = message.get("body", b"")
        size += len(part)
        if size > limit:
            return None
        parts.append(part)
        more = message.get("more_body", False)
    return b"".join(parts)


def _replayed(body: bytes, receive: Receive) -> Receive:
    is_given = False

    async def again() -> Message:
        nonlocal is_given
        if is_given:
            return await receive()
        is_given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


async def _refuse(problem: ProblemError, scope: Scope, receive: Receive, send: Send) -> None:
    await problem_response(problem, scope["state"]["request_id"])(scope, receive, send)
