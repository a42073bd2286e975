"""Changes of who may do what, as routes ask for them; ``app`` carries them out."""

from collections.abc import Mapping
from typing import Any, Protocol, TypeAlias

from msgspec import Struct

from switchroom.foundation.events import UtcSeconds
from switchroom.identity.model import Actor, AuthSettings, Refused
from switchroom.permissions.dry_run import Difference
from switchroom.permissions.explain import Decision
from switchroom.permissions.grant import Refusal
from switchroom.permissions.model import Role, Scope

Done: TypeAlias = str | Refused | Refusal
"The id of what was changed, or why nothing was."


class Grant(Struct, frozen=True):
    """A role that somebody is to hold."""

    agent_id: str
    role_id: str
    scope: Scope
    not_before: UtcSeconds | None = None
    expires_at: UtcSeconds | None = None
    reason: str = ""


class AuthorityDesk(Protocol):
    """Every change happens whole or not at all, and counts from the next request on."""

    def bind(self, by: Actor, wish: Grant) -> Done: ...

    def unbind(self, by: Actor, binding_id: str) -> Done: ...

    def restrict(
        self, by: Actor, agent_id: str, pattern: str, scope: Scope, reason: str
    ) -> Done: ...

    def lift(self, by: Actor, restriction_id: str) -> Done: ...

    def create_role(self, by: Actor, role: Role) -> Done: ...

    def edit_role(self, by: Actor, role: Role, if_version: str) -> Done:
        """``role.id`` is the one to be changed, if it is still this version; empty: any."""
        ...

    def delete_role(self, by: Actor, role_id: str, if_version: str) -> Done: ...

    def set_tags(self, by: Actor, agent_id: str, tag_ids: tuple[str, ...]) -> Done: ...

    def add_member(self, by: Actor, agent_id: str, customer_id: str) -> Done: ...

    def end_membership(self, by: Actor, agent_id: str, customer_id: str) -> Done: ...

    def pause_membership(
        self, by: Actor, agent_id: str, customer_id: str, *, is_disabled: bool
    ) -> Done: ...

    def disable_account(self, by: Actor, agent_id: str, *, is_disabled: bool) -> Done: ...

    def freeze(self, by: Actor, customer_id: str, reason: str) -> Done: ...

    def recover(self, by: Actor, customer_id: str, reason: str) -> Done: ...

    def set_plan(self, by: Actor, customer_id: str, patterns: tuple[str, ...]) -> Done: ...


class AuthorityReader(Protocol):
    """What is asked about authority; slow, for people."""

    def builtin_roles(self) -> tuple[Role, ...]: ...

    def role(self, customer_id: str, role_id: str) -> Role | None: ...

    def explain(self, customer_id: str, agent_id: str, permission: str) -> Decision | None:
        """``None``: nobody of this id serves the customer."""
        ...

    def who_can(self, customer_id: str, permission: str) -> tuple[tuple[str, Decision], ...]:
        """Of those who serve the customer, by agent id."""
        ...

    def matrix(self, customer_id: str, agent_id: str) -> dict[str, str] | None:
        """How far each permission is held, in words; what is not held is left out."""
        ...

    def dry_run(
        self, customer_id: str, agent_id: str, role_id: str, scope: Scope
    ) -> tuple[Difference, ...] | None:
        """What would change if the agent held this role, too."""
        ...

    def auth_settings(self, customer_id: str) -> AuthSettings: ...

    def edit_auth_settings(
        self, by: Actor, said: Mapping[str, Any], if_version: str
    ) -> AuthSettings | Refused:
        """What is left out of ``said`` stays; networks must have the asker's own address."""
        ...
