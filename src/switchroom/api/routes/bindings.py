"""Bindings: who holds which role, how far, and until when."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from switchroom.api.access import CurrentActor, CurrentPorts, Visible, done, needs
from switchroom.api.authority_port import Grant
from switchroom.api.configuration.answers import as_model
from switchroom.api.configuration.fields import Id, Model
from switchroom.api.moments import Moment
from switchroom.api.paging import List, Paging, listed
from switchroom.api.scopes import WHOLE_CUSTOMER, Desk, Reason, ScopeKind, ScopeModel
from switchroom.directory.listing import Record
from switchroom.identity import permissions

SORTS = {"created_at": float, "id": str}
MaybeMoment = Annotated[
    float | None, Field(allow_inf_nan=False, description="Unix seconds; null: no limit.")
]

router = APIRouter(prefix="/v1/bindings", tags=["roles"])


class BindingRead(BaseModel):
    id: Id
    customer_id: Id
    agent_id: Id = Field(validation_alias="principal_id")
    role_id: str = Field(description="`builtin:agent`, or a role of yours.")
    scope_kind: ScopeKind
    client_ids: list[str]
    not_before: MaybeMoment
    expires_at: MaybeMoment
    granted_by: str
    reason: str
    created_at: Moment


class BindingCreate(Model):
    agent_id: Id
    role_id: str = Field(min_length=1, max_length=80, examples=["builtin:agent"])
    scope: ScopeModel = WHOLE_CUSTOMER
    not_before: MaybeMoment = None
    expires_at: MaybeMoment = None
    reason: Reason = ""


class BindingFilters(BaseModel):
    agent_id: str | None = Field(None, max_length=64, serialization_alias="principal_id")
    role_id: str | None = Field(None, max_length=80)


class BindingMade(BaseModel):
    id: Id


@router.get("", summary="List who holds which role", response_model=List[BindingRead])
@needs(permissions.LIST_ROLES)
def list_bindings(
    paging: Paging,
    filters: Annotated[BindingFilters, Query()],
    actor: CurrentActor,
    ports: CurrentPorts,
) -> Any:
    return listed(ports.resources["bindings"], actor.compiled, paging, filters, SORTS)


@router.get("/{id}", summary="Get a binding", response_model=BindingRead)
@needs(permissions.GET_ROLE, row="bindings")
async def get_binding(id: Id, binding: Annotated[Record, Visible]) -> Any:  # noqa: ARG001 - in the path
    return as_model(BindingRead, binding)


@router.post("", summary="Give somebody a role", status_code=201, response_model=BindingMade)
@needs(permissions.BIND_ROLE)
def bind_role(body: BindingCreate, by: CurrentActor, desk: Desk, response: Response) -> Any:
    """He has it with his next request. You can give what you hold yourself, as far as you do."""
    wish = Grant(
        body.agent_id,
        body.role_id,
        body.scope.scope(),
        body.not_before,
        body.expires_at,
        body.reason,
    )
    id = done(desk.bind(by, wish), permissions.BIND_ROLE.name)
    response.headers["Location"] = f"/v1/bindings/{id}"
    return {"id": id}


@router.delete("/{id}", summary="Take a role from somebody", status_code=204)
@needs(permissions.UNBIND_ROLE, row="bindings")
def unbind_role(id: Id, by: CurrentActor, desk: Desk) -> None:
    done(desk.unbind(by, id), permissions.UNBIND_ROLE.name)
