"""Who changes authority, in which transaction, and what every change shares."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from msgspec import Struct
from sqlalchemy import Connection, select

from switchroom.foundation.events import UtcSeconds
from switchroom.foundation.ids import Ids
from switchroom.identity.model import Actor, AuditNote, Refused
from switchroom.permissions.catalog import Catalog
from switchroom.permissions.compile import compile_authority
from switchroom.permissions.grant import Asker, Refusal
from switchroom.permissions.model import Authority, Role
from switchroom.permissions.validate import Fault
from switchroom.store.authority import load_authorities, load_authority, read_role
from switchroom.store.database import hold
from switchroom.store.notes import append_notes
from switchroom.store.tables import metadata
from switchroom.store.tokens import find_token_by_id

Outcome: TypeAlias = str | Refused | Refusal
"The id of what was changed, or why nothing was."

REASON_LIMIT = 500
_BINDINGS = metadata.tables["bindings"]


class Change(Struct, frozen=True):
    """One change of authority in one customer, in the caller's transaction."""

    connection: Connection
    catalog: Catalog
    builtin: Mapping[str, Role]
    "Built-in roles by id."
    ids: Ids
    customer_id: str
    now: UtcSeconds
    actor: Actor | None
    "``None``: the operator on the machine, whom no rule of granting binds (E8)."
    notes: list[AuditNote] | None = None
    "Takes what is to be told the audit log, from who changes much and appends it all at the end."

    def hold(self) -> None:
        """Until the transaction's end nobody else changes authority in this customer."""
        hold_authority(self.connection, [self.customer_id])

    def asker(
        self, fault: Refused | None = None, *, from_elsewhere: bool = False
    ) -> Asker | Refused | None:
        """The asker as he is now, ``None`` for the operator; or a fault that was found before.

        Only rule E5 (``dominate``) can judge somebody who acts ``from_elsewhere``, out of another
        customer: it asks for what he holds beyond his own.

        Read in this transaction, so that nobody passes on what was taken from him while his request
        was on its way.
        """
        if fault is not None or self.actor is None:
            return fault
        found = find_token_by_id(self.connection, self.actor.token_kind, self.actor.token_id)
        if found is None or not (from_elsewhere or found.customer_id == self.customer_id):
            return Refused("ended", "log in first")
        authority = load_authority(
            self.connection,
            found.agent_id,
            found.customer_id,
            builtin=self.builtin,
            token=None if found.key is None else found.key.ceiling,
            is_switched=found.session is not None and bool(found.session.switched_from),
        )
        compiled = compile_authority(authority, self.catalog, self.now)
        return Asker(found.username, compiled, self.catalog, self.now)

    def authority(self, principal_id: str, customer_id: str = "") -> Authority:
        """What somebody holds in this customer, or another one."""
        return load_authority(
            self.connection, principal_id, customer_id or self.customer_id, builtin=self.builtin
        )

    def holders(self, *, role_id: str = "", builtin: str = "") -> list[Authority]:
        """The authority of everybody who has a binding to this role in this customer."""
        is_role = _BINDINGS.c.role_id == role_id if role_id else _BINDINGS.c.builtin == builtin
        query = (
            select(_BINDINGS.c.principal_id)
            .where(_BINDINGS.c.customer_id == self.customer_id, is_role)
            .distinct()
        )
        principals = self.connection.scalars(query).all()
        found = load_authorities(
            self.connection, principals, self.customer_id, builtin=self.builtin
        )
        return [found[principal] for principal in sorted(found)]

    def role(self, role_id: str) -> Role | None:
        """A built-in role, or one of this customer."""
        built_in = self.builtin.get(role_id)
        if built_in is not None:
            return built_in
        return read_role(self.connection, self.customer_id, role_id)

    def note(
        self,
        action: str,
        resource: str,
        target_id: str,
        *,
        before: Any = None,
        after: Any = None,
        reason: str = "",
    ) -> None:
        """Tell the audit log; last of all in the change."""
        note = AuditNote(
            at=self.now,
            action=action,
            decision="done",
            customer_id=self.customer_id,
            resource=resource,
            target_id=target_id,
            before=before,
            after=after,
            reason=reason,
        ).by(self.actor)
        if self.notes is None:
            append_notes(self.connection, note)
        else:
            self.notes.append(note)


def hold_authority(connection: Connection, customer_ids: Iterable[str]) -> None:
    """Until the transaction's end nobody else changes authority in these customers.

    Of several, all are held at once: two who took them one by one could wait for each other. What
    is held besides comes in this order: ``memberships``, authority, ``configuration``.
    """
    hold(connection, *(f"authority:{customer_id}" for customer_id in customer_ids))


def first_fault(faults: Iterable[Fault]) -> Refused | None:
    """The first of what is wrong, as an answer."""
    for fault in faults:
        return Refused("invalid", fault.text, fault.field)
    return None


def reason_fault(reason: str) -> Refused | None:
    """What is wrong with a reason; ``None``: nothing. None has to be given."""
    if len(reason) <= REASON_LIMIT:
        return None
    return Refused("invalid", f"a reason has at most {REASON_LIMIT} characters", "reason")
