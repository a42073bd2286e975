"""What comes of a wish to change one thing of the configuration."""

from collections.abc import Mapping
from typing import Any, TypeAlias

from msgspec import Struct

from switchroom.directory.listing import Record
from switchroom.directory.problem import Problem
from switchroom.permissions.declare import Permission
from switchroom.permissions.grant import Refusal


class Wish(Struct, frozen=True):
    """What somebody wants changed, with the permission that he was found to have."""

    permission: Permission
    action: str
    "``create``, ``update``, ``delete``, or a verb of its own; a number is *bought* to be created."
    id: str = ""
    "Of the thing; empty: a new one."
    values: Mapping[str, Any] = {}
    "Fields to set, by the names of ``directory/model.py``."
    if_version: str = ""
    "Only if the thing is still this version; empty: whatever it is."
    reason: str = ""


class Changed(Struct, frozen=True):
    """It is done. Of a deletion ``record`` is what was deleted."""

    record: Record


class Missing(Struct, frozen=True):
    """There is no such thing, or the asker may not see it."""


class Outdated(Struct, frozen=True):
    """Somebody else has changed it since: ``version`` is the one it has now."""

    version: str


class Faulty(Struct, frozen=True):
    """The configuration would not be usable afterwards."""

    problems: tuple[Problem, ...]
    "``id`` is empty for faults of the thing itself, else that of another thing."


class StillUsed(Struct, frozen=True):
    """It cannot go while something else refers to it."""

    by: str
    "Kinds of things; which ones may not be for the asker to know."


class OutOfReach(Struct, frozen=True):
    """The asker may do this, but not to a thing such as this one would be."""


class Escalating(Struct, frozen=True):
    """It would give or take authority that is not the asker's."""

    refusal: Refusal


Outcome: TypeAlias = Changed | Missing | Outdated | Faulty | StillUsed | OutOfReach | Escalating
