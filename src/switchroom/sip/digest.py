"""Digest authentication, both sides (RFC 7616, RFC 8760; RFC 2617 clients without qop).

Rules: a nonce proves by itself when it was issued and by whom, so an unanswered challenge costs no
memory. Only after a right password is a nonce remembered, with its highest count; a count that
does not grow is a replay. Nothing here reads a clock or makes random numbers.
"""

import hashlib
import hmac
from collections.abc import Callable, Sequence
from typing import Final, Literal
from urllib.parse import unquote as percent_decoded

from msgspec import Struct

from switchroom.sip.message.grammar import is_token, quote, split_list, unquote
from switchroom.sip.message.limits import PARAMETERS

Algorithm = Literal["MD5", "SHA-256"]
Outcome = Literal["ok", "wrong", "stale", "malformed"]
Ha1Of = Callable[[str, str, str], str | None]
"Algorithm (``MD5`` or ``SHA-256``), user, realm → H(A1) in hexadecimal; ``None``: unknown."

STRENGTH: Final = ("SHA-256", "SHA-256-sess", "MD5", "MD5-sess")
"What both sides understand, strongest first."
_BY_LOWER_NAME: Final = {name.lower(): name for name in STRENGTH}
_UNKNOWN_HA1: Final = "0" * 64


class Credentials(Struct, frozen=True):
    """A client's answer to a challenge, unquoted. Texts may be anything that a client writes."""

    user: str
    realm: str
    nonce: str
    uri: str
    response: str
    algorithm: str = "MD5"
    "One of ``STRENGTH``."
    qop: str = ""
    "``auth``, or empty for an RFC 2617 client that knows no qop."
    cnonce: str = ""
    nonce_count: str = ""
    "Eight hexadecimal digits as written; empty without qop."
    opaque: str = ""


class Login(Struct, frozen=True):
    """What we authenticate with at somebody else's."""

    user: str
    password: str


def digest_parameters(value: str) -> dict[str, str] | None:
    """Read a ``Digest name=value, …`` value; ``None`` for another scheme, junk or repetition.

    Names become lower case, values lose their quotes.
    """
    scheme, _, rest = value.strip(" \t").partition(" ")
    words = split_list(rest.strip(" \t"))
    if scheme.lower() != "digest" or len(words) > PARAMETERS:
        return None
    parameters: dict[str, str] = {}
    for word in words:
        name, equals, text = word.partition("=")
        name = name.strip(" \t").lower()
        if not equals or not is_token(name) or name in parameters:
            return None
        parameters[name] = unquote(text.strip(" \t"))
    return parameters


def parse_credentials(value: str) -> Credentials | None:
    """Read an Authorization or Proxy-Authorization value; ``None`` if it is unusable."""
    found = digest_parameters(value)
    if found is None:
        return None
    user = found.get("username") or _extended(found.get("username*", ""))
    algorithm = _BY_LOWER_NAME.get(found.get("algorithm", "md5").lower(), "")
    realm, nonce = found.get("realm", ""), found.get("nonce", "")
    uri, response = found.get("uri", ""), found.get("response", "")
    qop = found.get("qop", "").lower()
    cnonce, count = found.get("cnonce", ""), found.get("nc", "")
    counted = bool(cnonce) and len(count) == 8 and _is_hexadecimal(count)
    if not (user and algorithm and realm and nonce and uri and response):
        return None
    if qop and not (qop == "auth" and counted):
        return None  # auth-int is never offered
    if algorithm.endswith("-sess") and not cnonce:
        return None
    return Credentials(
        user=user,
        realm=realm,
        nonce=nonce,
        uri=uri,
        response=response,
        algorithm=algorithm,
        qop=qop,
        cnonce=cnonce,
        nonce_count=count if qop else "",
        opaque=found.get("opaque", ""),
    )


