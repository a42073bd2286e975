"""Access keys: how programs come in, with a part of what their owner may do."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, Field

from switchroom.api.access import CurrentActor, CurrentPorts, Visible, done, needs, require
from switchroom.api.configuration.answers import IfMatch, etag, if_match, shown
from switchroom.api.configuration.fields import Id, Model, Name
from switchroom.api.edge.services import service
from switchroom.api.moments import Moment, now_of
from switchroom.api.paging import List, Paging, listed
from switchroom.directory.listing import Record
from switchroom.identity import permissions
from switchroom.identity.keys import KeyChange, KeyMade, KeyRing, KeyWish, key_version
from switchroom.identity.model import AccessKey
from switchroom.permissions.model import Row

Keys = Annotated[KeyRing, Depends(service(KeyRing))]
Ceiling = Annotated[
    list[Annotated[str, Field(max_length=128)]],
    Field(
        min_length=1,
        max_length=64,
        description="Patterns of permissions: the most that it may ever do.",
        examples=[["calls:read", "calls:create"]],
    ),
]
Networks = Annotated[
    list[Annotated[str, Field(max_length=43)]],
    Field(max_length=32, description="From where it is taken (CIDR); empty: from anywhere."),
]
Days = Annotated[int, Field(ge=1, le=365, description="Days until it ends.")]
SORTS = {"name": str, "created_at": float, "id": str}

router = APIRouter(prefix="/v1/accesskeys", tags=["accesskeys"])


class KeyRead(BaseModel):
    id: Id
    customer_id: Id
    owner_id: Id
    name: str
    prefix: str = Field(description="How the key begins, to tell keys apart.")
    ceiling: list[str]
    networks: list[str]
    created_at: Moment
    expires_at: Moment
    last_used_at: Moment | None
    revoked_at: Moment | None
    previous_until: Moment | None = Field(description="The key before is taken until then.")


class KeyShown(KeyRead):
    key: str = Field(description="Shown this once and stored nowhere.", examples=["sr_k_…"])


class KeyCreate(Model):
    name: Name = Field(examples=["wallboard"])
    ceiling: Ceiling
    days: Days = 90
    networks: Networks = Field([])
    owner_id: str = Field("", max_length=64, description="Agent; empty: you.")


class KeyUpdate(Model):
    """A key can only become narrower."""

    name: Name | None = None
    ceiling: Ceiling | None = None
    networks: Networks | None = None


class KeyRotate(Model):
    days: Days = 90


_USUAL_ROTATION = KeyRotate()


class KeyFilters(BaseModel):
    owner_id: str | None = Field(None, max_length=64)
    name: str | None = Field(None, max_length=255)


@router.get("", summary="List access keys", response_model=List[KeyRead])
@needs(permissions.LIST_ACCESSKEYS)
def list_accesskeys(
    paging: Paging,
    filters: Annotated[KeyFilters, Query()],
    actor: CurrentActor,
    ports: CurrentPorts,
) -> Any:
    return listed(ports.resources["accesskeys"], actor.compiled, paging, filters, SORTS)


@router.post("", summary="Issue an access key", status_code=201, response_model=KeyShown)
@needs(permissions.CREATE_ACCESSKEY, keeps_answer=False)
def create_accesskey(
    body: KeyCreate, request: Request, actor: CurrentActor, keys: Keys, response: Response
) -> Any:
    """Its ceiling is within what its owner holds, and within the key that you ask with."""
    owner_id = body.owner_id or actor.principal_id
    row = Row(actor.customer_id, frozenset({owner_id}))
    require(request, permissions.CREATE_ACCESSKEY, row)
    wish = KeyWish(body.name, tuple(body.ceiling), body.days, tuple(body.networks), owner_id)
    outcome = keys.create(actor, wish, now_of(request))
    made: KeyMade = done(outcome, permissions.CREATE_ACCESSKEY.name)
    response.headers["Location"] = f"/v1/accesskeys/{made.key.id}"
    return _key(made.key, response) | {"key": made.text}


@router.get("/{id}", summary="Get an access key", response_model=KeyRead)
@needs(permissions.GET_ACCESSKEY, row="accesskeys")
async def get_accesskey(id: Id, key: Annotated[Record, Visible], response: Response) -> Any:  # noqa: ARG001 - in the path
    return shown(KeyRead, key, response)


@router.patch("/{id}", summary="Rename or narrow an access key", response_model=KeyRead)
@needs(permissions.UPDATE_ACCESSKEY, row="accesskeys")
def update_accesskey(  # noqa: PLR0913, PLR0917 - each is given by FastAPI
    id: Id,
    body: KeyUpdate,
    request: Request,
    actor: CurrentActor,
    keys: Keys,
    response: Response,
    version: IfMatch = None,
) -> Any:
    change = KeyChange(
        body.name,
        None if body.ceiling is None else tuple(body.ceiling),
        None if body.networks is None else tuple(body.networks),
        if_match(version),
    )
    outcome = keys.update(actor, id, change, now_of(request))
    key: AccessKey = done(outcome, permissions.UPDATE_ACCESSKEY.name)
    return _key(key, response)


@router.post("/{id}/rotate", summary="Give an access key a new secret", response_model=KeyShown)
@needs(permissions.ROTATE_ACCESSKEY, row="accesskeys", keeps_answer=False)
def rotate_accesskey(
    id: Id,
    request: Request,
    actor: CurrentActor,
    keys: Keys,
    response: Response,
    body: KeyRotate = _USUAL_ROTATION,
) -> Any:
    """The old one is taken for another day."""
    outcome = keys.rotate(actor, id, body.days, now_of(request))
    made: KeyMade = done(outcome, permissions.ROTATE_ACCESSKEY.name)
    return _key(made.key, response) | {"key": made.text}


@router.post("/{id}/revoke", summary="End an access key at once", response_model=KeyRead)
@needs(permissions.REVOKE_ACCESSKEY, row="accesskeys")
def revoke_accesskey(
    id: Id, request: Request, actor: CurrentActor, keys: Keys, response: Response
) -> Any:
    outcome = keys.revoke(actor, id, now_of(request))
    key: AccessKey = done(outcome, permissions.REVOKE_ACCESSKEY.name)
    return _key(key, response)


@router.delete("/{id}", summary="End an access key and forget it", status_code=204)
@needs(permissions.DELETE_ACCESSKEY, row="accesskeys")
def delete_accesskey(
    id: Id, request: Request, actor: CurrentActor, keys: Keys, version: IfMatch = None
) -> None:
    outcome = keys.delete(actor, id, now_of(request), if_version=if_match(version))
    done(outcome, permissions.DELETE_ACCESSKEY.name)


def _key(key: AccessKey, response: Response) -> dict[str, Any]:
    response.headers["ETag"] = etag(key_version(key))
    return {name: getattr(key, name) for name in KeyRead.model_fields}
