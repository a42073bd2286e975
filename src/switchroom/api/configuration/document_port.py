"""Whole configuration documents, as routes ask for them; ``app`` carries them out."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from msgspec import Struct

from switchroom.api.errors import FieldFault
from switchroom.directory.document import ExportedDocument, SentDocument
from switchroom.identity.model import Actor, Refused


class Applied(Struct, frozen=True):
    """The plan, and whether it was carried out."""

    changes: Sequence[Mapping[str, Any]]
    "Each with ``action``, ``kind``, ``name`` and, of an update, ``fields``."
    applied: bool


class NotApplied(Struct, frozen=True):
    """Why nothing of a document was done."""

    code: str
    text: str
    faults: tuple[FieldFault, ...]
    missing: tuple[str, ...] = ()
    "Permissions that the asker would need beside his."
    rule: str = ""
    "Of granting, if one of those refuses."


class Documents(Protocol):
    """Of the asker's active customer, and about nothing else."""

    def apply(self, by: Actor, document: SentDocument) -> Applied | NotApplied | Refused:
        """All of it or nothing; calls obey when this returns."""
        ...

    def export(self, by: Actor) -> ExportedDocument | NotApplied:
        """All of it; applying it changes nothing."""
        ...
