"""Groups: agents and groups that ring together or in turn."""

from typing import Annotated

from pydantic import BaseModel, Field

from switchroom.api.configuration.fields import (
    Id,
    Model,
    Name,
    RingMethod,
    RingTimeout,
    ShortNumber,
    TagIds,
    Thing,
    changes_of,
)
from switchroom.api.configuration.router import configuration_router
from switchroom.api.configuration.spec import RoutesSpec, Words
from switchroom.directory.permissions import GROUPS

MemberIds = Annotated[
    list[Id], Field(max_length=200, description="Ids of agents and groups, in this order.")
]


class GroupRead(Thing):
    name: Name = Field(examples=["sales"])
    member_ids: MemberIds
    number: ShortNumber
    ring_method: RingMethod
    ring_timeout_s: RingTimeout
    tag_ids: TagIds


class GroupCreate(Model):
    name: Name = Field(examples=["sales"])
    member_ids: MemberIds = Field([])
    number: ShortNumber = ""
    ring_method: RingMethod = "ring_all"
    ring_timeout_s: RingTimeout = 30.0
    tag_ids: TagIds = Field([])


class GroupFilters(BaseModel):
    name: str | None = Field(None, max_length=255)
    number: str | None = Field(None, max_length=32)


router = configuration_router(
    RoutesSpec(
        GROUPS,
        Words("a group", "groups", "Agents and other groups that ring together or in turn."),
        GroupRead,
        GroupCreate,
        changes_of(GroupCreate, "GroupUpdate"),
        GroupFilters,
        sorts={"name": str, "number": str, "id": str},
    )
)
