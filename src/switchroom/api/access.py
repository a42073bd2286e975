"""Who may call a route. ``needs`` is the only code that refuses; a route without it cannot start.

``needs(permission)`` lets in whoever holds it on some row, and the route filters by it.
``needs(permission, row="agents")`` loads the row that the path names, with the asker's own
visibility for exactly this permission: what he may not see is 404. ``needs(…, asker=True)`` asks
about the asker himself, for what has no rows. ``logged_in`` and ``public`` give their reason; a
test has the list of both.
"""

import math
from collections.abc import Callable
from typing import Annotated, Any, TypeVar

import structlog
from fastapi import Depends
from fastapi.concurrency import run_in_threadpool
from msgspec import Struct
from msgspec.structs import replace
from starlette.requests import HTTPConnection

from switchroom.api.edge.idempotency import claim
from switchroom.api.edge.rate import admit
from switchroom.api.errors import FieldFault, ProblemError, invalid, not_found
from switchroom.api.ports import Credentials, Ports
from switchroom.directory.listing import Record
from switchroom.identity.model import Actor, Refused
from switchroom.permissions.check import allows, holds
from switchroom.permissions.declare import Permission
from switchroom.permissions.explain import why_not
from switchroom.permissions.grant import Refusal
from switchroom.permissions.model import Row

log = structlog.get_logger()

T = TypeVar("T")
Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])

SESSION_COOKIE = "switchroom_session"
_DECLARED = "__switchroom_access__"
_SAFE = {"GET", "HEAD", "OPTIONS"}


class Declared(Struct, frozen=True):
    """What a route asks of whoever calls it."""

    permission: Permission | None = None
    row: str = ""
    "Resource whose row the path's ``id`` names."
    is_of_asker: bool = False
    "The row is the active customer's and the asker's own."
    reason: str = ""
    "Why no permission is needed."
    is_public: bool = False
    keeps_answer: bool = True
    "Whether the answer may be stored for a repetition; not if it shows a secret."

    @property
    def name(self) -> str:
        """What ``x-permission`` says: the permission, ``logged_in`` or ``public``."""
        if self.permission is not None:
            return self.permission.name
        return "public" if self.is_public else "logged_in"


def needs(
    permission: Permission, *, row: str = "", asker: bool = False, keeps_answer: bool = True
) -> Callable[[Endpoint], Endpoint]:
    """Declare the permission of a route; see the head of this module."""
    return _declaring(Declared(permission, row, asker, keeps_answer=keeps_answer))


def logged_in(reason: str, *, keeps_answer: bool = True) -> Callable[[Endpoint], Endpoint]:
    """Declare that everybody with a valid token may call the route, and why."""
    return _declaring(Declared(reason=reason, keeps_answer=keeps_answer))


def public(reason: str) -> Callable[[Endpoint], Endpoint]:
    """Declare that everybody may call the route, and why."""
    return _declaring(Declared(reason=reason, is_public=True))


def declared_of(endpoint: object) -> Declared | None:
    """What was declared of this endpoint; ``None``: nothing, so nobody may call it."""
    found = getattr(endpoint, _DECLARED, None)
    return found if isinstance(found, Declared) else None


async def enforce(connection: HTTPConnection) -> None:
    """The dependency of the whole application: nobody gets past it undecided.

    Raises:
        ProblemError: 401, 403, 404 or 429; or 500 for a route that declares nothing.
    """
    state = connection.scope["state"]
    if state.get("decided"):
        return
    declared = declared_of(connection.scope.get("endpoint"))
    if declared is None:
        log.error("a route declares no permission", path=connection.scope.get("path"))
        raise ProblemError("internal", "an error of ours; the log has it under the request id")
    state["permission"] = declared.permission
    state["answer_headers"]["X-Required-Permission"] = declared.name
    ports: Ports = connection.app.state.ports
    if declared.is_public:
        admit(connection, None)
        state["decided"] = True
    else:
        await run_in_threadpool(_decide, connection, declared, ports)


def _decide(connection: HTTPConnection, declared: Declared, ports: Ports) -> None:
    """Everything that waits for the database, in one turn of one thread."""
    state = connection.scope["state"]
    now = ports.utc()
    with ports.gate.opened(_shown(connection), now) as found:
        if isinstance(found, Refused):
            admit(connection, None)
            raise refused(found)
        state["actor"] = actor = replace(found, request_id=state["request_id"])
        admit(connection, actor)
        if declared.permission is not None:
            state["row"] = _checked(connection, declared, ports, actor)
    state["decided"] = True
    claim(connection, declared.keeps_answer, actor, ports, now)


def _checked(
    connection: HTTPConnection, declared: Declared, ports: Ports, actor: Actor
) -> Record | None:
    permission = declared.permission
    assert permission is not None
    bit = ports.catalog.bit(permission)
    target_id = str(connection.path_params.get("id", ""))
    if not _holds(actor, bit, declared):
        raise refusal(ports, actor, permission, _asker_row(actor) if declared.is_of_asker else None)
    if permission.verb == "list":
        _must_get(ports, actor, permission)
    row = None
    if declared.row:
        row = ports.resources[declared.row].find(actor.compiled, bit, target_id)
        if row is None:
            raise not_found()
    if ports.gate.needs_second_factor(actor, permission, ports.utc()):
        raise ProblemError(
            "mfa_required",
            "show your second factor again: for this it must have been within 15 minutes",
            members={"permission": permission.name},
        )
    return row


