"""Tickets: what a browser shows when it opens a WebSocket, since it cannot send a header there.

A ticket stands in a URL, which ends in logs; so it is good once and for half a minute.
"""

from msgspec import Struct

from switchroom.foundation.events import UtcSeconds
from switchroom.identity.model import Actor, Refused
from switchroom.identity.ports import Secrets, Storage
from switchroom.identity.tokens import RANDOM_BYTES, digest, write_token

LIFE_S = 30.0
WAITING_LIMIT = 20
"Tickets of one token that wait to be used."


class Ticket(Struct, frozen=True):
    """``text`` is shown once and stored nowhere."""

    text: str
    expires_at: UtcSeconds

    def __repr__(self) -> str:
        return f"Ticket(expires_at={self.expires_at})"


class TicketOffice:
    """Issues tickets; ``Authenticator.spend_ticket`` takes them."""

    def __init__(self, storage: Storage, secrets: Secrets) -> None:
        self._storage = storage
        self._secrets = secrets

    def issue(self, actor: Actor, now: UtcSeconds) -> Ticket | Refused:
        """A ticket for the asker's own token."""
        text = write_token("ticket", self._secrets.random(RANDOM_BYTES))
        with self._storage.writing() as transaction:
            if transaction.tickets.count(actor.token_id, now) >= WAITING_LIMIT:
                return Refused("wait", "too many tickets wait to be used", retry_after_s=LIFE_S)
            expires_at = now + LIFE_S
            transaction.tickets.add(digest(text), actor.token_kind, actor.token_id, expires_at)
        return Ticket(text, expires_at)
