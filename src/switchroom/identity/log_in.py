"""Log-in by user name and password, with the second factor if there is one.

Whoever asks learns the same of an account that does not exist and of a wrong password: the same
answer after the same number of slow hashes and of queries.
"""

from msgspec import Struct
from msgspec.structs import replace

from switchroom.foundation.events import UtcSeconds
from switchroom.foundation.ids import Ids
from switchroom.identity import guesses
from switchroom.identity.model import (
    Account,
    AuditNote,
    AuthSettings,
    Refused,
    Session,
    Tokens,
)
from switchroom.identity.ports import PasswordHasher, Secrets, Storage, Transaction
from switchroom.identity.rules.networks import is_from
from switchroom.identity.rules.passwords import canonical
from switchroom.identity.rules.sessions import (
    RANDOM_BYTES,
    SESSIONS_LIMIT,
    USER_AGENT_LIMIT,
    new_tokens,
)

USERNAME_LIMIT = 255
BUSY = Refused("busy", "too many people log in at this moment: try again", retry_after_s=1.0)
WRONG = Refused("wrong", "user name, password or code is wrong")
_TOO_LONG = Refused("invalid", "a user name has at most 255 characters, a password 1024 bytes")


class LogIn(Struct, frozen=True):
    """What somebody showed, and from where."""

    username: str
    password: str
    source: str
    "Address without port."
    code: str = ""
    "Of the authenticator, or a recovery code; empty at first."
    customer_id: str = ""
    "The customer to work in; empty: the agent's home."
    user_agent: str = ""
    is_cookie: bool = False
    request_id: str = ""
    "What the logs call the request."

    def __repr__(self) -> str:
        return f"LogIn(username={self.username!r}, source={self.source!r})"


class LoggedIn(Struct, frozen=True):
    """He is in."""

    tokens: Tokens
    session: Session
    username: str
    must_enrol: bool = False
    "Only a second factor can be set up with this session, and nothing else done."


class MfaNeeded(Struct, frozen=True):
    """The password is right; the same again, with a code."""


class Door:
    """Where people log in. Methods block on slow hashes and the database: call them in a thread."""

    def __init__(
        self, storage: Storage, hasher: PasswordHasher, secrets: Secrets, ids: Ids
    ) -> None:
        self._storage = storage
        self._hasher = hasher
        self._secrets = secrets
        self._ids = ids

    def log_in(self, wish: LogIn, now: UtcSeconds) -> LoggedIn | MfaNeeded | Refused:
        """A session, or why there is none.

        Raises:
            StorageError: The database does not answer; nobody gets in.
        """
        password = canonical(wish.password)
        if password is None or len(wish.username) > USERNAME_LIMIT:
            return _TOO_LONG
        wish = replace(_storable(wish), password=password)
        with self._hasher.admission() as is_admitted:
            if not is_admitted:
                return BUSY
            return self._admitted(wish, now)

    def _admitted(self, wish: LogIn, now: UtcSeconds) -> LoggedIn | MfaNeeded | Refused:
        with self._storage.writing() as transaction:
            wait = guesses.begin(transaction, wish.username, wish.source, now)
            account = transaction.accounts.by_username(wish.username)
        if wait is not None:
            return wait
        is_right = self._hasher.verify(account.password_hash if account else "", wish.password)
        if account is None or not is_right or account.is_disabled:
            with self._storage.writing() as transaction:
                _note(transaction, account, wish, now, refused="wrong")
            return WRONG
        rehashed = ""
        if self._hasher.is_outdated(account.password_hash):
            rehashed = self._hasher.hash(wish.password)
        with self._storage.writing() as transaction:
            return self._proven(transaction, account, wish, rehashed, now)

    def _proven(
        self, transaction: Transaction, known: Account, wish: LogIn, rehashed: str, now: UtcSeconds
    ) -> LoggedIn | MfaNeeded | Refused:
        """The password is right. Everything else is read again: hashing took a while."""
        account = transaction.accounts.find(known.agent_id)
        if account is None or account.is_disabled or account.password_hash != known.password_hash:
            return WRONG
        if account.has_second_factor and not wish.code:
            guesses.take_back(transaction, wish.username, wish.source, now)
            return MfaNeeded()
        if account.has_second_factor and not guesses.take_code(
            transaction, account, wish.code, now
        ):
            _note(transaction, account, wish, now, refused="wrong code")
            return WRONG
        settings = transaction.settings(account.customer_id)
        fault = _place_fault(transaction, account, wish, settings)
        if fault is not None:
            _note(transaction, account, wish, now, refused=fault.code)
            return fault
        guesses.succeed(transaction, wish.username, wish.source, now)
        if rehashed:
            transaction.accounts.rehash(account.agent_id, account.password_hash, rehashed)
        return self._let_in(transaction, account, wish, settings, now)

    def _let_in(
        self,
        transaction: Transaction,
        account: Account,
        wish: LogIn,
        settings: AuthSettings,
        now: UtcSeconds,
    ) -> LoggedIn:
        live = transaction.sessions.live(account.agent_id, now)
        surplus = live[: max(0, len(live) - SESSIONS_LIMIT + 1)]
        transaction.sessions.revoke([one.id for one in surplus], "too many sessions", now)
        ends_at = now + settings.session_longest_s
        session, tokens = new_tokens(
            Session(
                id=self._ids.token(),
                agent_id=account.agent_id,
                customer_id=wish.customer_id or account.customer_id,
                access_hash=b"",
                access_until=min(now + settings.session_idle_s, ends_at),
                refresh_hash=b"",
                ends_at=ends_at,
                created_at=now,
                last_used_at=now,
                mfa_at=now if account.has_second_factor else None,
                is_cookie=wish.is_cookie,
                source=wish.source,
                user_agent=wish.user_agent,
            ),
            self._secrets.random(RANDOM_BYTES),
        )
        transaction.sessions.add(session)
        _note(transaction, account, wish, now, session_id=session.id)
        must_enrol = settings.require_mfa and not account.has_second_factor
        return LoggedIn(tokens, session, account.username, must_enrol)


def _storable(wish: LogIn) -> LogIn:
    """The wish without characters that a database refuses; a name that has some is nobody's."""
    username = wish.username.strip().lower()
    is_plain = username.isprintable() and wish.customer_id.isprintable()
    agent = "".join(filter(str.isprintable, wish.user_agent[:USER_AGENT_LIMIT]))
    return replace(wish, username=username if is_plain else "", user_agent=agent)


def _place_fault(
    transaction: Transaction, account: Account, wish: LogIn, settings: AuthSettings
) -> Refused | None:
    """Why somebody who proved who he is does not get in from here, or into this customer."""
    if not is_from(wish.source, settings.networks):
        return Refused("network", "this account may not be used from this network")
    if not transaction.is_member(account.agent_id, wish.customer_id or account.customer_id):
        return Refused("membership", "you are no member of this customer")
    return None


def _note(
    transaction: Transaction,
    account: Account | None,
    wish: LogIn,
    now: UtcSeconds,
    *,
    refused: str = "",
    session_id: str = "",
) -> None:
    home = account.customer_id if account else ""
    transaction.note(
        AuditNote(
            at=now,
            action="sessions:log_in",
            decision="refused" if refused else "done",
            customer_id=wish.customer_id or home if session_id else home,
            actor_id=account.agent_id if account else "",
            token_kind="session" if session_id else "",
            token_id=session_id,
            source=wish.source,
            resource="sessions",
            target_id=session_id,
            after={"username": wish.username} if refused else None,
            reason=refused,
            request_id=wish.request_id,
        )
    )
