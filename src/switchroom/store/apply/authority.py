"""Brings roles, what agents hold and their passwords to what a file asks for.

Only ``store/authority_writer`` writes them, with its rules and its audit entries; here is decided
which of its functions are needed. What is given comes first and what is taken last, so that nobody
is without an owner in between.
"""

from collections.abc import Sequence

from msgspec import Struct
from sqlalchemy import Connection, Table, select

from switchroom.identity.model import AuditNote, Refused
from switchroom.permissions.grant import Refusal, is_owner
from switchroom.permissions.model import Restriction
from switchroom.store import authority_writer as writer
from switchroom.store.accounts import DatabaseAccounts
from switchroom.store.apply.means import Means
from switchroom.store.apply.resolve import Resolved
from switchroom.store.authority_writer import BindingWish, Change, Outcome
from switchroom.store.epochs import raise_agent
from switchroom.store.held import held_restriction, held_role
from switchroom.store.notes import append_notes
from switchroom.store.sessions import DatabaseSessions
from switchroom.store.stored import Held, HeldRestriction, HeldRole, Stored
from switchroom.store.tables import metadata

_BINDINGS = metadata.tables["bindings"]
_RESTRICTIONS = metadata.tables["restrictions"]
_REASON = "applied from a file"


class NotAllowed(Struct, frozen=True):
    """One thing that the file asks for and that may not be done."""

    text: str
    thing_id: str = ""
    "Of the role or the agent; empty: the customer as a whole."
    refusal: Refused | Refusal | None = None


class NotAllowedError(Exception):
    """What the file asks for may not be done; nothing of it is."""

    def __init__(self, refused: Sequence[NotAllowed]) -> None:
        super().__init__("; ".join(one.text for one in refused))
        self.refused = refused


