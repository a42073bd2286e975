"""Whole configuration documents, as routes ask for them; ``app`` carries them out."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from msgspec import Struct

from switchroom.api.authority_port import By
from switchroom.api.errors import FieldFault
from switchroom.identity.model import Refused


class Document(Struct, frozen=True):
    """A document as it came."""

    text: str
    is_json: bool
    dry_run: bool
    if_version: str = ""
    "Only if this is what is stored; empty: whatever it is."

    def __repr__(self) -> str:
        return f"Document(is_json={self.is_json}, dry_run={self.dry_run})"  # passwords are in it


class Exported(Struct, frozen=True):
    """All of a customer's configuration."""

    text: str
    "YAML."
    version: str

    def __repr__(self) -> str:
        return f"Exported({self.version})"  # hashes of passwords are in it


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

    def apply(self, by: By, document: Document) -> Applied | NotApplied | Refused:
        """All of it or nothing; calls obey when this returns."""
        ...

    def export(self, by: By) -> Exported | NotApplied:
        """All of it; applying it changes nothing."""
        ...