def _extended(text: str) -> str:
    charset, _, rest = text.partition("''")  # RFC 7616 §3.4.4: username*=UTF-8''J%C3%A4s%C3%B8n
    return percent_decoded(rest, errors="surrogateescape") if charset.lower() == "utf-8" else ""


def _is_hexadecimal(text: str) -> bool:
    return all(digit in "0123456789abcdefABCDEF" for digit in text)


def _hash(algorithm: str, text: str) -> str:
    raw = text.encode("utf-8", "surrogateescape")
    if algorithm.startswith("SHA-256"):
        return hashlib.sha256(raw).hexdigest()
    return hashlib.md5(raw, usedforsecurity=False).hexdigest()


def ha1(algorithm: str, user: str, realm: str, password: str) -> str:
    """Return H(A1) in hexadecimal: what to store instead of a password, once per algorithm."""
    return _hash(algorithm, f"{user}:{realm}:{password}")


def _response(credentials: Credentials, method: str, secret: str) -> str:
    """The right ``response`` for all the other values (RFC 7616 §3.4.1)."""
    c, name = credentials, credentials.algorithm
    if name.endswith("-sess"):
        secret = _hash(name, f"{secret}:{c.nonce}:{c.cnonce}")
    ha2 = _hash(name, f"{method}:{c.uri}")
    middle = f"{c.nonce}:{c.nonce_count}:{c.cnonce}:{c.qop}" if c.qop else c.nonce
    return _hash(name, f"{secret}:{middle}:{ha2}")


class Nonces:
    """Issues nonces and judges them. Remembers the counts of ``most`` of them."""

    __slots__ = ("_counts", "_forgotten_ms", "_lifetime_ms", "_most", "_secret")

    def __init__(self, secret: bytes, lifetime_s: float, most: int = 50_000) -> None:
        self._secret = secret
        self._lifetime_ms = int(lifetime_s * 1000)
        self._most = most
        self._counts: dict[str, int] = {}
        self._forgotten_ms = -1
        "Issue time of the youngest nonce whose count has been forgotten."

    def issue(self, now: float, token: str) -> str:
        """Return a new nonce. ``token`` must be unguessable letters and digits, used once."""
        issued = f"{int(now * 1000):x}.{token}"
        return f"{issued}.{self._mac(issued)}"

    def _mac(self, text: str) -> str:
        raw = text.encode("utf-8", "surrogateescape")
        return hmac.digest(self._secret, raw, "sha256").hex()[:32]

    def _issued_ms(self, nonce: str) -> int | None:
        issued, _, mac = nonce.rpartition(".")
        if not hmac.compare_digest(mac.encode("utf-8", "replace"), self._mac(issued).encode()):
            return None
        return int(issued.partition(".")[0], 16)

    def is_ours(self, nonce: str) -> bool:
        """Whether ``nonce`` was issued here, however long ago."""
        return self._issued_ms(nonce) is not None

    def use(self, nonce: str, count: int, now: float) -> bool:
        """Note one use of ``nonce``; false if it is not ours, too old, or the count is not new."""
        issued = self._issued_ms(nonce)
        now_ms = int(now * 1000)
        if issued is None or not now_ms - self._lifetime_ms <= issued <= now_ms:
            return False
        known = self._counts.pop(nonce, None)
        if known is None and issued <= self._forgotten_ms:
            return False  # it may have been used: only its memory is gone
        self._counts[nonce] = count if known is None else max(known, count)
        if len(self._counts) > self._most:
            oldest = next(iter(self._counts))
            del self._counts[oldest]
            self._forgotten_ms = max(self._forgotten_ms, self._issued_ms(oldest) or 0)
        return known is None or count > known

    def __len__(self) -> int:
        return len(self._counts)


