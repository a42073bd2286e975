"""The outermost layer: gives a request its id, puts headers on the answer, and watches over it."""

import re
from collections.abc import Callable
from traceback import format_tb

import structlog
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from switchroom.api.errors import ProblemError, as_problem, not_found, problem_response

log = structlog.get_logger()

TRACEBACK_FRAMES = 8
_ID = re.compile(r"[A-Za-z0-9._-]{8,64}", re.ASCII)


class RequestLayer:
    """ASGI middleware; must be the outermost one.

    What is known of a request lies in ``scope["state"]``: ``request_id``; the ``permission`` that
    it needs; ``decided``, once the permissions have spoken; ``answer_headers``, to be put on the
    answer.
    """

    def __init__(self, app: ASGIApp, *, make_id: Callable[[], str]) -> None:
        self._app = app
        self._make_id = make_id

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        state = scope.setdefault("state", {})
        state["request_id"] = _wished_id(scope) or self._make_id()
        state["answer_headers"] = {}
        answer = _Answer(scope, receive, send)
        if answer.is_head:
            scope = {**scope, "method": "GET"}  # the same answer, without its body
        try:
            await self._app(scope, receive, answer.send)
        except Exception as error:
            # Nothing of ours gets out; the server would answer without id and in plain text.
            # Neither values of variables nor the error's text, which may hold what was answered.
            where = "".join(format_tb(error.__traceback__)[-TRACEBACK_FRAMES:])
            kind = type(error).__name__
            log.error("request failed", request_id=state["request_id"], error=kind, where=where)
            if scope["type"] == "websocket" or answer.has_started:
                raise
            await answer.fail(as_problem(error))


class _Answer:
    """One answer on its way out."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.is_head = scope.get("method") == "HEAD"
        self.has_started = False
        self._is_held_back = False
        self._scope = scope
        self._receive = receive
        self._send = send

    async def send(self, message: Message) -> None:
        """Pass it on with our headers, unless nobody decided that it may be given."""
        if self._is_held_back:
            return
        if message["type"] in {"http.response.start", "websocket.http.response.start"}:
            await self._begin(message)
            return
        if message["type"] == "websocket.close" and not self.has_started:
            await self.fail(not_found())  # the router's word for a path that there is not
            return
        if message["type"] == "websocket.accept":
            self.has_started = True
        if self.is_head and message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await self._send(message)

    async def fail(self, problem: ProblemError) -> None:
        """Answer with a problem."""
        response = problem_response(problem, self._scope["state"]["request_id"])
        await response(self._scope, self._receive, self.send)

    async def _begin(self, message: Message) -> None:
        state = self._scope["state"]
        if 200 <= message["status"] < 300 and not state.get("decided"):
            log.error("an answer without a decision was held back", path=self._scope["path"])
            await self.fail(as_problem(RuntimeError()))
            self._is_held_back = True
            return
        self.has_started = True
        headers = MutableHeaders(scope=message)
        headers["X-Request-Id"] = state["request_id"]
        for name, value in state["answer_headers"].items():
            headers[name] = value
        await self._send(message)


def _wished_id(scope: Scope) -> str:
    """The asker's own id of the request, if it is one that may stand in a log."""
    wished = [value for name, value in scope["headers"] if name == b"x-request-id"]
    text = wished[0].decode("latin-1") if len(wished) == 1 else ""
    return text if _ID.fullmatch(text) else ""
