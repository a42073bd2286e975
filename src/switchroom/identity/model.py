"""Who asks, and what is stored of accounts, sessions and keys. Times are Unix seconds."""

from typing import Any, Literal, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from switchroom.foundation.events import UtcSeconds
from switchroom.permissions.compile import Compiled

TokenKind: TypeAlias = Literal["session", "accesskey"]
Proof: TypeAlias = Literal["session", "accesskey", "operator"]
"By what somebody proved who he is; ``operator``: he is on the machine itself."


class Actor(Struct, frozen=True):
    """Who asks, in which customer, and everything he may do there. Made anew for each request."""

    principal_id: str
    "Agent id; of an access key its owner's."
    customer_id: str
    "The active customer, exactly one."
    username: str
    token_kind: Proof
    token_id: str
    compiled: Compiled
    mfa_at: UtcSeconds | None = None
    "When the second factor was last shown; ``None`` also for every access key."
    source: str = ""
    "Address that the request came from, without port."
    must_enrol: bool = False
    "The customer asks for a second factor and there is none: nothing is allowed but to set one up."
    switched_from: str = ""
    "Home of platform staff who switched to this customer; empty for its members."
    csrf_hash: bytes = b""
    "Of a session in a cookie: what the request's CSRF token must hash to; empty for the rest."
    request_id: str = ""
    "What the logs call his request; empty outside of one."
    proof: bytes = b""
    "SHA-256 of the access key's text that he has shown; empty of everything else."
    proof_until: UtcSeconds | None = None
    "When that text counts no more, if another one has replaced it; ``None``: as long as the key."
    is_use_due: bool = False
    "Whether the use of his token is to be written down; once a minute."


class Account(Struct, frozen=True):
    """How an agent logs in."""

    agent_id: str
    customer_id: str
    "The agent's home."
    username: str
    password_hash: str = ""
    "Argon2id in PHC form; empty: no password was set."
    password_changed_at: UtcSeconds | None = None
    totp_secret: str = ""
    "Base32; set but not confirmed while it is being set up."
    totp_confirmed_at: UtcSeconds | None = None
    totp_last_step: int = 0
    "The 30 second step of the last code that was taken."
    recovery_hashes: tuple[str, ...] = ()
    "Hex SHA-256 of the recovery codes that are left."
    is_disabled: bool = False

    @property
    def has_second_factor(self) -> bool:
        return self.totp_confirmed_at is not None

    def __repr__(self) -> str:
        return f"Account(username={self.username!r})"  # never a secret into a log or a traceback


class Session(Struct, frozen=True):
    """One log-in. Of its tokens only SHA-256 hashes are known."""

    id: str
    agent_id: str
    customer_id: str
    "The active customer."
    access_hash: bytes
    access_until: UtcSeconds
    refresh_hash: bytes
    ends_at: UtcSeconds
    created_at: UtcSeconds
    last_used_at: UtcSeconds
    mfa_at: UtcSeconds | None = None
    is_cookie: bool = False
    csrf_hash: bytes = b""
    source: str = ""
    user_agent: str = ""
    switched_from: str = ""
    switch_reason: str = ""
    revoked_at: UtcSeconds | None = None
    revoked_reason: str = ""


class AccessKey(Struct, frozen=True):
    """A program's way in: its owner's authority, cut to a ceiling."""

    id: str
    owner_id: str
    customer_id: str
    name: str
    prefix: str
    "First characters, for people to tell keys apart."
    hash: bytes
    ceiling: tuple[str, ...]
    "Permission patterns, never empty."
    created_at: UtcSeconds
    expires_at: UtcSeconds
    networks: tuple[str, ...] = ()
    "CIDR; empty: from anywhere."
    previous_hash: bytes | None = None
    previous_until: UtcSeconds | None = None
    "After a rotation the old key is taken until then."
    last_used_at: UtcSeconds | None = None
    revoked_at: UtcSeconds | None = None


class AuthSettings(Struct, frozen=True):
    """What a customer asks of log-ins; a customer without settings of his own has these."""

    require_mfa: bool = False
    session_idle_s: float = 900.0
    "An access token lives so long after its last use."
    session_longest_s: float = 43_200.0
    "After so long somebody has to log in again: one shift."
    password_least: int = 12
    "Characters."
    key_longest_days: int = 365
    networks: tuple[str, ...] = ()
    "From where people are taken (CIDR); empty: from anywhere. Keys have networks of their own."


class Tokens(Struct, frozen=True):
    """What a client gets, once: the texts are stored nowhere."""

    access: str
    refresh: str
    "Empty: this session ends when its access token does."
    access_until: UtcSeconds
    ends_at: UtcSeconds
    csrf: str = ""
    "Only of a session in a cookie; a header shows it with everything that changes something."

    def __repr__(self) -> str:
        return f"Tokens(access_until={self.access_until})"  # never into a log or a traceback


class Refused(Struct, frozen=True):
    """It was not done. ``text`` says to whoever asked no more than he may know."""

    code: str
    "Stable: ``wrong``, ``wait``, ``busy``, ``invalid``, ``ended``, ``network``, …"
    text: str = ""
    field: str = ""
    "What of a request is wrong, if it is one thing."
    retry_after_s: float = 0.0
    "Seconds to wait before it can be tried again; 0: it would not help."


OUTDATED = Refused("precondition_failed", "somebody else has changed it since; read it again")
"To a change that was only meant for what its author had read."


class AuditNote(Struct, frozen=True):
    """What the audit log is told, in the transaction of the change."""

    at: UtcSeconds
    action: str
    "The permission's name, or a log-in's own: ``sessions:log_in``."
    decision: Literal["done", "refused", "allowed"]
    customer_id: str
    actor_id: str = ""
    token_kind: str = ""
    token_id: str = ""
    source: str = ""
    resource: str = ""
    target_id: str = ""
    before: Any = None
    after: Any = None
    reason: str = ""
    request_id: str = ""

    def by(self, actor: Actor | None) -> "AuditNote":
        """The same, told of whom it was; ``None``: the operator on the machine."""
        if actor is None:
            return replace(self, token_kind="operator")
        return replace(
            self,
            actor_id=actor.principal_id,
            token_kind=actor.token_kind,
            token_id=actor.token_id,
            source=actor.source,
            request_id=actor.request_id,
        )


class FoundToken(Struct, frozen=True):
    """A token with all that decides whether it counts, read with one query."""

    agent_id: str
    customer_id: str
    username: str
    home_id: str
    "The customer the agent belongs to."
    session: Session | None = None
    key: AccessKey | None = None
    "Exactly one of the two is set."
    customer_epoch: int = 0
    agent_epoch: int = 0
    has_account: bool = False
    is_disabled: bool = False
    "The account, or the membership, or the home membership of switched staff, is disabled or gone."
    has_second_factor: bool = False
    settings: AuthSettings = AuthSettings()
    "Those of the agent's home."
