"""Who may do what: changed by the one writer of authority, and explained."""

from collections.abc import Callable, Mapping
from typing import Any

from msgspec.structs import replace
from sqlalchemy import Connection, Engine, select

from switchroom.api.authority_port import Done, Grant
from switchroom.foundation.events import UtcSeconds
from switchroom.foundation.ids import Ids
from switchroom.foundation.versions import version_of
from switchroom.identity.model import OUTDATED, Actor, AuditNote, AuthSettings, Refused
from switchroom.identity.rules.networks import is_from
from switchroom.permissions.catalog import Catalog, bits
from switchroom.permissions.compile import compile_authority
from switchroom.permissions.dry_run import Difference, dry_run, extent
from switchroom.permissions.explain import Decision, explain, who_can
from switchroom.permissions.model import Authority, Binding, Restriction, Role, Scope
from switchroom.store import authority_writer as writer
from switchroom.store.auth_settings import read_settings, write_settings
from switchroom.store.authority import load_authorities, load_authority, read_role
from switchroom.store.database import hold, writing
from switchroom.store.notes import append_notes
from switchroom.store.tables import metadata

_AGENTS = metadata.tables["agents"]
_MEMBERSHIPS = metadata.tables["memberships"]
ASKED_AT_ONCE = 5000
"Members of a customer that ``who_can`` looks at."


