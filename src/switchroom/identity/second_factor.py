"""The second factor is set up, shown again, and taken away."""

from msgspec import Struct
from msgspec.structs import replace

from switchroom.foundation.events import UtcSeconds
from switchroom.identity import guesses
from switchroom.identity.log_in import BUSY, WRONG
from switchroom.identity.model import Account, Actor, AuditNote, Refused
from switchroom.identity.passwords import refusal_of_dominance
from switchroom.identity.ports import PasswordHasher, Secrets, Storage, Transaction
from switchroom.identity.rules import totp
from switchroom.identity.rules.passwords import canonical
from switchroom.permissions.catalog import Catalog
from switchroom.permissions.grant import Refusal

_NO_SESSION = Refused("invalid", "a second factor belongs to a session of one's own")
_NONE_SET = Refused("invalid", "there is no second factor yet: set one up")


class Enrolment(Struct, frozen=True):
    """What an authenticator needs; shown once, good when a first code has been shown."""

    secret: str
    address: str
    "``otpauth:`` address, to be shown as a picture."

    def __repr__(self) -> str:
        return "Enrolment()"


class RecoveryCodes(Struct, frozen=True):
    """For a lost phone, each good once; shown once and stored nowhere."""

    codes: tuple[str, ...]

    def __repr__(self) -> str:
        return f"RecoveryCodes({len(self.codes)})"


