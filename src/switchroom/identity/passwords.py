"""Passwords are changed: one's own with the old one, somebody else's by rule E5."""

from msgspec.structs import replace

from switchroom.foundation.events import UtcSeconds
from switchroom.identity import guesses
from switchroom.identity.log_in import BUSY, WRONG
from switchroom.identity.model import Account, Actor, AuditNote, Refused
from switchroom.identity.ports import PasswordHasher, Storage, Transaction
from switchroom.identity.rules.delays import prefixes_of
from switchroom.identity.rules.passwords import canonical, password_fault
from switchroom.permissions.catalog import Catalog
from switchroom.permissions.compile import compile_authority
from switchroom.permissions.grant import Asker, Refusal, dominate


class PasswordDesk:
    """Changes passwords. Methods block on slow hashes and the database: call them in a thread."""

    def __init__(self, storage: Storage, hasher: PasswordHasher, catalog: Catalog) -> None:
        self._storage = storage
        self._hasher = hasher
        self._catalog = catalog

    def change_own(self, actor: Actor, old: str, new: str, now: UtcSeconds) -> Refused | None:
        """Set the asker's password; his other sessions end, this one goes on.

        A wrong old password counts like a failed log-in: a stolen session guesses no faster.
        """
        if actor.token_kind != "session" or actor.switched_from:
            return Refused("invalid", "a password is changed in a session of one's own")
        with self._hasher.admission() as is_admitted:
            if not is_admitted:
                return BUSY
            return self._change_own(actor, canonical(old) or "", new, now)

    def set_for(
        self, actor: Actor, agent_id: str, new: str, now: UtcSeconds
    ) -> Refused | Refusal | None:
        """Set somebody else's password, or his first one; all his sessions end.

        The caller has asked for ``agents:set_password``; rule E5 is asked here, of every customer
        that the agent serves.
        """
        with self._storage.reading() as transaction:
            username, home_id = transaction.agent_name(agent_id)
            least = transaction.settings(home_id).password_least
        if fault := password_fault(new, username, least):
            return Refused("invalid", fault, "password")
        with self._hasher.admission() as is_admitted:
            if not is_admitted:
                return BUSY
            hashed = self._hasher.hash(canonical(new) or "")
        with self._storage.writing() as transaction:
            refusal = refusal_of_dominance(transaction, actor, agent_id, self._catalog, now)
            if refusal is not None:
                return refusal
            _store(transaction, agent_id, hashed, now, kept="")
            transaction.note(_note("agents:set_password", actor, agent_id, now))
            return None

    def unlock(self, actor: Actor, agent_id: str, now: UtcSeconds) -> Refused | None:
        """Let somebody who has failed to log in try again at once, from wherever."""
        with self._storage.writing() as transaction:
            if not transaction.is_member(agent_id, actor.customer_id):
                return Refused("not_found", "there is no such agent")
            username, _ = transaction.agent_name(agent_id)
            transaction.attempts.forget(prefixes_of(username))
            transaction.note(_note("agents:unlock", actor, agent_id, now))
            return None

    def _change_own(self, actor: Actor, old: str, new: str, now: UtcSeconds) -> Refused | None:
        with self._storage.writing() as transaction:
            wait = guesses.begin(transaction, actor.username, actor.source, now)
            account = transaction.accounts.find(actor.principal_id)
            settings = transaction.settings("" if account is None else account.customer_id)
        if wait is not None:
            return wait
        if account is None or not self._hasher.verify(account.password_hash, old):
            return replace(WRONG, text="the old password is wrong", field="old_password")
        fault = password_fault(new, account.username, settings.password_least)
        if fault is None and canonical(new) == old:
            fault = "the new password is the old one"
        if fault is not None:
            with self._storage.writing() as transaction:
                guesses.take_back(transaction, actor.username, actor.source, now)
            return Refused("invalid", fault, "password")
        hashed = self._hasher.hash(canonical(new) or "")
        with self._storage.writing() as transaction:
            return self._store_own(transaction, actor, account, hashed, now)

    def _store_own(
        self, transaction: Transaction, actor: Actor, known: Account, hashed: str, now: UtcSeconds
    ) -> Refused | None:
        account = transaction.accounts.find(known.agent_id)
        session = transaction.sessions.find(actor.token_id)
        if account is None or account.is_disabled or account.password_hash != known.password_hash:
            return WRONG
        if session is None or session.revoked_at is not None:
            return Refused("ended", "the session has ended: log in again")
        guesses.succeed(transaction, actor.username, actor.source, now)
        _store(transaction, account.agent_id, hashed, now, kept=actor.token_id)
        transaction.note(_note("sessions:change_password", actor, account.agent_id, now))
        return None


def refusal_of_dominance(
    transaction: Transaction, actor: Actor, agent_id: str, catalog: Catalog, now: UtcSeconds
) -> Refused | Refusal | None:
    """Rule E5 on what is stored now: may the asker take over this agent's account?"""
    asking = transaction.find_token_by_id(actor.token_kind, actor.token_id)
    if asking is None:
        return Refused("ended", "log in first")
    if not transaction.is_member(agent_id, actor.customer_id):
        return Refused("not_found", "there is no such agent")
    compiled = compile_authority(transaction.authority(asking), catalog, now)
    asker = Asker(actor.username, compiled, catalog, now)
    return dominate(asker, transaction.authorities_of(agent_id))


def _store(
    transaction: Transaction, agent_id: str, hashed: str, now: UtcSeconds, *, kept: str
) -> None:
    transaction.accounts.set_password(agent_id, hashed, now)
    live = [one.id for one in transaction.sessions.live(agent_id, now) if one.id != kept]
    transaction.sessions.revoke(live, "the password was changed", now)
    transaction.raise_epoch(agent_id)


def _note(action: str, actor: Actor, agent_id: str, now: UtcSeconds) -> AuditNote:
    return AuditNote(
        at=now,
        action=action,
        decision="done",
        customer_id=actor.customer_id,
        resource="agents",
        target_id=agent_id,
    ).by(actor)
