"""What a customer's part of a file says of permissions: roles, who holds them, log-in passwords."""

from collections.abc import Iterator, Mapping

from switchroom.permissions.catalog import UnknownPatternError
from switchroom.permissions.declare import FixedScope
from switchroom.permissions.model import Effect, Role, Scope, Statement
from switchroom.store.apply.document import (
    AgentPart,
    CustomerPart,
    HeldRolePart,
    RestrictionPart,
    RolePart,
)
from switchroom.store.apply.fault import Location
from switchroom.store.apply.workspace import Workspace
from switchroom.store.stored import Held, HeldRestriction, HeldRole

MOST_STATEMENTS = 500
"Of one role."
MOST_HELD = 32
"Roles of one agent; restrictions likewise."
NEW_AGENT = frozenset({HeldRole("builtin:agent")})
"What an agent holds who is new and of whose roles the file says nothing."

_FIXED: Mapping[str, FixedScope] = {"own": "own", "team": "team"}


class AccessBuilder:
    """Roles and what agents hold, of one customer of a file."""

    def __init__(self, workspace: Workspace, customer_id: str, at: Location) -> None:
        self._workspace = workspace
        self._access = workspace.means.access
        self._customer_id = customer_id
        self._at = at
        self._ids = {role.name: id for id, role in self._access.builtin.items()}
        "By name, of every role that can be held."
        self._clients: Mapping[str, str] = {}

    def roles(self, part: CustomerPart) -> tuple[Role, ...]:
        """The customer's own roles; before ``held``, which refers to them."""
        return tuple(self._role(index, one) for index, one in enumerate(part.roles))

    def held(
        self, part: AgentPart, place: Location, clients: Mapping[str, str], before: Held | None
    ) -> Held:
        """What the agent holds. Of what the file does not say stays what there was ``before``."""
        self._clients = clients
        known = Held(roles=NEW_AGENT) if before is None else before
        roles, restrictions = known.roles, known.restrictions
        if part.roles is None:
            self._still_there(roles, place)
        else:
            self._at_most((*place, "roles"), len(part.roles), MOST_HELD)
            roles = frozenset(
                self._held_role(one, (*place, "roles", index))
                for index, one in enumerate(part.roles)
            )
        if part.restrictions is not None:
            self._at_most((*place, "restrictions"), len(part.restrictions), MOST_HELD)
            restrictions = frozenset(
                self._restriction(one, (*place, "restrictions", index))
                for index, one in enumerate(part.restrictions)
            )
        return Held(roles, restrictions)

    def _role(self, index: int, part: RolePart) -> Role:
        place: Location = (*self._at, "roles", index)
        id = self._workspace.claim(("role", self._customer_id, part.name), place)
        if part.name in self._ids:
            kind = "built in" if self._ids[part.name] in self._access.builtin else "given twice"
            self._workspace.fault((*place, "name"), f"the role {part.name} is {kind}")
        else:
            self._ids[part.name] = id
        self._at_most(place, len(part.allow) + len(part.deny), MOST_STATEMENTS)
        statements = (
            *self._statements("allow", part.allow, place),
            *self._statements("deny", part.deny, place),
        )
        return Role(id, part.name, tuple(statements), self._customer_id, part.text)

    def _statements(
        self, effect: Effect, written: tuple[str, ...], place: Location
    ) -> Iterator[Statement]:
        for index, text in enumerate(written):
            at: Location = (*place, effect, index)
            pattern, mark, scope = text.partition("@")
            if mark and scope not in _FIXED:
                self._workspace.fault(at, "after @ comes own or team")
            self._check(pattern, effect, at)
            yield Statement(effect, pattern, _FIXED.get(scope))

    def _check(self, pattern: str, effect: Effect, place: Location) -> None:
        catalog = self._access.catalog
        try:
            catalog.expand(pattern) if effect == "allow" else catalog.expand_deny(pattern)
        except UnknownPatternError as unknown:
            self._workspace.fault(place, str(unknown))

    def _held_role(self, part: HeldRolePart, place: Location) -> HeldRole:
        id = self._workspace.find("role", part.role, self._ids, (*place, "role"))
        begins, ends = part.not_before, part.expires_at
        if begins is not None and ends is not None and ends <= begins:
            self._workspace.fault((*place, "expires_at"), "is not after not_before")
        return HeldRole(
            id,
            self._scope(part, place),
            None if begins is None else begins.timestamp(),
            None if ends is None else ends.timestamp(),
        )

    def _restriction(self, part: RestrictionPart, place: Location) -> HeldRestriction:
        self._check(part.pattern, "deny", (*place, "pattern"))
        return HeldRestriction(part.pattern, self._scope(part, place))

    def _scope(self, part: HeldRolePart | RestrictionPart, place: Location) -> Scope:
        if not part.clients:
            return Scope(part.scope)
        if part.scope != "customer":
            self._workspace.fault((*place, "scope"), "is not given together with clients")
        ids = {
            self._workspace.find("client", name, self._clients, (*place, "clients", index))
            for index, name in enumerate(part.clients)
        }
        return Scope("clients", frozenset(ids))

    def _still_there(self, roles: frozenset[HeldRole], place: Location) -> None:
        known = set(self._ids.values())
        for role in roles:
            if role.role_id not in known:
                text = "holds a role that this file does not have; say which roles are left"
                self._workspace.fault((*place, "roles"), text)

    def _at_most(self, place: Location, count: int, most: int) -> None:
        if count > most:
            self._workspace.fault(place, f"has {count} entries; {most} are the most")
