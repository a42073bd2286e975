"""Forgets what identity needs no more. Called now and then; each call does little."""

from sqlalchemy import Engine

from switchroom.store.accesskeys import purge_accesskeys
from switchroom.store.database import writing
from switchroom.store.idempotency import purge_idempotency_keys
from switchroom.store.sessions import purge_sessions
from switchroom.store.tickets import purge_tickets

DAY_S = 86_400.0
SESSIONS_KEPT_S = 30 * DAY_S
"After their end, so that people can see where they were logged in."
KEYS_KEPT_S = 90 * DAY_S
"After they expired or were revoked, so that it can be told what they were."


def purge_expired(engine: Engine, now: float, most: int = 500) -> int:
    """Delete what is long over, at most ``most`` of each kind; returns how many rows went.

    Counts of failed log-ins are not among it: log-ins themselves purge those.
    """
    with writing(engine) as connection:
        return (
            purge_tickets(connection, now, most)
            + purge_idempotency_keys(connection, now, most)
            + purge_sessions(connection, now - SESSIONS_KEPT_S, most)
            + purge_accesskeys(connection, now - KEYS_KEPT_S, most)
        )
