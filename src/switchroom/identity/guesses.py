"""Counts whoever shows a password or a code: as failed first, taken back when it was right."""

from msgspec.structs import replace

from switchroom.foundation.events import UtcSeconds
from switchroom.identity.model import Account, Refused
from switchroom.identity.ports import Transaction
from switchroom.identity.rules import delays, totp

_PURGED_AT_ONCE = 10
"Forgotten counts that each attempt deletes: more than it adds, so the table cannot only grow."


def begin(transaction: Transaction, username: str, source: str, now: UtcSeconds) -> Refused | None:
    """Count an attempt before anybody looks, or say how long to wait.

    Counted first, so that a thousand at the same moment are not all the first one.
    """
    transaction.attempts.purge(now - delays.FORGOTTEN_AFTER_S, _PURGED_AT_ONCE)
    subjects = delays.subjects_of(username, source)
    stored = transaction.attempts.read(subjects.all())
    match delays.attempt(stored, subjects, now):
        case delays.Admitted(counts):
            transaction.attempts.write(counts)
            return None
        case delays.Wait(seconds):
            return Refused("wait", "too many attempts: wait", retry_after_s=seconds)


def take_back(transaction: Transaction, username: str, source: str, now: UtcSeconds) -> None:
    """It was neither right nor wrong."""
    subjects = delays.subjects_of(username, source)
    stored = transaction.attempts.read(subjects.all())
    transaction.attempts.write(delays.taken_back(stored, subjects, now))


def succeed(transaction: Transaction, username: str, source: str, now: UtcSeconds) -> None:
    """It was right: the account is free here, and this network is known to it."""
    subjects = delays.subjects_of(username, source)
    stored = transaction.attempts.read(subjects.all())
    transaction.attempts.write(delays.succeeded(stored, subjects, now))


def take_code(transaction: Transaction, account: Account, code: str, now: UtcSeconds) -> bool:
    """Whether this is a code of the second factor; each is taken once, a recovery code for ever.

    The account was read in this transaction.
    """
    step = totp.step_of(account.totp_secret, code, now, account.totp_last_step)
    if step is not None:
        return transaction.accounts.take_step(account.agent_id, step)
    left = totp.without(account.recovery_hashes, code)
    if left is None:
        return False
    transaction.accounts.set_second_factor(replace(account, recovery_hashes=left))
    return True