class SecondFactors:
    """Second factors of accounts. Methods block on the database: call them in a thread."""

    def __init__(
        self, storage: Storage, hasher: PasswordHasher, secrets: Secrets, catalog: Catalog
    ) -> None:
        self._storage = storage
        self._hasher = hasher
        self._secrets = secrets
        self._catalog = catalog

    def begin(
        self, actor: Actor, password: str, issuer: str, now: UtcSeconds
    ) -> Enrolment | Refused:
        """A new secret for the asker's authenticator; he shows his password once more.

        ``issuer`` is what the authenticator calls us.
        """
        if actor.token_kind != "session" or actor.switched_from:
            return _NO_SESSION
        with self._hasher.admission() as is_admitted:
            if not is_admitted:
                return BUSY
            fault = self._password_fault(actor, canonical(password) or "", now)
        if fault is not None:
            return fault
        with self._storage.writing() as transaction:
            account = transaction.accounts.find(actor.principal_id)
            if account is None or account.is_disabled:
                return WRONG
            if account.has_second_factor:
                return Refused("invalid", "there is a second factor already: remove it first")
            guesses.succeed(transaction, actor.username, actor.source, now)
            secret = totp.secret_from(self._secrets.random(totp.SECRET_BYTES))
            transaction.accounts.set_second_factor(
                replace(account, totp_secret=secret, totp_last_step=0, recovery_hashes=())
            )
        return Enrolment(secret, totp.address_of(secret, actor.username, issuer))

    def confirm(self, actor: Actor, code: str, now: UtcSeconds) -> RecoveryCodes | Refused:
        """The first code: from now on log-ins ask for one. Gives the recovery codes."""
        if actor.token_kind != "session" or actor.switched_from:
            return _NO_SESSION
        with self._storage.writing() as transaction:
            wait = guesses.begin(transaction, actor.username, actor.source, now)
            account = transaction.accounts.find(actor.principal_id)
            if wait is not None:
                return wait
            if account is None or account.has_second_factor or not account.totp_secret:
                guesses.take_back(transaction, actor.username, actor.source, now)
                return Refused("invalid", "begin with a new secret")
            step = totp.step_of(account.totp_secret, code, now, account.totp_last_step)
            if step is None:
                return replace(WRONG, text="the code is wrong", field="code")
            return self._confirmed(transaction, actor, account, step, now)

    def show(self, actor: Actor, code: str, now: UtcSeconds) -> Refused | None:
        """Show the second factor again, for what asks for a recent one (rule E11)."""
        if actor.token_kind != "session":
            return _NO_SESSION
        with self._storage.writing() as transaction:
            fault = self._code_fault(transaction, actor, code, now)
            if fault is None:
                transaction.sessions.set_mfa(actor.token_id, now)
            return fault

    def remove(self, actor: Actor, code: str, now: UtcSeconds) -> Refused | None:
        """Take the asker's own second factor away, with a last code."""
        if actor.token_kind != "session" or actor.switched_from:
            return _NO_SESSION
        with self._storage.writing() as transaction:
            fault = self._code_fault(transaction, actor, code, now)
            if fault is None:
                _remove(transaction, actor, actor.principal_id, "sessions:remove_mfa", now)
            return fault

    def reset(self, actor: Actor, agent_id: str, now: UtcSeconds) -> Refused | Refusal | None:
        """Take somebody else's second factor away; all his sessions end.

        The caller has asked for the permission; rule E5 is asked here.
        """
        with self._storage.writing() as transaction:
            refusal = refusal_of_dominance(transaction, actor, agent_id, self._catalog, now)
            if refusal is not None:
                return refusal
            _remove(transaction, actor, agent_id, "agents:reset_mfa", now)
            live = [one.id for one in transaction.sessions.live(agent_id, now)]
            transaction.sessions.revoke(live, "the second factor was reset", now)
            return None

    def _password_fault(self, actor: Actor, password: str, now: UtcSeconds) -> Refused | None:
        with self._storage.writing() as transaction:
            wait = guesses.begin(transaction, actor.username, actor.source, now)
            account = transaction.accounts.find(actor.principal_id)
        if wait is not None:
            return wait
        if account is None or not self._hasher.verify(account.password_hash, password):
            return replace(WRONG, text="the password is wrong", field="password")
        return None

    def _code_fault(
        self, transaction: Transaction, actor: Actor, code: str, now: UtcSeconds
    ) -> Refused | None:
        wait = guesses.begin(transaction, actor.username, actor.source, now)
        if wait is not None:
            return wait
        account = transaction.accounts.find(actor.principal_id)
        if account is None or account.is_disabled or not account.has_second_factor:
            guesses.take_back(transaction, actor.username, actor.source, now)
            return _NONE_SET
        if not guesses.take_code(transaction, account, code, now):
            return replace(WRONG, text="the code is wrong", field="code")
        guesses.succeed(transaction, actor.username, actor.source, now)
        return None

    def _confirmed(
        self, transaction: Transaction, actor: Actor, account: Account, step: int, now: UtcSeconds
    ) -> RecoveryCodes:
        random = self._secrets.random(totp.RECOVERY_BYTES * totp.RECOVERY_CODES)
        codes = totp.recovery_codes(random)
        transaction.accounts.set_second_factor(
            replace(
                account,
                totp_confirmed_at=now,
                totp_last_step=step,
                recovery_hashes=tuple(map(totp.recovery_hash, codes)),
            )
        )
        guesses.succeed(transaction, actor.username, actor.source, now)
        transaction.sessions.set_mfa(actor.token_id, now)
        # Sessions that began with the password alone are not worth what is asked from now on.
        others = [
            one.id
            for one in transaction.sessions.live(account.agent_id, now)
            if one.id != actor.token_id
        ]
        transaction.sessions.revoke(others, "a second factor was set up", now)
        transaction.raise_epoch(account.agent_id)
        transaction.note(_note("sessions:set_up_mfa", actor, account.agent_id, now))
        return RecoveryCodes(codes)


def _remove(
    transaction: Transaction, actor: Actor, agent_id: str, action: str, now: UtcSeconds
) -> None:
    account = transaction.accounts.find(agent_id)
    if account is None:
        return
    transaction.accounts.set_second_factor(
        replace(
            account, totp_secret="", totp_confirmed_at=None, totp_last_step=0, recovery_hashes=()
        )
    )
    transaction.raise_epoch(agent_id)
    transaction.note(_note(action, actor, agent_id, now))


def _note(action: str, actor: Actor, agent_id: str, now: UtcSeconds) -> AuditNote:
    return AuditNote(
        at=now,
        action=action,
        decision="done",
        customer_id=actor.customer_id,
        resource="agents",
        target_id=agent_id,
    ).by(actor)
