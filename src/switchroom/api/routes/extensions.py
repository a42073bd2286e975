"""Extensions: phone accounts that register. Passwords go in and never come out."""

from typing import Annotated

from pydantic import BaseModel, Field

from switchroom.api.configuration.fields import DialClass, Model, Thing, changes_of
from switchroom.api.configuration.router import configuration_router
from switchroom.api.configuration.spec import Action, RoutesSpec, Words
from switchroom.directory.permissions import EXTENSIONS

ExtensionNumber = Annotated[
    str,
    Field(min_length=1, max_length=32, description="Also the user name.", examples=["1001"]),
]
Password = Annotated[
    str,
    Field(
        min_length=8,
        max_length=128,
        description="Only its hashes are stored.",
        examples=["correct horse battery"],
        json_schema_extra={"writeOnly": True},
    ),
]
MaxContacts = Annotated[int, Field(ge=1, le=20, description="Phones that may register at once.")]
Dial = Annotated[
    list[DialClass],
    Field(max_length=4, description="What it may dial while no agent is reached there."),
]


class ExtensionRead(Thing):
    number: ExtensionNumber
    max_contacts: MaxContacts
    dial: Dial


class ExtensionCreate(Model):
    number: ExtensionNumber
    password: Password
    max_contacts: MaxContacts = 5
    dial: Dial = Field(["internal"])


class ExtensionPassword(Model):
    password: Password


class ExtensionFilters(BaseModel):
    number: str | None = Field(None, max_length=32)


router = configuration_router(
    RoutesSpec(
        EXTENSIONS,
        Words("an extension", "extensions", "A phone account that registers."),
        ExtensionRead,
        ExtensionCreate,
        changes_of(ExtensionCreate, "ExtensionUpdate", without=frozenset({"number", "password"})),
        ExtensionFilters,
        sorts={"number": str, "id": str},
        actions=(Action("rotate_secret", ExtensionPassword, "Give an extension another password"),),
    )
)
