"""Tags: teams, queues, lines of business."""

from pydantic import BaseModel, Field

from switchroom.api.configuration.fields import Model, Name, Text, Thing, changes_of
from switchroom.api.configuration.router import configuration_router
from switchroom.api.configuration.spec import RoutesSpec, Words
from switchroom.directory.permissions import TAGS


class TagRead(Thing):
    name: Name = Field(examples=["sales"])
    text: Text = Field(examples=["Everybody who sells"])


class TagCreate(Model):
    name: Name = Field(examples=["sales"])
    text: Text = ""


class TagFilters(BaseModel):
    name: str | None = Field(None, max_length=255)


router = configuration_router(
    RoutesSpec(
        TAGS,
        Words("a tag", "tags", "Whatever you sort agents and groups by."),
        TagRead,
        TagCreate,
        changes_of(TagCreate, "TagUpdate"),
        TagFilters,
        sorts={"name": str, "id": str},
    )
)
