"""Roles: named lists of statements. Built-in ones are the same for everybody."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from msgspec.structs import replace
from pydantic import BaseModel, Field

from switchroom.api.access import CurrentActor, CurrentPorts, Visible, done, needs
from switchroom.api.configuration.answers import IfMatch, etag, if_match, shown
from switchroom.api.configuration.fields import Id, Model, Name, Text
from switchroom.api.errors import not_found
from switchroom.api.paging import List, Paging, listed
from switchroom.api.scopes import Desk, Reader, RoleRead, StatementModel, role_shown
from switchroom.directory.listing import Record
from switchroom.foundation.versions import version_of
from switchroom.identity import permissions
from switchroom.permissions.model import Role

SORTS = {"name": str, "id": str}
Statements = Annotated[list[StatementModel], Field(min_length=1, max_length=200)]

router = APIRouter(prefix="/v1/roles", tags=["roles"])


class RoleCreate(Model):
    name: Name = Field(examples=["no hang-up"])
    text: Text = ""
    statements: Statements


class RoleFilters(BaseModel):
    name: str | None = Field(None, max_length=255)


class RoleUpdate(Model):
    """What is left out stays as it is."""

    name: Name | None = None
    text: Text | None = None
    statements: Statements | None = None


@router.get("", summary="List your customer's own roles", response_model=List[RoleRead])
@needs(permissions.LIST_ROLES)
def list_roles(
    paging: Paging,
    filters: Annotated[RoleFilters, Query()],
    actor: CurrentActor,
    ports: CurrentPorts,
) -> Any:
    return listed(ports.resources["roles"], actor.compiled, paging, filters, SORTS)


@router.get("/builtin", summary="List the built-in roles", response_model=list[RoleRead])
@needs(permissions.LIST_ROLES)
def list_builtin_roles(reader: Reader) -> Any:
    """They never change; copy one to make your own."""
    return [role_shown(role) for role in reader.builtin_roles()]


@router.get("/{id}", summary="Get a role of your customer", response_model=RoleRead)
@needs(permissions.GET_ROLE, row="roles")
async def get_role(id: Id, role: Annotated[Record, Visible], response: Response) -> Any:  # noqa: ARG001 - in the path
    return shown(RoleRead, role, response)


@router.post("", summary="Create a role", status_code=201, response_model=RoleRead)
@needs(permissions.CREATE_ROLE)
def create_role(
    body: RoleCreate, by: CurrentActor, desk: Desk, reader: Reader, response: Response
) -> Any:
    """It allows nothing that you do not hold yourself."""
    statements = tuple(one.statement() for one in body.statements)
    wish = Role("", body.name, statements, by.customer_id, body.text)
    id = done(desk.create_role(by, wish), permissions.CREATE_ROLE.name)
    response.headers["Location"] = f"/v1/roles/{id}"
    return _shown(reader, by.customer_id, id, response)


@router.patch("/{id}", summary="Change a role for all who hold it", response_model=RoleRead)
@needs(permissions.UPDATE_ROLE, row="roles")
def update_role(  # noqa: PLR0913, PLR0917 - each is given by FastAPI
    id: Id,
    body: RoleUpdate,
    by: CurrentActor,
    desk: Desk,
    reader: Reader,
    response: Response,
    version: IfMatch = None,
) -> Any:
    customer_id = by.customer_id
    known = reader.role(customer_id, id)
    if known is None:
        raise not_found()
    wish = replace(
        known,
        name=known.name if body.name is None else body.name,
        text=known.text if body.text is None else body.text,
        statements=known.statements
        if body.statements is None
        else tuple(one.statement() for one in body.statements),
    )
    done(desk.edit_role(by, wish, if_match(version)), permissions.UPDATE_ROLE.name)
    return _shown(reader, customer_id, id, response)


@router.delete("/{id}", summary="Delete a role, from all who hold it", status_code=204)
@needs(permissions.DELETE_ROLE, row="roles")
def delete_role(id: Id, by: CurrentActor, desk: Desk, version: IfMatch = None) -> None:
    done(desk.delete_role(by, id, if_match(version)), permissions.DELETE_ROLE.name)


def _shown(reader: Reader, customer_id: str, id: str, response: Response) -> dict[str, object]:
    role = reader.role(customer_id, id)
    if role is None:
        raise not_found()
    response.headers["ETag"] = etag(version_of(role))
    return role_shown(role)
