"""Who asks: from the text of a token to an actor with everything he may do. Once per request.

The token is looked up in the database every time, together with the epochs of its customer and its
agent. What was compiled is kept as long as neither has changed and no binding has begun or ended.
"""

from msgspec.structs import replace

from switchroom.foundation.events import UtcSeconds
from switchroom.identity.model import Actor, FoundToken, Refused
from switchroom.identity.ports import AuthorityCache, CacheKey, Storage, Transaction
from switchroom.identity.rules import accesskeys, sessions
from switchroom.identity.tokens import TokenForm, read_token
from switchroom.permissions.catalog import Catalog
from switchroom.permissions.compile import Compiled, compile_authority
from switchroom.permissions.model import Authority

HEADER_FORMS: tuple[TokenForm, ...] = ("session", "accesskey")
UNKNOWN = Refused("unknown", "log in first")


class Authenticator:
    """Makes actors of tokens. Every method may be called from any thread."""

    def __init__(self, storage: Storage, catalog: Catalog, cache: AuthorityCache) -> None:
        self._storage = storage
        self._catalog = catalog
        self._cache = cache

    def authenticate(
        self, text: str, source: str, now: UtcSeconds, forms: tuple[TokenForm, ...] = HEADER_FORMS
    ) -> Actor | Refused:
        """The actor whose token this is, or why it does not count. Writes nothing: ``note_use``.

        Args:
            text: What the request showed; anything at all.
            source: Address that it came from, without port.
            now: Unix time in seconds.
            forms: ``("session",)`` where a cookie was shown: a key in a cookie is none.

        Raises:
            StorageError: The database does not answer; nobody may do anything.
        """
        token = read_token(text, *forms)
        if token is None:
            return UNKNOWN
        with self._storage.reading() as transaction:
            found = transaction.find_token(token)
            return self._judge(transaction, found, token.digest, source, now)

    def note_use(self, actor: Actor, now: UtcSeconds) -> None:
        """Write down that the actor has used his token, if it is due; a session slides by it."""
        if not actor.is_use_due:
            return
        with self._storage.writing() as transaction:
            found = transaction.find_token_by_id(actor.token_kind, actor.token_id)
            if found is None:
                return
            session, key = found.session, found.key
            if session is not None:
                until = sessions.slid(session, found.settings, now)
                if until is not None:
                    transaction.sessions.touch(session.id, until, now)
            elif key is not None and accesskeys.is_worth_noting(key, now):
                transaction.keys.touch(key.id, now)

    def spend_ticket(self, text: str, source: str, now: UtcSeconds) -> Actor | Refused:
        """The actor for whom this ticket was made; it is good for one time only."""
        token = read_token(text, "ticket")
        if token is None:
            return UNKNOWN
        with self._storage.writing() as transaction:
            spent = transaction.tickets.spend(token.digest, now)
            if spent is None:
                return UNKNOWN
            found = transaction.find_token_by_id(*spent)
            key = None if found is None else found.key
            proof = b"" if key is None else accesskeys.weakest(key, now)
            return self._judge(transaction, found, proof, source, now)

    def again(self, actor: Actor, now: UtcSeconds) -> Actor | Refused:
        """The same actor as he is now: for whatever stays open longer than a request."""
        with self._storage.reading() as transaction:
            found = transaction.find_token_by_id(actor.token_kind, actor.token_id)
            if found is not None and found.session is not None:
                # An open socket is use; only its session's end closes it, not a quiet quarter hour.
                found = _kept_awake(found, now)
            return self._judge(transaction, found, actor.proof, actor.source, now)

    def _judge(
        self,
        transaction: Transaction,
        found: FoundToken | None,
        proof: bytes,
        source: str,
        now: UtcSeconds,
    ) -> Actor | Refused:
        if found is None:
            return UNKNOWN
        if found.session is not None:
            fault = sessions.session_fault(found, source, now)
        else:
            fault = accesskeys.key_fault(found, proof, source, now)
        if fault is not None:
            return fault
        actor = _actor(found, self._compiled(transaction, found, now), source, now)
        if found.key is None:
            return actor
        return replace(actor, proof=proof, proof_until=accesskeys.ends_of(found.key, proof))

    def _compiled(self, transaction: Transaction, found: FoundToken, now: UtcSeconds) -> Compiled:
        key = CacheKey(
            found.agent_id,
            found.customer_id,
            _token_id(found),
            found.customer_epoch,
            found.agent_epoch,
            sessions.must_enrol(found),
        )
        kept = self._cache.get(key, now)
        if kept is not None:
            return kept
        compiled = compile_authority(_authority(transaction, found), self._catalog, now)
        self._cache.put(key, compiled)
        return compiled


def is_csrf_right(actor: Actor, text: str) -> bool:
    """Whether this is the CSRF token of a session in a cookie; never for any other token."""
    token = read_token(text, "csrf")
    return token is not None and bool(actor.csrf_hash) and token.digest == actor.csrf_hash


def _kept_awake(found: FoundToken, now: UtcSeconds) -> FoundToken:
    assert found.session is not None
    until = max(found.session.access_until, now + 1)
    return replace(found, session=replace(found.session, access_until=until))


def _authority(transaction: Transaction, found: FoundToken) -> Authority:
    authority = transaction.authority(found)
    if sessions.must_enrol(found):
        # An empty ceiling: whatever he holds, he may set up a second factor and nothing else.
        return Authority(authority.principal_id, authority.customer_id, token=())
    return authority


def _actor(found: FoundToken, compiled: Compiled, source: str, now: UtcSeconds) -> Actor:
    session = found.session
    return Actor(
        principal_id=found.agent_id,
        customer_id=found.customer_id,
        username=found.username,
        token_kind="accesskey" if session is None else "session",
        token_id=_token_id(found),
        compiled=compiled,
        mfa_at=None if session is None else session.mfa_at,
        source=source,
        must_enrol=sessions.must_enrol(found),
        switched_from="" if session is None else session.switched_from,
        csrf_hash=b"" if session is None else session.csrf_hash,
        is_use_due=_is_use_due(found, now),
    )


def _is_use_due(found: FoundToken, now: UtcSeconds) -> bool:
    if found.session is not None:
        return sessions.slid(found.session, found.settings, now) is not None
    return found.key is not None and accesskeys.is_worth_noting(found.key, now)


def _token_id(found: FoundToken) -> str:
    if found.session is not None:
        return found.session.id
    return "" if found.key is None else found.key.id
