"""Every 403 that somebody known gets is in the audit log: the only code that notes them.

Beside what stands in the answer, so that no route can refuse without a word: who lacks a
permission, who would gain what nobody gave him (rules E1 to E12), who has to show his second factor
again.
"""

from collections.abc import Sequence

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from switchroom.api.errors import ProblemError, answer
from switchroom.api.ports import Ports
from switchroom.identity.model import Actor
from switchroom.permissions.declare import Permission


async def answer_and_note(request: Request, error: Exception) -> Response:
    """The problem document, after the audit log was told if it refuses somebody something."""
    assert isinstance(error, ProblemError)
    actor: Actor | None = request.scope["state"].get("actor")
    if actor is not None and error.status == 403:
        await run_in_threadpool(_note, request, error, actor)
    return await answer(request, error)


def _note(request: Request, problem: ProblemError, actor: Actor) -> None:
    ports: Ports = request.app.state.ports
    target_id = str(request.path_params.get("id", ""))
    reason = str(problem.members.get("rule", problem.code))
    for name in _permissions(request, problem):
        permission = ports.catalog.permission(name)
        ports.gate.refused(actor, permission, target_id, ports.utc(), reason)


def _permissions(request: Request, problem: ProblemError) -> Sequence[str]:
    """What was refused; empty: nothing that has a permission, such as one's own second factor."""
    if problem.code == "missing_permissions":
        missing: list[str] = problem.members["missing"]
        return missing
    if name := problem.members.get("permission"):
        return [name]
    declared: Permission | None = request.scope["state"].get("permission")
    return [declared.name] if declared is not None else []
