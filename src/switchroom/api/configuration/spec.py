"""What one kind of configuration says about its routes: its models, its texts, its permissions."""

from collections.abc import Mapping

from msgspec import Struct
from pydantic import BaseModel

from switchroom.permissions.declare import Permission, Resource


class Words(Struct, frozen=True):
    """What people call it."""

    one: str
    "``an agent``: as in *Create an agent*."
    many: str
    "``agents``."
    text: str
    "What it is, for the head of its chapter in the documents."

    @property
    def name(self) -> str:
        """``agent``, for the names of its operations."""
        return self.one.partition(" ")[2].replace(" ", "_")


class Action(Struct, frozen=True):
    """A further verb on one thing: ``POST /v1/extensions/{id}/rotate_secret``."""

    verb: str
    body: type[BaseModel]
    summary: str


class RoutesSpec(Struct, frozen=True):
    """The routes of one kind of thing. ``None`` for a model: there is no such operation."""

    resource: Resource
    words: Words
    read: type[BaseModel]
    create: type[BaseModel] | None
    update: type[BaseModel] | None
    filters: type[BaseModel]
    "Query parameters whose names are fields of the thing."
    sorts: Mapping[str, type]
    "Fields to sort by with their types; the first is the usual one."
    actions: tuple[Action, ...] = ()
    verbs: Mapping[str, str] = {}
    "Where a permission's verb is not that of the action: a number is created by ``buy``."

    @property
    def noun(self) -> str:
        """``agents``, as in the path and in the permissions."""
        return self.resource.name

    def permission(self, action: str) -> Permission:
        """The permission for an action.

        Raises:
            LookupError: The resource has no such permission.
        """
        verb = self.verbs.get(action, action)
        for one in self.resource.permissions:
            if one.verb == verb:
                return one
        raise LookupError(f"{self.noun} has no permission {verb}")
