"""The configuration with what only the database knows: where each password came from."""

from collections.abc import Mapping

from msgspec import Struct, field

from switchroom.directory.model import Configuration


class Origin(Struct, frozen=True):
    """Where the password of an extension or trunk came from."""

    reference: str = ""
    "``env:NAME`` or ``file:/PATH``; empty: only its hash is known."
    check: str = ""
    "Slow hash of a trunk's password; empty for extensions, whose HA1s tell the same."


class Stored(Struct, frozen=True):
    """Trunks have no password here: it is read from its origin when a node loads them."""

    configuration: Configuration = Configuration()
    origins: Mapping[str, Origin] = field(default_factory=dict)
    "By id of the extension or trunk; only of those with a password."

    def origin(self, id: str) -> Origin:
        """Where the password of this extension or trunk came from."""
        return self.origins.get(id, Origin())
