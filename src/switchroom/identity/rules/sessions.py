"""When a session begins, lives and ends."""

from msgspec.structs import replace

from switchroom.foundation.events import UtcSeconds
from switchroom.identity.model import AuthSettings, FoundToken, Refused, Session, Tokens
from switchroom.identity.rules.networks import is_from
from switchroom.identity.tokens import digest, write_token

SESSIONS_LIMIT = 20
"Of one agent; one more ends the one that was used longest ago."
REFRESHES_LIMIT = 1_000
"Of one session. At the pace of its access tokens a shift needs fifty."
TOUCH_EVERY_S = 60.0
"A session's use is written down at most so often: one write a minute, not one a request."
SWITCH_LONGEST_S = 3_600.0
"So long may platform staff stay in a customer."
REASON_LIMIT = 500
USER_AGENT_LIMIT = 200
RANDOM_BYTES = 96
"Of a new pair of tokens with its CSRF token."


def new_tokens(session: Session, random: bytes) -> tuple[Session, Tokens]:
    """The session with new tokens, and their texts.

    Args:
        session: Its times are set, its hashes are replaced.
        random: 96 random bytes.
    """
    access = write_token("session", random[:32])
    refresh = "" if session.switched_from else write_token("refresh", random[32:64])
    csrf = write_token("csrf", random[64:96]) if session.is_cookie else ""
    hashed = replace(
        session,
        access_hash=digest(access),
        # A session without a refresh token needs a hash that is its own and that no text has.
        refresh_hash=digest(refresh) if refresh else random[32:64],
        csrf_hash=digest(csrf) if csrf else b"",
    )
    return hashed, Tokens(access, refresh, session.access_until, session.ends_at, csrf)


def slid(session: Session, settings: AuthSettings, now: UtcSeconds) -> UtcSeconds | None:
    """Until when the access token lives after this use; ``None``: not worth a write yet."""
    if now - session.last_used_at < TOUCH_EVERY_S:
        return None
    return min(now + settings.session_idle_s, session.ends_at)


def session_fault(found: FoundToken, source: str, now: UtcSeconds) -> Refused | None:
    """Why a session does not count now; ``None``: it counts."""
    session = found.session
    if session is None or session.revoked_at is not None or now >= session.ends_at:
        return Refused("ended", "the session has ended: log in again")
    if now >= session.access_until:
        return Refused("expired", "the access token has expired: refresh it")
    return standing_fault(found, source)


def standing_fault(found: FoundToken, source: str) -> Refused | None:
    """Why nobody may use this session, whatever its times say."""
    if found.is_disabled or not found.has_account:
        return Refused("disabled", "this account may not be used here")
    if not is_from(source, found.settings.networks):
        return Refused("network", "this account may not be used from this network")
    return None


def must_enrol(found: FoundToken) -> bool:
    """Whether the customer asks for a second factor that this person does not have yet."""
    return found.session is not None and found.settings.require_mfa and not found.has_second_factor