def _must_get(ports: Ports, actor: Actor, permission: Permission) -> None:
    """A list has what one can get as well: without that it would be empty, and nobody told why."""
    for other in ports.catalog.resource(permission.resource).permissions:
        if other.verb == "get" and not holds(actor.compiled, ports.catalog.bit(other)):
            raise refusal(ports, actor, other, None)


def _holds(actor: Actor, bit: int, declared: Declared) -> bool:
    if declared.is_of_asker:
        return allows(actor.compiled, bit, _asker_row(actor))
    return holds(actor.compiled, bit)


def refusal(ports: Ports, actor: Actor, permission: Permission, row: Row | None) -> ProblemError:
    """403 that says why, and what the asker holds instead; nothing of any row is told."""
    if actor.must_enrol:
        return ProblemError(
            "mfa_enrolment_required",
            "your customer asks for a second factor: set one up first (POST /v1/auth/mfa)",
            members={"permission": permission.name},
        )
    decision = ports.gate.explain(actor, permission, row, ports.utc())
    return ProblemError(
        # Allowed: somebody gave it between our decision and this look.
        "implicit_deny" if decision.allowed else decision.code,
        why_not(decision),
        members={
            "error": "permission_denied",
            "permission": permission.name,
            "because": [_plain(one) for one in decision.because],
            "held": list(decision.held),
            "roles_that_would": list(decision.roles_that_would),
        },
    )


def refused(refusal: Refused) -> ProblemError:
    """Why identity turned somebody away."""
    if refusal.field:
        return invalid([FieldFault(refusal.field, refusal.text)])
    headers = {}
    if refusal.retry_after_s:
        headers["Retry-After"] = str(math.ceil(refusal.retry_after_s))
    return ProblemError(refusal.code, refusal.text or "log in first", headers=headers)


def escalation(refusal: Refusal, permission: str) -> ProblemError:
    """Why a change of authority would give somebody what nobody gave him."""
    return ProblemError(
        "escalation",
        refusal.text,
        members={
            "error": "permission_denied",
            "permission": permission,
            "rule": refusal.rule,
            "missing": list(refusal.missing),
        },
    )


def require(connection: HTTPConnection, permission: Permission, row: Row) -> None:
    """Ask about a row that is only known once the body was read.

    Raises:
        ProblemError: 403; the permission does not reach this row.
    """
    state, ports = connection.scope["state"], connection.app.state.ports
    actor: Actor = state["actor"]
    if not allows(actor.compiled, ports.catalog.bit(permission), row):
        raise refusal(ports, actor, permission, row)


def done(outcome: T | Refused | Refusal | None, permission: str) -> T:
    """What was asked for, if it was done.

    Raises:
        ProblemError: It was not; says why.
    """
    match outcome:
        case Refused():
            raise refused(outcome)
        case Refusal():
            raise escalation(outcome, permission)
        case _:
            return outcome  # type: ignore[return-value]


def _plain(because: Any) -> dict[str, Any]:
    fields = {name: getattr(because, name) for name in because.__struct_fields__}
    return {name: value for name, value in fields.items() if value not in (None, "", ())}


def _asker_row(actor: Actor) -> Row:
    return Row(actor.customer_id, frozenset({actor.principal_id}))


def _shown(connection: HTTPConnection) -> Credentials:
    """What the request shows; a token in the query is never looked at, except a socket's ticket."""
    source = connection.client.host if connection.client is not None else ""
    header = connection.headers.get("authorization", "")
    if header:
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer":
            token = ""
        return Credentials(token.strip(), "bearer", source)
    if connection.scope["type"] == "websocket" and "ticket" in connection.query_params:
        return Credentials(connection.query_params["ticket"], "ticket", source)
    return Credentials(
        connection.cookies.get(SESSION_COOKIE, ""),
        "cookie",
        source,
        connection.headers.get("x-csrf-token", ""),
        connection.scope.get("method", "GET") in _SAFE and connection.scope["type"] == "http",
    )


def _declaring(declared: Declared) -> Callable[[Endpoint], Endpoint]:
    def declare(endpoint: Endpoint) -> Endpoint:
        setattr(endpoint, _DECLARED, declared)
        return endpoint

    return declare


async def _actor(connection: HTTPConnection) -> Actor:
    actor: Actor = connection.scope["state"]["actor"]
    return actor


async def _row(connection: HTTPConnection) -> Record:
    row: Record = connection.scope["state"]["row"]
    return row


async def _ports(connection: HTTPConnection) -> Ports:
    ports: Ports = connection.app.state.ports
    return ports


CurrentActor = Annotated[Actor, Depends(_actor)]
"Who asks; only on routes that are not public."
Visible = Depends(_row)
"The row that ``needs(…, row=…)`` has loaded: ``agent: Annotated[Record, Visible]``."
CurrentPorts = Annotated[Ports, Depends(_ports)]
