"""Sessions: who is logged in."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field

from switchroom.api.access import CurrentActor, CurrentPorts, Visible, needs
from switchroom.api.configuration.answers import as_model
from switchroom.api.configuration.fields import Id
from switchroom.api.edge.services import service
from switchroom.api.moments import Moment, now_of
from switchroom.api.paging import List, Paging, listed
from switchroom.directory.listing import Record
from switchroom.identity.permissions import GET_SESSION, LIST_SESSIONS, REVOKE_SESSION
from switchroom.identity.sessions import SessionKeeper

Keeper = Annotated[SessionKeeper, Depends(service(SessionKeeper))]
SORTS = {"created_at": float, "id": str}

router = APIRouter(prefix="/v1/sessions", tags=["sessions"])


class SessionRead(BaseModel):
    id: Id
    customer_id: Id
    agent_id: Id
    created_at: Moment
    last_used_at: Moment
    access_until: Moment
    ends_at: Moment
    mfa_at: Moment | None = Field(description="When the second factor was last shown.")
    is_cookie: bool
    source: str
    user_agent: str
    switched_from: str = Field(description="Home of platform staff who switched here.")
    switch_reason: str
    revoked_at: Moment | None
    revoked_reason: str


class SessionFilters(BaseModel):
    agent_id: str | None = Field(None, max_length=64)
    live: bool | None = Field(None, description="Only those that were not revoked, or only those.")


@router.get("", summary="List sessions", response_model=List[SessionRead])
@needs(LIST_SESSIONS)
def list_sessions(
    paging: Paging,
    filters: Annotated[SessionFilters, Query()],
    actor: CurrentActor,
    ports: CurrentPorts,
) -> Any:
    sessions = ports.resources["sessions"]
    return listed(sessions, actor.compiled, paging, filters, SORTS, "-created_at")


@router.get("/{id}", summary="Get a session", response_model=SessionRead)
@needs(GET_SESSION, row="sessions")
async def get_session(id: Id, session: Annotated[Record, Visible]) -> Any:  # noqa: ARG001 - in the path
    return as_model(SessionRead, session)


@router.post("/{id}/revoke", summary="End a session", status_code=204)
@needs(REVOKE_SESSION, row="sessions")
def revoke_session(id: Id, request: Request, actor: CurrentActor, keeper: Keeper) -> None:
    """Its tokens are worth nothing from now on, and its sockets are closed."""
    keeper.revoke([id], "revoked", now_of(request), by=actor)
