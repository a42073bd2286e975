"""Routes: which trunks carry which numbers."""

from typing import Annotated

from pydantic import BaseModel, Field

from switchroom.api.configuration.fields import Id, Model, Thing, changes_of
from switchroom.api.configuration.router import configuration_router
from switchroom.api.configuration.spec import RoutesSpec, Words
from switchroom.directory.permissions import ROUTES

Prefix = Annotated[
    str,
    Field(
        min_length=1,
        max_length=16,
        description="How the E.164 numbers begin; the longest prefix that fits is used.",
        examples=["+1202"],
    ),
]
TrunkIds = Annotated[
    list[Id], Field(max_length=16, description="Tried in this order.", examples=[["k3v9x2q7b1"]])
]


class RouteRead(Thing):
    prefix: Prefix
    trunk_ids: TrunkIds


class RouteCreate(Model):
    prefix: Prefix
    trunk_ids: TrunkIds


class RouteFilters(BaseModel):
    prefix: str | None = Field(None, max_length=16)


router = configuration_router(
    RoutesSpec(
        ROUTES,
        Words("a route", "routes", "Which trunks, in order, carry numbers with a prefix."),
        RouteRead,
        RouteCreate,
        changes_of(RouteCreate, "RouteUpdate"),
        RouteFilters,
        sorts={"prefix": str, "id": str},
    )
)