def verify(  # the caller has compared the realm: ``ha1_of`` knows nobody elsewhere
    credentials: Credentials | None,
    method: str,
    ha1_of: Ha1Of,
    nonces: Nonces,
    now: float,
    uri: str = "",
) -> Outcome:
    """Judge a request's credentials.

    ``stale`` means that the password is right, but the nonce is old, unknown or replayed: challenge
    again with ``stale=true``. Without qop a nonce serves once. If ``uri`` is given, it must be the
    one that was signed; RFC 3261 §22.4 lets proxies change the Request-URI, so that is optional.
    """
    if credentials is None or (uri and credentials.uri != uri):
        return "malformed"
    algorithm = credentials.algorithm.removesuffix("-sess")
    secret = ha1_of(algorithm, credentials.user, credentials.realm)
    # An unknown user costs the same time as a wrong password.
    expected = _response(credentials, method, secret or _UNKNOWN_HA1)
    given = credentials.response.lower().encode("utf-8", "replace")
    if not hmac.compare_digest(given, expected.encode()) or secret is None:
        return "wrong"
    count = int(credentials.nonce_count, 16) if credentials.nonce_count else 2**32
    return "ok" if nonces.use(credentials.nonce, count, now) else "stale"


def challenge_lines(
    realm: str, nonce: str, algorithms: Sequence[Algorithm], *, stale: bool, opaque: str = ""
) -> list[str]:
    """Return one WWW-Authenticate value for each algorithm; give the strongest first (RFC 8760)."""
    end = f", opaque={quote(opaque)}" if opaque else ""
    end += ", stale=true" if stale else ""
    start = f"Digest realm={quote(realm)}, nonce={quote(nonce)}"
    return [f'{start}, algorithm={algorithm}, qop="auth"{end}' for algorithm in algorithms]


def choose(challenges: Sequence[str]) -> str | None:
    """Return the challenge with the strongest algorithm that ``answer`` can do; ``None``: none."""
    best: tuple[int, str] | None = None
    for value in challenges:
        found = digest_parameters(value)
        if found is not None and (usable := _usable(found)) is not None:
            rank = STRENGTH.index(usable[0])
            if best is None or rank < best[0]:
                best = rank, value
    return best[1] if best else None


def _usable(challenge: dict[str, str]) -> tuple[str, str] | None:
    """Algorithm and qop (empty for none) to answer with; ``None`` if we cannot."""
    algorithm = _BY_LOWER_NAME.get(challenge.get("algorithm", "md5").lower())
    offered = [word.strip() for word in challenge.get("qop", "").lower().split(",")]
    qop = "auth" if "auth" in offered else ""
    if algorithm is None or not challenge.get("nonce") or (offered != [""] and not qop):
        return None
    return algorithm, qop


def answer(  # the values of RFC 7616 §3.4 that no challenge contains
    challenge: str, method: str, uri: str, login: Login, cnonce: str, nonce_count: int = 1
) -> str | None:
    """Return the Authorization value for a challenge, ``None`` if it cannot be answered.

    ``cnonce`` must be unguessable; ``nonce_count`` grows with every use of the same nonce.
    """
    found = digest_parameters(challenge)
    usable = _usable(found) if found is not None else None
    if found is None or usable is None:
        return None
    algorithm, qop = usable
    realm, nonce, opaque = found.get("realm", ""), found["nonce"], found.get("opaque", "")
    count = f"{nonce_count:08x}" if qop else ""
    secret = ha1(algorithm, login.user, realm, login.password)
    signed = Credentials(login.user, realm, nonce, uri, "", algorithm, qop, cnonce, count, opaque)
    words = [
        f"Digest username={quote(login.user)}, realm={quote(realm)}, nonce={quote(nonce)}",
        f'uri={quote(uri)}, response="{_response(signed, method, secret)}"',
    ]
    if "algorithm" in found:
        words.append(f"algorithm={algorithm}")
    if qop or algorithm.endswith("-sess"):
        words.append(f"cnonce={quote(cnonce)}")
    if qop:
        words.append(f"qop=auth, nc={count}")
    if opaque:
        words.append(f"opaque={quote(opaque)}")
    return ", ".join(words)
