"""Requests that do not fit what they ask: faulty fields, and methods that an address has not."""

from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import compile_path

from switchroom.api.edge.words import field_of, text_of
from switchroom.api.errors import MOST_FIELDS, FieldFault, ProblemError, answer, invalid
from switchroom.foundation.text import readable

_LONGEST_METHOD = 20
"Of a method that is told to whoever used it."


def add_unfit_answers(app: FastAPI) -> None:
    """Say what does not fit, in our words and with all of it."""
    app.add_exception_handler(RequestValidationError, _answer_faults)
    app.add_exception_handler(405, _answer_method)


async def _answer_faults(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    body: Any = getattr(request.scope.get("endpoint"), "__annotations__", {}).get("body")
    found = error.errors()[:MOST_FIELDS]
    faults = [FieldFault(field_of(one), text_of(one, error.body, body)) for one in found]
    return await answer(request, invalid(faults))


async def _answer_method(request: Request, _error: Exception) -> Response:
    """405 with everything that the path has (RFC 9110 section 15.5.6)."""
    path = request.scope["path"]
    found = {
        method
        for context in iter_route_contexts(request.app.routes)
        if context.path and compile_path(context.path)[0].match(path)
        for method in context.methods or ()
    }
    if "GET" in found:
        found.add("HEAD")
    known = ", ".join(sorted(found))
    asked = readable(request.method, _LONGEST_METHOD)
    text = f"there is no {asked} here: this address takes {known}"
    problem = ProblemError("method_not_allowed", text, headers={"Allow": known})
    return await answer(request, problem)
