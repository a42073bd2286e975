"""Everything that is refused or fails, as problem documents (RFC 9457) with a stable ``code``.

The domain knows no HTTP status: ``STATUS_OF_CODE`` gives each of its codes one, here and only here.
"""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from msgspec import Struct
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from switchroom.foundation.errors import SwitchroomError

log = structlog.get_logger()

PROBLEM_JSON = "application/problem+json"
MOST_FIELDS = 50
"Faulty fields that one answer names at most."
RETRY_AFTER_S = "5"
"When to come back to what does not answer now, unless we know better."
NO_STORE = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}

STATUS_OF_CODE: Mapping[str, int] = {
    "bad_request": 400,
    **dict.fromkeys(("unknown", "wrong", "ended", "expired", "revoked", "mfa_needed", "csrf"), 401),
    **dict.fromkeys(
        (
            "implicit_deny",
            "explicit_deny",
            "out_of_scope",
            "token_ceiling",
            "plan_ceiling",
            "expired_binding",
            "mfa_required",
            "mfa_enrolment_required",
            "customer_frozen",
            "disabled",
            "escalation",
            "missing_permissions",
            "network",
            "membership",
        ),
        403,
    ),
    "not_found": 404,
    "method_not_allowed": 405,
    "conflict": 409,
    "precondition_failed": 412,
    "too_large": 413,
    "unsupported_media_type": 415,
    "invalid": 422,
    "no_such_agent": 404,
    "no_such_call": 409,
    "no_such_status": 422,
    "bad_order": 422,
    "no_such_destination": 422,
    "order_refused": 409,
    "no_dial_right": 403,
    "no_room": 503,
    "unknown_command": 501,
    "precondition_required": 428,
    "too_many_requests": 429,
    "wait": 429,
    "internal": 500,
    "database": 503,
    "unavailable": 503,
    "busy": 503,
    "overloaded": 503,
    "no_node": 503,
    "node_problem": 502,
}
"Codes of ours that are not listed are faults of ours: 500."


class FieldFault(Struct, frozen=True):
    """What is wrong with one field, in the words of whoever filled it in."""

    field: str
    "``addresses[0].target``; ``body``: the whole body."
    text: str
    line: int = 0
    "Of a document, from 1; 0: it has no lines, or all of it is meant."


class ProblemError(Exception):
    """Ends a request with a problem document; the only exception that routes raise on purpose.

    Args:
        code: Stable, for programs; its status is ``STATUS_OF_CODE``.
        detail: For people; tells nothing about what the asker may not see.
        errors: The faulty fields, if there are any.
        members: Further members of the document (RFC 9457 section 3.2).
        headers: Further headers of the answer.
    """

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        errors: Sequence[FieldFault] = (),
        members: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.errors = errors
        self.members = members or {}
        self.headers = headers or {}

    @property
    def status(self) -> int:
        """The HTTP status of the answer."""
        return STATUS_OF_CODE.get(self.code, 500)


class FieldRefusedError(SwitchroomError):
    """What somebody else, the node, has refused because of one field; ``code`` is as he said."""

    def __init__(self, error: SwitchroomError, fault: FieldFault) -> None:
        super().__init__(str(error))
        self.code = error.code
        self.fault = fault


def not_found() -> ProblemError:
    """The same for what never was, what is gone and what is somebody else's."""
    return ProblemError("not_found", "there is no such thing, or you may not see it")


def invalid(errors: Sequence[FieldFault]) -> ProblemError:
    """422 with the faulty fields."""
    return ProblemError("invalid", "the request cannot be carried out as it is", errors=errors)


def problem_response(error: ProblemError, request_id: str) -> JSONResponse:
    """The document as an answer."""
    status = error.status
    body: dict[str, Any] = {
        "type": f"urn:switchroom:problem:{error.code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": error.detail,
        "code": error.code,
        "request_id": request_id,
    }
    if error.errors:
        body["errors"] = [_told(one) for one in error.errors]
    for name, value in error.members.items():
        body.setdefault(name, value)
    headers = {**NO_STORE, **error.headers}
    if status == 401:
        headers.setdefault("WWW-Authenticate", 'Bearer realm="switchroom"')
    if status == 503:
        headers.setdefault("Retry-After", RETRY_AFTER_S)
    return JSONResponse(body, status_code=status, headers=headers, media_type=PROBLEM_JSON)


def _told(fault: FieldFault) -> dict[str, str | int]:
    line = {"line": fault.line} if fault.line else {}
    return {"field": fault.field, "text": fault.text, **line}


def add_error_answers(
    app: FastAPI,
    database_faults: Sequence[type[Exception]],
    conflict_faults: Sequence[type[Exception]],
) -> None:
    """Let every way to fail end in a problem document.

    ``edge/refusals.py`` has ProblemError, ``edge/unfit.py`` what does not fit its operation.
    """
    app.add_exception_handler(SwitchroomError, answer)
    app.add_exception_handler(HTTPException, answer)
    for fault in database_faults:
        app.add_exception_handler(fault, _database_down)
    for fault in conflict_faults:
        app.add_exception_handler(fault, _conflict)


def as_problem(error: Exception) -> ProblemError:
    """The problem that this exception stands for."""
    match error:
        case ProblemError():
            return error
        case SwitchroomError() if error.code in STATUS_OF_CODE:
            errors = [error.fault] if isinstance(error, FieldRefusedError) else []
            return ProblemError(error.code, str(error), errors=errors)
        case HTTPException():
            return _of_status(error)
        case _:
            return ProblemError("internal", "an error of ours; the log has it under the request id")


def request_id_of(request: Request) -> str:
    """What the answer and our log call this request."""
    return str(request.scope.get("state", {}).get("request_id", ""))


async def answer(request: Request, error: Exception) -> JSONResponse:
    """The problem document that this exception stands for."""
    problem = as_problem(error)
    if problem.status >= 500:
        log.error("request failed", request_id=request_id_of(request), code=problem.code)
    return problem_response(problem, request_id_of(request))


async def _database_down(request: Request, error: Exception) -> JSONResponse:
    log.error("the database does not answer", request_id=request_id_of(request), why=str(error))
    problem = ProblemError("database", "the database does not answer; try again")
    return problem_response(problem, request_id_of(request))


async def _conflict(request: Request, _error: Exception) -> JSONResponse:
    problem = ProblemError("conflict", "somebody else was faster; read it again")
    return problem_response(problem, request_id_of(request))


_CODES = {404: "not_found", 413: "too_large", 503: "overloaded"}
_DETAILS = {
    "not_found": "there is no such thing, or you may not see it",
    # FastAPI says so of whatever its reader of JSON stumbles over beside faulty JSON.
    "bad_request": "the body cannot be read: it is not UTF-8, or a number in it is too long",
}


def _of_status(error: HTTPException) -> ProblemError:
    code = _CODES.get(error.status_code, "bad_request" if error.status_code < 500 else "internal")
    detail = _DETAILS.get(code, str(error.detail))
    return ProblemError(code, detail, headers=error.headers)
