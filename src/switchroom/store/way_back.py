"""Lets in again whom his customer's own rules keep out: the operator's way, on the machine."""

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import Connection

from switchroom.foundation.events import UtcSeconds
from switchroom.identity.model import Account, AuditNote, AuthSettings, Refused
from switchroom.store.accounts import DatabaseAccounts
from switchroom.store.auth_settings import read_settings, write_settings
from switchroom.store.database import hold
from switchroom.store.epochs import raise_agent
from switchroom.store.notes import append_notes

_REASON = "switchroom unlock"


class WayBack(Struct, frozen=True):
    """Whom to let in, and what keeps him out."""

    username: str
    networks: bool
    "Take his customer's people from anywhere again."
    second_factor: bool
    "Forget his second factor, with its recovery codes."


def let_in(connection: Connection, wish: WayBack, now: UtcSeconds) -> tuple[str, ...] | Refused:
    """What was done, in words; or why nothing was."""
    account = DatabaseAccounts(connection).by_username(wish.username.lower())
    if account is None:
        return Refused("not_found", f"nobody logs in as {wish.username.lower()}", "username")
    done: list[str] = []
    if wish.networks:
        done.append(_from_anywhere(connection, account, now))
    if wish.second_factor:
        done.append(_without_second_factor(connection, account, now))
    return tuple(done)


def _from_anywhere(connection: Connection, account: Account, now: UtcSeconds) -> str:
    hold(connection, f"auth_settings:{account.customer_id}")
    before = read_settings(connection, account.customer_id)
    if not before.networks:
        return "his customer takes its people from anywhere already"
    after: AuthSettings = replace(before, networks=())
    write_settings(connection, account.customer_id, after)
    note = AuditNote(
        at=now,
        action="auth_settings:update",
        decision="done",
        customer_id=account.customer_id,
        resource="auth_settings",
        before=before,
        after=after,
        reason=_REASON,
    )
    append_notes(connection, note.by(None))
    return f"his customer takes its people from anywhere, not only {', '.join(before.networks)}"


def _without_second_factor(connection: Connection, account: Account, now: UtcSeconds) -> str:
    if not account.totp_secret:
        return "he has no second factor"
    bare = replace(
        account, totp_secret="", totp_confirmed_at=None, totp_last_step=0, recovery_hashes=()
    )
    DatabaseAccounts(connection).set_second_factor(bare)
    raise_agent(connection, account.agent_id)
    note = AuditNote(
        at=now,
        action="agents:reset_mfa",
        decision="done",
        customer_id=account.customer_id,
        resource="agents",
        target_id=account.agent_id,
        reason=_REASON,
    )
    append_notes(connection, note.by(None))
    return "his second factor is gone: his password is enough to log in"