class AuthorityWriting:
    """One apply, in its transaction. Made before the plain configuration is written."""

    def __init__(
        self, connection: Connection, before: Stored, found: Resolved, means: Means
    ) -> None:
        self._connection = connection
        self._before = before
        self._passwords = found.passwords
        self._after = found.stored
        self._means = means
        self._notes: list[AuditNote] = []
        self._homes = {(one.id, one.customer_id) for one in before.configuration.agents}
        self._customers = [customer.id for customer in self._after.configuration.customers]
        self._owned = [id for id in self._customers if self._is_owned(id)]
        self._role_ids: dict[str, str] = {}
        "Ids that new roles got, by those they were to have."
        self._refused: list[NotAllowed] = []

    def write(self) -> None:
        """Everything that differs; after the plain configuration.

        Raises:
            NotAllowedError: A customer's last owner would go, or the asker may not give that.
        """
        for customer_id in self._customers:
            change = self._change(customer_id)
            self._write_roles(change)
            for agent in self._after.configuration.agents:
                if agent.customer_id == customer_id:
                    self._write_held(change, agent.id, agent.username)
            self._delete_roles(change)
        self._keep_owners()
        if self._refused:
            raise NotAllowedError(self._refused)
        self._write_passwords()
        self._tell_about_tags()
        append_notes(self._connection, *self._notes)

    def _keep_owners(self) -> None:
        for customer_id in self._owned:
            if not self._is_owned(customer_id):
                text = (
                    f"customer {self._name(customer_id)} would have no owner any more: keep its"
                    " owner in the file, with his roles (switchroom export shows them), or name"
                    " another one"
                )
                self._refused.append(NotAllowed(text))

    def _change(self, customer_id: str) -> Change:
        means = self._means
        access = means.access
        return Change(
            self._connection,
            access.catalog,
            access.builtin,
            means.ids,
            customer_id,
            means.now,
            means.actor,
            self._notes,
        )

    def _is_owned(self, customer_id: str) -> bool:
        holders = self._change(customer_id).holders(builtin="owner")
        return any(is_owner(holder, self._means.now) for holder in holders)

    def _write_roles(self, change: Change) -> None:
        known = {role.id: role for role in self._before.roles}
        for role in self._after.roles:
            if role.customer_id != change.customer_id or known.get(role.id) == role:
                continue
            if role.id in known:
                self._done(writer.edit_role(change, role), role.id, f"role {role.name}")
            else:
                made = writer.create_role(change, role)
                self._role_ids[role.id] = self._done(made, role.id, f"role {role.name}")

    def _delete_roles(self, change: Change) -> None:
        kept = {role.id for role in self._after.roles}
        for role in self._before.roles:
            if role.customer_id == change.customer_id and role.id not in kept:
                self._done(writer.delete_role(change, role.id), role.id, f"role {role.name}")

    def _write_held(self, change: Change, agent_id: str, username: str) -> None:
        was_here = (agent_id, change.customer_id) in self._homes
        before = self._before.held_by(agent_id) if was_here else Held()
        after = self._after.held_by(agent_id)
        outcomes: list[Outcome] = []
        # In an order that does not change from run to run.
        for role in sorted(after.roles - before.roles, key=repr):
            if self._role_ids.get(role.role_id) != "":  # said already: the role was refused
                outcomes.append(writer.bind(change, self._wish(agent_id, role)))
        for restriction in sorted(after.restrictions - before.restrictions, key=repr):
            wish = Restriction("", restriction.pattern, restriction.scope)
            outcomes.append(writer.restrict(change, agent_id, wish, _REASON))
        for id in self._stored_ids(_BINDINGS, change, agent_id, before.roles - after.roles):
            outcomes.append(writer.unbind(change, id))
        gone = before.restrictions - after.restrictions
        for id in self._stored_ids(_RESTRICTIONS, change, agent_id, gone):
            outcomes.append(writer.lift(change, id))
        for outcome in outcomes:
            self._done(outcome, agent_id, f"agent {username}")

    def _wish(self, agent_id: str, role: HeldRole) -> BindingWish:
        role_id = self._role_ids.get(role.role_id, role.role_id)
        return BindingWish(agent_id, role_id, role.scope, role.not_before, role.expires_at, _REASON)

    def _stored_ids(
        self,
        table: Table,
        change: Change,
        agent_id: str,
        held: frozenset[HeldRole] | frozenset[HeldRestriction],
    ) -> list[str]:
        if not held:
            return []
        read = held_role if table is _BINDINGS else held_restriction
        # What he holds in other customers that he serves is theirs.
        here = table.c.customer_id == change.customer_id
        query = select(table).where(table.c.principal_id == agent_id, here)
        return [row.id for row in self._connection.execute(query) if read(row) in held]

    def _write_passwords(self) -> None:
        accounts = DatabaseAccounts(self._connection)
        sessions = DatabaseSessions(self._connection)
        now = self._means.now
        for agent_id, password in self._passwords.items():
            origin = self._after.origin(agent_id)
            if self._before.origin(agent_id) == origin:
                continue
            accounts.set_password(agent_id, self._means.hashes.hash(password), now)
            accounts.set_reference(agent_id, origin.reference)
            live = [session.id for session in sessions.live(agent_id, now)]
            sessions.revoke(live, "password", now)
            raise_agent(self._connection, agent_id)
            note = self._change(self._home(agent_id)).note
            note("agents:set_password", "agents", agent_id, reason=_REASON)

    def _tell_about_tags(self) -> None:
        """The plain configuration has the tags; whatever was compiled from them counts no more."""
        before = {agent.id: agent.tag_ids for agent in self._before.configuration.agents}
        for agent in self._after.configuration.agents:
            if before.get(agent.id, ()) != agent.tag_ids:
                raise_agent(self._connection, agent.id)

    def _done(self, outcome: Outcome, thing_id: str, what: str) -> str:
        """The id of what was changed; empty, and noted, if it was refused."""
        if isinstance(outcome, Refused | Refusal):
            self._refused.append(NotAllowed(f"{what}: {outcome.text}", thing_id, outcome))
            return ""
        return outcome

    def _home(self, agent_id: str) -> str:
        agents = self._after.configuration.agents
        return next(one.customer_id for one in agents if one.id == agent_id)

    def _name(self, customer_id: str) -> str:
        customers = self._after.configuration.customers
        return next(one.name for one in customers if one.id == customer_id)
