"""Who sent a request: a phone that knows its password (RFC 3261 section 22, RFC 8760)."""

import hmac

from msgspec import Struct

from switchroom.foundation.ids import Ids
from switchroom.sip.defence import Failure
from switchroom.sip.digest import Credentials, Nonces, challenge_lines, parse_credentials, verify
from switchroom.sip.message import Request
from switchroom.sip.ports import Access, Account
from switchroom.sip.settings import SipSettings

MAX_CREDENTIALS = 8
"Values of one request that are looked at; phones repeat those for other servers on the way."
MARK_LENGTH = 12
"Hexadecimal digits of a nonce that stand for the address it was issued to."


class Challenge(Struct, frozen=True):
    """Answer 401 with these lines. ``failure``: what speaks against the sender, if anything."""

    lines: tuple[str, ...]
    failure: Failure | None


class Authentication:
    """Challenges and verifies. An unknown user and a wrong password look the same from outside."""

    def __init__(self, access: Access, ids: Ids, settings: SipSettings) -> None:
        self._access = access
        self._ids = ids
        self._settings = settings
        self._secret = "".join(ids.token() for _ in range(4)).encode()
        self._nonces = Nonces(self._secret, settings.nonce_lifetime_s)

    def authenticate(
        self, request: Request, host: str, source: str, now: float
    ) -> Account | Challenge:
        """The account that sent ``request`` in the domain ``host``, or what to answer.

        A nonce is good only for the address ``source`` that asked for it: otherwise somebody
        could take one and get another address banned by sending wrong passwords in its name.
        """
        realm = self._access.realm(host)
        credentials = _credentials_for(realm, request)
        if credentials is None:
            return self._challenge(realm, source, now)
        if self._nonces.is_ours(credentials.nonce) and not self._was_for(source, credentials):
            return self._challenge(realm, source, now, is_stale=True)
        account = self._access.account(credentials.user, host)

        def ha1_of(algorithm: str, _user: str, _realm: str) -> str | None:
            if account is None or algorithm not in self._settings.digest_algorithms:
                return None
            return account.ha1.get(algorithm)

        outcome = verify(credentials, request.method, ha1_of, self._nonces, now)
        if outcome == "ok" and account is not None:
            return account
        if outcome == "stale":
            return self._challenge(realm, source, now, is_stale=True)
        # Only who has received a challenge of ours has not forged its address.
        is_ours = self._nonces.is_ours(credentials.nonce)
        return self._challenge(realm, source, now, "wrong_password" if is_ours else "unknown_user")

    def _challenge(
        self,
        realm: str,
        source: str,
        now: float,
        failure: Failure | None = None,
        *,
        is_stale: bool = False,
    ) -> Challenge:
        values = challenge_lines(
            realm,
            self._nonces.issue(now, self._ids.token() + self._mark(source)),
            self._settings.digest_algorithms,
            stale=is_stale,
        )
        return Challenge(tuple(f"WWW-Authenticate: {value}" for value in values), failure)

    def _mark(self, source: str) -> str:
        return hmac.digest(self._secret, source.encode(), "sha256").hex()[:MARK_LENGTH]

    def _was_for(self, source: str, credentials: Credentials) -> bool:
        token = credentials.nonce.split(".")[1]
        return hmac.compare_digest(token[-MARK_LENGTH:], self._mark(source))


def _credentials_for(realm: str, request: Request) -> Credentials | None:
    """The first usable credentials for ``realm`` (RFC 3261 sections 22.2 and 22.3)."""
    values = [*request.raw("authorization"), *request.raw("proxy-authorization")]
    for value in values[:MAX_CREDENTIALS]:
        credentials = parse_credentials(value)
        if credentials is not None and credentials.realm == realm:
            return credentials
    return None
