"""Restrictions: direct denies, which win over every role."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from switchroom.api.access import CurrentActor, CurrentPorts, Visible, done, needs
from switchroom.api.configuration.answers import as_model
from switchroom.api.configuration.fields import Id, Model
from switchroom.api.moments import Moment
from switchroom.api.paging import List, Paging, listed
from switchroom.api.scopes import (
    WHOLE_CUSTOMER,
    Desk,
    Pattern,
    Reason,
    ScopeKind,
    ScopeModel,
)
from switchroom.directory.listing import Record
from switchroom.identity import permissions

SORTS = {"created_at": float, "id": str}

router = APIRouter(prefix="/v1/restrictions", tags=["restrictions"])


class RestrictionRead(BaseModel):
    id: Id
    customer_id: Id
    agent_id: Id = Field(validation_alias="principal_id")
    pattern: str
    scope_kind: ScopeKind
    client_ids: list[str]
    created_by: str
    reason: str
    created_at: Moment


class RestrictionCreate(Model):
    agent_id: Id
    pattern: Pattern
    scope: ScopeModel = WHOLE_CUSTOMER
    reason: Reason = ""


class RestrictionFilters(BaseModel):
    agent_id: str | None = Field(None, max_length=64, serialization_alias="principal_id")


class RestrictionMade(BaseModel):
    id: Id


@router.get("", summary="List restrictions", response_model=List[RestrictionRead])
@needs(permissions.LIST_RESTRICTIONS)
def list_restrictions(
    paging: Paging,
    filters: Annotated[RestrictionFilters, Query()],
    actor: CurrentActor,
    ports: CurrentPorts,
) -> Any:
    return listed(ports.resources["restrictions"], actor.compiled, paging, filters, SORTS)


@router.get("/{id}", summary="Get a restriction", response_model=RestrictionRead)
@needs(permissions.GET_RESTRICTION, row="restrictions")
async def get_restriction(
    id: Id,  # noqa: ARG001 - in the path
    restriction: Annotated[Record, Visible],
) -> Any:
    return as_model(RestrictionRead, restriction)


@router.post("", summary="Deny somebody something", status_code=201, response_model=RestrictionMade)
@needs(permissions.CREATE_RESTRICTION)
def restrict(body: RestrictionCreate, by: CurrentActor, desk: Desk, response: Response) -> Any:
    """His next request obeys."""
    made = desk.restrict(by, body.agent_id, body.pattern, body.scope.scope(), body.reason)
    id = done(made, permissions.CREATE_RESTRICTION.name)
    response.headers["Location"] = f"/v1/restrictions/{id}"
    return {"id": id}


@router.delete("/{id}", summary="Lift a restriction", status_code=204)
@needs(permissions.DELETE_RESTRICTION, row="restrictions")
def lift_restriction(id: Id, by: CurrentActor, desk: Desk) -> None:
    """To take a deny off somebody is to grant him what it denies."""
    done(desk.lift(by, id), permissions.DELETE_RESTRICTION.name)
