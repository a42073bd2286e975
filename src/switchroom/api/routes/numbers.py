"""Telephone numbers and where they lead."""

from typing import Annotated

from pydantic import BaseModel, Field

from switchroom.api.configuration.fields import Id, Model, TargetModel, Thing, changes_of
from switchroom.api.configuration.router import configuration_router
from switchroom.api.configuration.spec import RoutesSpec, Words
from switchroom.directory.permissions import NUMBERS

E164 = Annotated[
    str,
    Field(
        min_length=1,
        max_length=32,
        description="Unique on the platform; national writing is understood.",
        examples=["+12025550100"],
    ),
]


class NumberRead(Thing):
    e164: E164
    to: TargetModel
    client_id: Id | None
    no_answer: TargetModel | None = Field(description="Where calls go on, once, unanswered.")


class NumberCreate(Model):
    e164: E164
    to: TargetModel
    client_id: Id | None = None
    no_answer: TargetModel | None = None


class NumberFilters(BaseModel):
    e164: str | None = Field(None, max_length=32)
    client_id: str | None = Field(None, max_length=64)


router = configuration_router(
    RoutesSpec(
        NUMBERS,
        Words("a number", "numbers", "A telephone number (DID) and where it leads."),
        NumberRead,
        NumberCreate,
        changes_of(NumberCreate, "NumberUpdate", without=frozenset({"e164"})),
        NumberFilters,
        sorts={"e164": str, "id": str},
        verbs={"create": "buy", "delete": "release"},
    )
)
