"""``switchroom apply --api`` and ``export --api``: configuration documents over the API."""

from typing import Any

import msgspec

from switchroom.cli.remote.client import Api, ApiError
from switchroom.cli.remote.session import load
from switchroom.store.apply.fault import Fault
from switchroom.store.apply.plan import Change
from switchroom.store.apply.run import ApplyResult

TIMEOUT_S = 120.0
"A large document is read, planned and taken over by the node meanwhile."


def apply_over_api(text: str, *, dry_run: bool) -> ApplyResult:
    """What the API makes of the document, in the customer of the log-in.

    Raises:
        ApiError: The API does not answer, or refuses for a reason that is not in the document.
        NotLoggedInError: Nobody is logged in.
    """
    with Api(load(), timeout_s=TIMEOUT_S) as api:
        try:
            answer = api.send(
                "/v1/configuration/apply",
                text,
                "application/yaml",
                dry_run="true" if dry_run else "false",
            )
        except ApiError as error:
            return ApplyResult(faults=_faults(error))
    changes = msgspec.convert(answer["changes"], tuple[Change, ...])
    return ApplyResult((), changes, answer["applied"])


def export_over_api() -> str:
    """The document of the customer of the log-in."""
    with Api(load(), timeout_s=TIMEOUT_S) as api:
        return api.text("/v1/configuration/export")


def _faults(error: ApiError) -> tuple[Fault, ...]:
    """Why, and then where in the document."""
    told: list[dict[str, Any]] = error.problem.get("errors", [])
    if not told:
        raise error
    places = (Fault(one.get("line", 0), one["field"], one["text"]) for one in told)
    return (Fault(0, "", str(error.problem["detail"])), *places)