class Authorities:
    """``api.authority_port.AuthorityDesk`` and ``AuthorityReader`` over the database."""

    def __init__(
        self,
        engine: Engine,
        catalog: Catalog,
        builtin: Mapping[str, Role],
        ids: Ids,
        utc: Callable[[], UtcSeconds],
        tell_node: Callable[[], None],
    ) -> None:
        self._engine = engine
        self._catalog = catalog
        self._builtin = builtin
        self._ids = ids
        self._utc = utc
        self._tell_node = tell_node

    def bind(self, by: Actor, wish: Grant) -> Done:
        named = writer.BindingWish(
            wish.agent_id, wish.role_id, wish.scope, wish.not_before, wish.expires_at, wish.reason
        )
        return self._changed(by, lambda change: writer.bind(change, named))

    def unbind(self, by: Actor, binding_id: str) -> Done:
        return self._changed(by, lambda change: writer.unbind(change, binding_id))

    def restrict(self, by: Actor, agent_id: str, pattern: str, scope: Scope, reason: str) -> Done:
        wish = Restriction("", pattern, scope)
        return self._changed(by, lambda change: writer.restrict(change, agent_id, wish, reason))

    def lift(self, by: Actor, restriction_id: str) -> Done:
        return self._changed(by, lambda change: writer.lift(change, restriction_id))

    def create_role(self, by: Actor, role: Role) -> Done:
        return self._changed(by, lambda change: writer.create_role(change, role))

    def edit_role(self, by: Actor, role: Role, if_version: str) -> Done:
        return self._changed(
            by, lambda change: writer.edit_role(change, role, if_version=if_version)
        )

    def delete_role(self, by: Actor, role_id: str, if_version: str) -> Done:
        return self._changed(
            by, lambda change: writer.delete_role(change, role_id, if_version=if_version)
        )

    def set_tags(self, by: Actor, agent_id: str, tag_ids: tuple[str, ...]) -> Done:
        return self._changed(by, lambda change: writer.set_tags(change, agent_id, tag_ids))

    def add_member(self, by: Actor, agent_id: str, customer_id: str) -> Done:
        return self._changed(by, lambda change: writer.add_member(change, agent_id), customer_id)

    def end_membership(self, by: Actor, agent_id: str, customer_id: str) -> Done:
        return self._changed(
            by, lambda change: writer.end_membership(change, agent_id), customer_id
        )

    def pause_membership(
        self, by: Actor, agent_id: str, customer_id: str, *, is_disabled: bool
    ) -> Done:
        def pause(change: writer.Change) -> Done:
            return writer.set_membership_disabled(change, agent_id, is_disabled=is_disabled)

        return self._changed(by, pause, customer_id)

    def disable_account(self, by: Actor, agent_id: str, *, is_disabled: bool) -> Done:
        def disable(change: writer.Change) -> Done:
            return writer.set_account_disabled(change, agent_id, is_disabled=is_disabled)

        return self._changed(by, disable)

    def freeze(self, by: Actor, customer_id: str, reason: str) -> Done:
        return self._changed(by, lambda change: writer.freeze(change, reason), customer_id)

    def recover(self, by: Actor, customer_id: str, reason: str) -> Done:
        return self._changed(by, lambda change: writer.recover(change, reason), customer_id)

    def set_plan(self, by: Actor, customer_id: str, patterns: tuple[str, ...]) -> Done:
        return self._changed(by, lambda change: writer.set_plan(change, patterns), customer_id)

    def builtin_roles(self) -> tuple[Role, ...]:
        return tuple(self._builtin.values())

    def role(self, customer_id: str, role_id: str) -> Role | None:
        built_in = self._builtin.get(role_id)
        if built_in is not None:
            return built_in
        with self._engine.connect() as connection:
            return read_role(connection, customer_id, role_id)

    def explain(self, customer_id: str, agent_id: str, permission: str) -> Decision | None:
        """Why an agent may or may not, and which roles would help."""
        authority = self._authority(customer_id, agent_id)
        if authority is None:
            return None
        roles = self.builtin_roles()
        return explain(authority, self._catalog, permission, None, self._utc(), roles)

    def who_can(self, customer_id: str, permission: str) -> tuple[tuple[str, Decision], ...]:
        """Everybody who serves the customer and may."""
        query = select(_MEMBERSHIPS.c.agent_id).where(_MEMBERSHIPS.c.customer_id == customer_id)
        with self._engine.connect() as connection:
            ids = connection.scalars(query.limit(ASKED_AT_ONCE)).all()
            found = load_authorities(connection, ids, customer_id, builtin=self._builtin)
        return who_can(found.values(), self._catalog, permission, None, self._utc())

    def matrix(self, customer_id: str, agent_id: str) -> dict[str, str] | None:
        """How far each permission is held."""
        authority = self._authority(customer_id, agent_id)
        if authority is None:
            return None
        compiled = compile_authority(authority, self._catalog, self._utc())
        return {self._catalog.names(bit)[0]: extent(compiled, bit) for bit in bits(compiled.held)}

    def dry_run(
        self, customer_id: str, agent_id: str, role_id: str, scope: Scope
    ) -> tuple[Difference, ...] | None:
        """What would change if the agent held this role, too."""
        before, role = self._authority(customer_id, agent_id), self.role(customer_id, role_id)
        if before is None or role is None:
            return None
        after = replace(before, bindings=(*before.bindings, Binding("", role, scope)))
        return dry_run(before, after, self._catalog, self._utc())

    def auth_settings(self, customer_id: str) -> AuthSettings:
        with self._engine.connect() as connection:
            return read_settings(connection, customer_id)

    def edit_auth_settings(
        self, by: Actor, said: Mapping[str, Any], if_version: str
    ) -> AuthSettings | Refused:
        """What the active customer asks of log-ins from now on."""
        with writing(self._engine) as connection:
            hold(connection, f"auth_settings:{by.customer_id}")
            before = read_settings(connection, by.customer_id)
            if if_version not in ("", version_of(before)):
                return OUTDATED
            settings = replace(before, **said)
            if "networks" in said and _is_shut_out(connection, by, settings):
                return _shut_out(by)
            write_settings(connection, by.customer_id, settings)
            append_notes(
                connection,
                AuditNote(
                    at=self._utc(),
                    action="auth_settings:update",
                    decision="done",
                    customer_id=by.customer_id,
                    resource="auth_settings",
                    before=before,
                    after=settings,
                ).by(by),
            )
        return settings

    def _authority(self, customer_id: str, agent_id: str) -> Authority | None:
        member = (_MEMBERSHIPS.c.agent_id == agent_id) & (_MEMBERSHIPS.c.customer_id == customer_id)
        with self._engine.connect() as connection:
            if connection.scalar(select(_MEMBERSHIPS.c.agent_id).where(member)) is None:
                return None
            return load_authority(connection, agent_id, customer_id, builtin=self._builtin)

    def _changed(
        self, by: Actor, do: Callable[[writer.Change], Done], customer_id: str = ""
    ) -> Done:
        with writing(self._engine) as connection:
            change = writer.Change(
                connection,
                self._catalog,
                self._builtin,
                self._ids,
                customer_id or by.customer_id,
                self._utc(),
                by,
            )
            outcome = do(change)
            if not isinstance(outcome, str):
                connection.rollback()
        if isinstance(outcome, str):
            self._tell_node()  # what somebody may dial is decided with the next call
        return outcome


def _is_shut_out(connection: Connection, by: Actor, settings: AuthSettings) -> bool:
    """Whether the settings end the asker's own session: those of his home count for him."""
    if by.token_kind != "session" or is_from(by.source, settings.networks):
        return False
    home = select(_AGENTS.c.customer_id).where(_AGENTS.c.id == by.principal_id)
    return connection.scalar(home) == by.customer_id


def _shut_out(by: Actor) -> Refused:
    text = f"would shut you out: you come from {by.source or 'an unknown address'}; add its network"
    return Refused("invalid", text, "networks")
