"""From what the store says to what the asker reads."""

from typing import Annotated, Any

from fastapi import Header
from pydantic import BaseModel
from starlette.responses import Response

from switchroom.api.access import escalation
from switchroom.api.errors import FieldFault, ProblemError, invalid, not_found
from switchroom.directory.change import (
    Changed,
    Escalating,
    Faulty,
    Missing,
    Outcome,
    Outdated,
    OutOfReach,
    StillUsed,
)
from switchroom.directory.listing import Record
from switchroom.directory.problem import Problem
from switchroom.foundation.fields import path_of

IfMatch = Annotated[
    str | None,
    Header(alias="If-Match", description="The ETag of a GET: only if nobody changed it since."),
]
"The ``version`` that a route hands to ``if_match``; where no route takes it, it is refused."


def changed(outcome: Outcome, permission: str) -> Changed:
    """The change, if it was made.

    Raises:
        ProblemError: 404, 412, 422, or 403 for a thing that would be out of the asker's reach.
    """
    match outcome:
        case Changed():
            return outcome
        case Missing():
            raise not_found()
        case Outdated(version):
            raise ProblemError(
                "precondition_failed",
                "somebody else has changed it since; read it again",
                headers={"ETag": etag(version)},
            )
        case StillUsed(by):
            raise ProblemError("conflict", f"it is still used by {by}: take it out there first")
        case Faulty(problems):
            raise invalid([_fault(problem) for problem in problems])
        case Escalating(refusal):
            raise escalation(refusal, permission)
        case OutOfReach():
            raise ProblemError(
                "out_of_scope",
                f"you have {permission}, but not as far as this thing would be",
                members={"error": "permission_denied", "permission": permission},
            )


def etag(version: str) -> str:
    """A strong validator (RFC 9110 section 8.8.3)."""
    return f'"{version}"'


def if_match(header: str | None) -> str:
    """The version that a change asks for; empty: any.

    Raises:
        ProblemError: 422; the header is not one ETag of ours.
    """
    if header is None or header.strip() == "*":
        return ""
    text = header.strip()
    if len(text) < 3 or not (text.startswith('"') and text.endswith('"')):
        raise invalid([FieldFault("If-Match", "is one ETag in quotes, as a GET has shown it")])
    return text[1:-1]


def shown(model: type[BaseModel], record: Record, response: Response) -> Any:
    """The thing as its model has it, with its ETag on the answer."""
    response.headers["ETag"] = etag(record.version)
    return as_model(model, record)


def as_model(model: type[BaseModel], record: Record) -> Any:
    """The thing as its model has it."""
    return model.model_validate({"customer_id": record.customer_id, **record.fields})


def _fault(problem: Problem) -> FieldFault:
    return FieldFault(path_of(problem.place), problem.text)
