"""``Idempotency-Key``: a POST that is sent again does nothing again and gets the same answer.

The key is taken once the permissions have spoken, and the answer stored before it leaves. What came
to nothing (any status but 2xx) gives the key back.
"""

import re
from hashlib import sha256

import structlog
from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from switchroom.api.errors import NO_STORE, ProblemError
from switchroom.api.ports import Ports
from switchroom.foundation.repetition import Kept
from switchroom.identity.model import Actor

log = structlog.get_logger()

KEPT_ANSWER_BYTES = 64 * 1024
"A longer answer is not stored: a repetition is told that it was done."
_KEY = re.compile(r"[!-~]{1,128}", re.ASCII)
_NOT_KEPT = "{}"


class RepeatedError(Exception):
    """Not an error: this request was answered before, and here is the answer."""

    def __init__(self, kept: Kept) -> None:
        super().__init__()
        self.kept = kept


def claim(
    connection: HTTPConnection, keeps_answer: bool, actor: Actor, ports: Ports, now: float
) -> None:
    """Take the request's key, if it has one.

    Raises:
        ProblemError: The key cannot be one, belongs to another body, or is at work (409).
        RepeatedError: The request was answered before.
    """
    key = connection.headers.get("idempotency-key", "")
    if not key or connection.scope.get("method") != "POST":
        return
    if not _KEY.fullmatch(key):
        raise ProblemError("bad_request", "an Idempotency-Key has 1 to 128 visible characters")
    principal = f"{actor.customer_id}:{actor.principal_id}:{actor.token_id}"
    match ports.keys.claim(principal, key, _hash(connection.scope), now):
        case "new":
            connection.scope["state"]["claim"] = (principal, key, keeps_answer)
        case "at_work":
            raise ProblemError("conflict", "the first request with this Idempotency-Key is at work")
        case "other_body":
            raise ProblemError("invalid", "this Idempotency-Key was used for another request")
        case "too_many":
            raise ProblemError("too_many_requests", "too many Idempotency-Keys in a day")
        case Kept(_, body) if body == _NOT_KEPT:
            raise ProblemError("conflict", "this was done; its answer was not kept")
        case Kept() as kept:
            raise RepeatedError(kept)


async def answer_again(_request: Request, error: Exception) -> Response:
    """The answer that the first request got."""
    assert isinstance(error, RepeatedError)
    headers = {**NO_STORE, "Idempotency-Replayed": "true"}
    kept = error.kept
    return Response(kept.body, kept.status, media_type="application/json", headers=headers)


class IdempotencyLayer:
    """ASGI middleware that stores answers before they leave."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        held: list[Message] = []

        async def hold(message: Message) -> None:
            if "claim" not in scope["state"]:
                await send(message)
                return
            held.append(message)
            if message["type"] == "http.response.body" and not message.get("more_body"):
                await _settle(scope, held)
                for one in held:
                    await send(one)

        try:
            await self._app(scope, receive, hold)
        except BaseException:
            await _settle(scope, [])
            raise


async def _settle(scope: Scope, answer: list[Message]) -> None:
    """Store the answer, or give the key back."""
    taken = scope["state"].pop("claim", None)
    if taken is None:
        return
    principal, key, keeps_answer = taken
    ports: Ports = scope["app"].state.ports
    status = answer[0]["status"] if answer else 500
    body = b"".join(one.get("body", b"") for one in answer[1:])
    is_kept = keeps_answer and len(body) <= KEPT_ANSWER_BYTES
    text = body.decode() if is_kept else _NOT_KEPT
    try:
        if 200 <= status < 300:
            await run_in_threadpool(ports.keys.keep, principal, key, status, text, ports.utc())
        else:
            await run_in_threadpool(ports.keys.release, principal, key)
    except ports.database_faults as error:
        # What was done is done, and the answer must tell. The key stays taken for a while: a
        # repetition is answered 409 and does nothing.
        why = type(error).__name__
        log.error("answer not stored", request_id=scope["state"]["request_id"], why=why)


def _hash(scope: Scope) -> bytes:
    parts = (scope["method"].encode(), scope["path"].encode(), scope["query_string"])
    return sha256(b"\0".join((*parts, scope["state"].get("body", b"")))).digest()
