"""Whole configurations of a customer as texts: as they come, and as they are written out."""

from msgspec import Struct


class SentDocument(Struct, frozen=True):
    """A document as it came."""

    text: str
    is_json: bool = False
    dry_run: bool = False
    if_version: str = ""
    "Only if this is what is stored; empty: whatever it is."

    def __repr__(self) -> str:
        # Passwords are in its text.
        return f"SentDocument(is_json={self.is_json}, dry_run={self.dry_run})"


class ExportedDocument(Struct, frozen=True):
    """All of a customer's configuration."""

    text: str
    "YAML."
    version: str

    def __repr__(self) -> str:
        # Hashes of passwords are in its text.
        return f"ExportedDocument({self.version})"
