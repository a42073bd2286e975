"""Who asks the API, and what he may do: identity, permissions and the audit log in one place."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from msgspec.structs import replace

from switchroom.api.ports import Credentials
from switchroom.foundation.events import UtcSeconds
from switchroom.history.audit import AuditEntry
from switchroom.identity.authenticate import Authenticator, is_csrf_right
from switchroom.identity.model import Actor, Refused
from switchroom.identity.ports import Storage
from switchroom.permissions import grant
from switchroom.permissions.catalog import Catalog
from switchroom.permissions.declare import Permission
from switchroom.permissions.explain import Decision, explain
from switchroom.permissions.model import Authority, Role, Row
from switchroom.store.audit import DecisionLog

NOT_PROVEN = Refused("csrf", "a log-in by cookie needs its X-CSRF-Token for this")


class DatabaseGate:
    """``api.ports.Gate`` over the database; any thread may call it."""

    def __init__(
        self,
        authenticator: Authenticator,
        storage: Storage,
        catalog: Catalog,
        builtin: tuple[Role, ...],
        decisions: DecisionLog,
    ) -> None:
        self._authenticator = authenticator
        self._storage = storage
        self._catalog = catalog
        self._builtin = builtin
        self._decisions = decisions

    @contextmanager
    def opened(self, shown: Credentials, now: UtcSeconds) -> Iterator[Actor | Refused]:
        """The actor whose token this is; the block reads in the transaction that found him."""
        if shown.kind == "ticket":
            yield self._authenticator.spend_ticket(shown.token, shown.source, now)
            return
        actor: Actor | Refused | None = None
        try:
            with self._storage.together():
                actor = self._found(shown, now)
                yield actor
        finally:
            if isinstance(actor, Actor):
                self._authenticator.note_use(actor, now)

    def _found(self, shown: Credentials, now: UtcSeconds) -> Actor | Refused:
        if shown.kind == "bearer":
            return self._authenticator.authenticate(shown.token, shown.source, now)
        actor = self._authenticator.authenticate(shown.token, shown.source, now, ("session",))
        if isinstance(actor, Refused) or shown.is_safe or is_csrf_right(actor, shown.csrf_token):
            return actor
        return NOT_PROVEN

    def explain(
        self, actor: Actor, permission: Permission, row: Row | None, now: UtcSeconds
    ) -> Decision:
        """Why the actor may or may not, and which role would help."""
        authority = self.authority(actor)
        return explain(authority, self._catalog, permission, row, now, self._builtin)

    def authority(self, actor: Actor) -> Authority:
        """Everything that decides about the actor, as it is stored now."""
        with self._storage.reading() as transaction:
            found = transaction.find_token_by_id(actor.token_kind, actor.token_id)
            if found is None:
                return Authority(actor.principal_id, actor.customer_id, is_disabled=True)
            return transaction.authority(found)

    def needs_second_factor(self, actor: Actor, permission: Permission, now: UtcSeconds) -> bool:
        """Of people who have one; ``auth_settings`` says whether everybody must have one."""
        if actor.token_kind != "session" or actor.mfa_at is None:
            return False
        asker = grant.Asker(actor.username, actor.compiled, self._catalog, now)
        return grant.second_factor(asker, permission, actor.mfa_at) is not None

    def refused(
        self,
        actor: Actor,
        permission: Permission,
        target_id: str,
        now: UtcSeconds,
        reason: str = "",
    ) -> None:
        """Write the refusal to the audit log, or count it there if it repeats."""
        entry = _entry(actor, permission, target_id, now)
        self._decisions.note(replace(entry, decision="refused", reason=reason))

    def failed(
        self,
        actor: Actor,
        permission: Permission,
        target_id: str,
        now: UtcSeconds,
        reason: str,
    ) -> None:
        """Write to the audit log that nobody knows whether it was done."""
        entry = _entry(actor, permission, target_id, now)
        self._decisions.note(replace(entry, decision="failed", reason=reason))

    def done(
        self,
        actor: Actor,
        permission: Permission,
        target_id: str,
        now: UtcSeconds,
        after: Any = None,
    ) -> None:
        """Write to the audit log what was done outside of the database, sooner or later."""
        entry = replace(_entry(actor, permission, target_id, now), after=after)
        self._decisions.done(entry)

    def allowed(
        self,
        actor: Actor,
        permission: Permission,
        target_id: str,
        now: UtcSeconds,
        after: Any = None,
    ) -> None:
        """Write to the audit log that something sensitive is about to be shown."""
        entry = _entry(actor, permission, target_id, now)
        self._decisions.permit(replace(entry, decision="allowed", after=after))


def _entry(actor: Actor, permission: Permission, target_id: str, now: UtcSeconds) -> AuditEntry:
    return AuditEntry(
        at=now,
        customer_id=actor.customer_id,
        actor_id=actor.principal_id,
        token_kind=actor.token_kind,
        token_id=actor.token_id,
        source=actor.source,
        action=permission.name,
        decision="done",
        resource=permission.resource,
        target_id=target_id,
        request_id=actor.request_id,
    )
