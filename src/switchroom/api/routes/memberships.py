"""Memberships: which agents serve the active customer. Guests are added by the platform."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from switchroom.api.access import CurrentActor, CurrentPorts, Visible, done, needs
from switchroom.api.configuration.answers import as_model
from switchroom.api.configuration.fields import Id, Model, TagIds
from switchroom.api.moments import Moment
from switchroom.api.paging import List, Paging, listed
from switchroom.api.scopes import Desk
from switchroom.directory.listing import Record
from switchroom.identity import permissions

SORTS = {"agent_id": str}

router = APIRouter(prefix="/v1/memberships", tags=["memberships"])


class MembershipRead(BaseModel):
    agent_id: Id
    customer_id: Id
    tag_ids: TagIds
    disabled_at: Moment | None = Field(description="Since when it is paused; null: it is not.")


class MembershipCreate(Model):
    agent_id: Id = Field(description="An agent of another customer.")


class MembershipUpdate(Model):
    disabled: bool


class MembershipFilters(BaseModel):
    agent_id: str | None = Field(None, max_length=64)


@router.get("", summary="List who serves the customer", response_model=List[MembershipRead])
@needs(permissions.LIST_MEMBERSHIPS)
def list_memberships(
    paging: Paging,
    filters: Annotated[MembershipFilters, Query()],
    actor: CurrentActor,
    ports: CurrentPorts,
) -> Any:
    return listed(ports.resources["memberships"], actor.compiled, paging, filters, SORTS)


@router.get("/{id}", summary="Get an agent's membership", response_model=MembershipRead)
@needs(permissions.GET_MEMBERSHIP, row="memberships")
async def get_membership(id: Id, row: Annotated[Record, Visible]) -> Any:  # noqa: ARG001 - in the path
    """`id` is the agent's."""
    return as_model(MembershipRead, row)


@router.post("", summary="Let an agent serve this customer, too", status_code=204)
@needs(permissions.CREATE_MEMBERSHIP)
def add_member(body: MembershipCreate, by: CurrentActor, desk: Desk) -> None:
    """He has no role here until somebody gives him one."""
    made = desk.add_member(by, body.agent_id, by.customer_id)
    done(made, permissions.CREATE_MEMBERSHIP.name)


@router.patch("/{id}", summary="Pause or resume a membership", status_code=204)
@needs(permissions.UPDATE_MEMBERSHIP, row="memberships")
def pause_membership(id: Id, body: MembershipUpdate, by: CurrentActor, desk: Desk) -> None:
    """Who is paused can do nothing here from his next request on."""
    made = desk.pause_membership(by, id, by.customer_id, is_disabled=body.disabled)
    done(made, permissions.UPDATE_MEMBERSHIP.name)


@router.delete("/{id}", summary="End a membership", status_code=204)
@needs(permissions.DELETE_MEMBERSHIP, row="memberships")
def end_membership(id: Id, by: CurrentActor, desk: Desk) -> None:
    made = desk.end_membership(by, id, by.customer_id)
    done(made, permissions.DELETE_MEMBERSHIP.name)
