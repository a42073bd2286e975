"""The configuration with what only the database knows: whence passwords are, who may do what."""

from collections.abc import Mapping

from msgspec import Struct, field

from switchroom.directory.model import Configuration
from switchroom.foundation.events import UtcSeconds
from switchroom.permissions.model import Role, Scope


class Origin(Struct, frozen=True):
    """Where the password of an extension, trunk or agent came from."""

    reference: str = ""
    "``env:NAME`` or ``file:/PATH``; empty: only its hash is known."
    check: str = ""
    "Slow hash of the password: an agent's as stored; empty for extensions, which have HA1s."


class HeldRole(Struct, frozen=True):
    """A role as it is bound to an agent."""

    role_id: str
    "``builtin:agent``, or the id of one of the customer's own."
    scope: Scope = Scope("customer")
    not_before: UtcSeconds | None = None
    expires_at: UtcSeconds | None = None


class HeldRestriction(Struct, frozen=True):
    """A direct deny of an agent."""

    pattern: str
    scope: Scope = Scope("customer")


class Held(Struct, frozen=True):
    """What an agent holds in the customer he belongs to."""

    roles: frozenset[HeldRole] = frozenset()
    restrictions: frozenset[HeldRestriction] = frozenset()


class Stored(Struct, frozen=True):
    """Trunks have no password here: it is read from its origin when a node loads them."""

    configuration: Configuration = Configuration()
    origins: Mapping[str, Origin] = field(default_factory=dict)
    "By id of the extension, trunk or agent; only of those with a password."
    roles: tuple[Role, ...] = ()
    "The customers' own, ordered by name."
    held: Mapping[str, Held] = field(default_factory=dict)
    "By agent id; only of agents who hold something."

    def origin(self, id: str) -> Origin:
        """Where the password of this extension, trunk or agent came from."""
        return self.origins.get(id, Origin())

    def held_by(self, agent_id: str) -> Held:
        """What this agent holds."""
        return self.held.get(agent_id, Held())
