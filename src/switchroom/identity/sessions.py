"""What becomes of a session: refreshed, switched, ended."""

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from switchroom.foundation.events import UtcSeconds
from switchroom.foundation.ids import Ids
from switchroom.identity.model import Actor, AuditNote, FoundToken, Refused, Session, Tokens
from switchroom.identity.ports import Secrets, Storage, Transaction
from switchroom.identity.rules.sessions import (
    RANDOM_BYTES,
    REASON_LIMIT,
    REFRESHES_LIMIT,
    SWITCH_LONGEST_S,
    new_tokens,
    standing_fault,
)
from switchroom.identity.tokens import read_token

ENDED = Refused("ended", "the session has ended: log in again")


class Asked(Struct, frozen=True):
    """From where and when a refresh was asked for, and what the logs call the request."""

    source: str
    now: UtcSeconds
    request_id: str


class Refreshed(Struct, frozen=True):
    """The session goes on with new tokens; the old ones are worth nothing."""

    tokens: Tokens
    session: Session


class Switched(Struct, frozen=True):
    """Platform staff are in the customer, for an hour at most."""

    tokens: Tokens
    session: Session


class SessionKeeper:
    """Refreshes, switches and ends sessions. Every method may be called from any thread."""

    def __init__(self, storage: Storage, secrets: Secrets, ids: Ids) -> None:
        self._storage = storage
        self._secrets = secrets
        self._ids = ids

    def refresh(
        self, text: str, source: str, now: UtcSeconds, *, request_id: str = ""
    ) -> Refreshed | Refused:
        """New tokens for a refresh token, once. Used again, it ends the session.

        Whoever uses an old one has stolen it or was stolen from, and nobody can tell which
        (RFC 9700 section 4.14.2). So a client refreshes once at a time.
        """
        token = read_token(text, "refresh")
        if token is None:
            return ENDED
        with self._storage.writing() as transaction:
            session = transaction.sessions.by_refresh(token.digest)
            if session is None:
                return _reused(transaction, token.digest, Asked(source, now, request_id))
            return self._refreshed(transaction, session, Asked(source, now, request_id))

    def switch(
        self, actor: Actor, customer_id: str, reason: str, now: UtcSeconds
    ) -> Switched | Refused:
        """A session of platform staff in another customer; the caller has asked for the permission.

        It is seen in that customer's audit log with the reason, ends within the hour, and cannot
        be refreshed. The session it came from goes on.
        """
        reason = " ".join(reason[: REASON_LIMIT + 1].split())
        if not 0 < len(reason) <= REASON_LIMIT or not reason.isprintable():
            return Refused("invalid", f"say in 1 to {REASON_LIMIT} printable characters why")
        if actor.token_kind != "session" or actor.switched_from:
            return Refused("invalid", "only from a session of your own at home")
        if customer_id == actor.customer_id:
            return Refused("invalid", "you are in this customer already")
        with self._storage.writing() as transaction:
            found = transaction.find_token_by_id("session", actor.token_id)
            if found is None or found.session is None or found.session.revoked_at is not None:
                return ENDED
            if found.home_id != actor.customer_id:
                return Refused("invalid", "only from a session of your own at home")
            if not transaction.is_customer(customer_id):
                return Refused("not_found", "there is no such customer")
            session, tokens = self._switched(found, customer_id, reason, actor, now)
            transaction.sessions.add(session)
            note = _note("customers:switch", session, now, reason=session.switch_reason)
            transaction.note(replace(note, request_id=actor.request_id))
            return Switched(tokens, session)

    def log_out(self, actor: Actor, now: UtcSeconds) -> None:
        """End the asker's own session."""
        if actor.token_kind == "session":
            self.revoke([actor.token_id], "logged out", now, by=actor)

    def revoke(self, session_ids: Sequence[str], reason: str, now: UtcSeconds, *, by: Actor) -> int:
        """End these sessions, at most 100; the caller has asked for the permission.

        Returns how many were live. Sessions that are neither in the asker's customer nor his own
        are as good as unknown.
        """
        with self._storage.writing() as transaction:
            found = [transaction.sessions.find(id) for id in session_ids[:100]]
            return _revoke(transaction, [one for one in found if one], reason, now, by)

    def force_logout(self, agent_id: str, reason: str, now: UtcSeconds, *, by: Actor) -> int:
        """End all sessions that an agent has in the asker's customer; returns how many."""
        with self._storage.writing() as transaction:
            live = transaction.sessions.live(agent_id, now)
            here = [one for one in live if one.customer_id == by.customer_id]
            return _revoke(transaction, here, reason, now, by)

    def _refreshed(
        self, transaction: Transaction, session: Session, asked: Asked
    ) -> Refreshed | Refused:
        now = asked.now
        if session.revoked_at is not None or now >= session.ends_at:
            return ENDED
        found = transaction.find_token_by_id("session", session.id)
        fault = ENDED if found is None else standing_fault(found, asked.source)
        if found is None or fault is not None:
            return fault or ENDED
        if transaction.sessions.used_refreshes(session.id) >= REFRESHES_LIMIT:
            transaction.sessions.revoke([session.id], "refreshed too often", now)
            return ENDED
        until = min(now + found.settings.session_idle_s, session.ends_at)
        renewed, tokens = new_tokens(
            replace(session, access_until=until, last_used_at=now, source=asked.source),
            self._secrets.random(RANDOM_BYTES),
        )
        if not transaction.sessions.rotate(session, renewed):
            return _reused(transaction, session.refresh_hash, asked)
        return Refreshed(tokens, renewed)

    def _switched(
        self, found: FoundToken, customer_id: str, reason: str, actor: Actor, now: UtcSeconds
    ) -> tuple[Session, Tokens]:
        assert found.session is not None
        ends_at = min(now + SWITCH_LONGEST_S, found.session.ends_at)
        session = replace(
            found.session,
            id=self._ids.token(),
            customer_id=customer_id,
            access_until=min(now + found.settings.session_idle_s, ends_at),
            ends_at=ends_at,
            created_at=now,
            last_used_at=now,
            source=actor.source,
            switched_from=found.home_id,
            switch_reason=reason,
        )
        return new_tokens(session, self._secrets.random(RANDOM_BYTES))


def _revoke(
    transaction: Transaction, found: Sequence[Session], reason: str, now: UtcSeconds, by: Actor
) -> int:
    ours = [
        one for one in found if one.customer_id == by.customer_id or one.agent_id == by.principal_id
    ]
    live = [one for one in ours if one.revoked_at is None]
    ended = transaction.sessions.revoke([one.id for one in live], reason, now)
    for session in live:
        transaction.note(_note("sessions:revoke", session, now, reason=reason).by(by))
    return ended


def _reused(transaction: Transaction, digest: bytes, asked: Asked) -> Refused:
    session = transaction.sessions.by_used_refresh(digest)
    if session is not None and session.revoked_at is None:
        reason = "a refresh token was used twice"
        transaction.sessions.revoke([session.id], reason, asked.now)
        note = _note("sessions:refresh", session, asked.now, reason=reason)
        transaction.note(
            replace(note, decision="refused", source=asked.source, request_id=asked.request_id)
        )
    return ENDED


def _note(action: str, session: Session, now: UtcSeconds, *, reason: str) -> AuditNote:
    return AuditNote(
        at=now,
        action=action,
        decision="done",
        customer_id=session.customer_id,
        actor_id=session.agent_id,
        token_kind="session",
        token_id=session.id,
        source=session.source,
        resource="sessions",
        target_id=session.id,
        reason=reason,
    )
