"""What identity needs from outside: chance, slow hashes, and storage. ``app`` fills it.

A ``Transaction`` is one transaction of the database: all of it happens, or nothing. Everything that
decides reads and writes in the same one. No slow hash is computed inside of one.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from msgspec import Struct

from switchroom.foundation.errors import SwitchroomError
from switchroom.foundation.events import UtcSeconds
from switchroom.identity.model import (
    AccessKey,
    Account,
    AuditNote,
    AuthSettings,
    FoundToken,
    Session,
)
from switchroom.identity.rules.delays import Count
from switchroom.identity.tokens import Token
from switchroom.permissions.compile import Compiled
from switchroom.permissions.model import Authority


class StorageError(SwitchroomError):
    """The database does not answer, or not as we write it: nobody may do anything."""

    code = "unavailable"


class Secrets(Protocol):
    """Chance that nobody can guess."""

    def random(self, count: int) -> bytes:
        """So many new random bytes."""
        ...


class PasswordHasher(Protocol):
    """A slow hash that needs much memory, so only a few run at once."""

    def admission(self) -> AbstractContextManager[bool]:
        """Stand in line; ``False``: the line is full, come back in a second. Hash only inside."""
        ...

    def verify(self, stored: str, password: str) -> bool:
        """Whether this is the password. An empty ``stored`` costs the same and is never right."""
        ...

    def hash(self, password: str) -> str:
        """What is stored of a password."""
        ...

    def is_outdated(self, stored: str) -> bool:
        """Whether a new hash would be stronger."""
        ...


class Accounts(Protocol):
    """Accounts of agents."""

    def by_username(self, username: str) -> Account | None: ...

    def find(self, agent_id: str) -> Account | None:
        """The account, held until the transaction's end."""
        ...

    def set_password(self, agent_id: str, password_hash: str, now: UtcSeconds) -> None: ...

    def rehash(self, agent_id: str, old: str, new: str) -> None:
        """Store the same password's new hash, if it is still ``old``."""
        ...

    def set_second_factor(self, account: Account) -> None:
        """Store the four fields of the second factor."""
        ...

    def take_step(self, agent_id: str, step: int) -> bool:
        """Note that this time step's code was taken; ``False``: it or a later one was before."""
        ...


class Sessions(Protocol):
    """Sessions, and the refresh tokens that were used."""

    def add(self, session: Session) -> None: ...

    def by_refresh(self, digest: bytes) -> Session | None: ...

    def by_used_refresh(self, digest: bytes) -> Session | None:
        """The session one of whose former refresh tokens this is."""
        ...

    def rotate(self, old: Session, new: Session) -> bool:
        """Store the new tokens; ``False``: somebody else used the old refresh token first."""
        ...

    def used_refreshes(self, session_id: str) -> int:
        """How often it was refreshed."""
        ...

    def touch(self, session_id: str, access_until: UtcSeconds, now: UtcSeconds) -> None: ...

    def set_mfa(self, session_id: str, now: UtcSeconds) -> None: ...

    def live(self, agent_id: str, now: UtcSeconds) -> Sequence[Session]:
        """Those that have not ended, the one used longest ago first."""
        ...

    def find(self, session_id: str) -> Session | None: ...

    def revoke(self, session_ids: Sequence[str], reason: str, now: UtcSeconds) -> int:
        """End them; those that have ended already stay as they are. Returns how many."""
        ...


class AccessKeys(Protocol):
    """Access keys."""

    def add(self, key: AccessKey) -> None: ...

    def find(self, key_id: str, customer_id: str) -> AccessKey | None:
        """The key, held until the transaction's end."""
        ...

    def change(self, key: AccessKey) -> None: ...

    def delete(self, key_id: str) -> None: ...

    def touch(self, key_id: str, now: UtcSeconds) -> None: ...

    def count(self, owner_id: str, customer_id: str, now: UtcSeconds) -> int:
        """How many keys of this owner are good."""
        ...


class Tickets(Protocol):
    """Single-use tickets."""

    def add(self, digest: bytes, kind: str, token_id: str, expires_at: UtcSeconds) -> None: ...

    def spend(self, digest: bytes, now: UtcSeconds) -> tuple[str, str] | None:
        """Kind and id of the token it stands for; the second time there is none."""
        ...

    def count(self, token_id: str, now: UtcSeconds) -> int:
        """How many tickets of this token wait to be used."""
        ...


class Attempts(Protocol):
    """Counts of failed log-ins by subject."""

    def read(self, subjects: Sequence[str]) -> Mapping[str, Count]:
        """What is counted; nobody else touches these subjects until the transaction ends."""
        ...

    def write(self, counts: Mapping[str, Count | None]) -> None:
        """Store counts; ``None`` forgets one."""
        ...

    def forget(self, prefixes: Sequence[str]) -> None:
        """Forget whatever is counted of subjects that begin so."""
        ...

    def purge(self, before: UtcSeconds, most: int) -> int: ...


class Transaction(Protocol):
    """One transaction."""

    @property
    def accounts(self) -> Accounts: ...

    @property
    def sessions(self) -> Sessions: ...

    @property
    def keys(self) -> AccessKeys: ...

    @property
    def tickets(self) -> Tickets: ...

    @property
    def attempts(self) -> Attempts: ...

    def find_token(self, token: Token) -> FoundToken | None: ...

    def find_token_by_id(self, kind: str, token_id: str) -> FoundToken | None: ...

    def authority(self, found: FoundToken) -> Authority:
        """What the token's principal holds where the token counts, with its ceiling."""
        ...

    def authority_of(self, agent_id: str, customer_id: str) -> Authority:
        """What an agent holds in a customer, without any token's ceiling."""
        ...

    def authorities_of(self, agent_id: str) -> Sequence[Authority]:
        """The same in every customer that he serves."""
        ...

    def settings(self, customer_id: str) -> AuthSettings: ...

    def is_member(self, agent_id: str, customer_id: str) -> bool:
        """Whether the agent has a membership there that is not disabled."""
        ...

    def is_customer(self, customer_id: str) -> bool: ...

    def agent_name(self, agent_id: str) -> tuple[str, str]:
        """User name and home of an agent; both empty if there is none."""
        ...

    def raise_epoch(self, agent_id: str) -> None:
        """Whatever was compiled of this agent counts no more."""
        ...

    def note(self, note: AuditNote) -> None:
        """Tell the audit log when the transaction commits; nothing if it does not."""
        ...


class Storage(Protocol):
    """Where accounts, sessions and keys are.

    Both, and whatever is done inside, raise ``StorageError`` when the database does not answer.
    Nothing is allowed then.
    """

    def reading(self) -> AbstractContextManager[Transaction]: ...

    def together(self) -> AbstractContextManager[None]:
        """What this thread reads inside is one transaction; nothing may be written there.

        Faults of the database come as they are: what is read inside need not be identity's.
        """
        ...

    def writing(self) -> AbstractContextManager[Transaction]: ...


class CacheKey(Struct, frozen=True):
    """What a compiled authority is good for; a change of any of it makes another one."""

    principal_id: str
    customer_id: str
    token_id: str
    customer_epoch: int
    agent_epoch: int
    must_enrol: bool


class AuthorityCache(Protocol):
    """Compiled authorities of one process, those used last; may be asked from any thread."""

    def get(self, key: CacheKey, now: UtcSeconds) -> Compiled | None:
        """What was compiled, unless a binding has begun or ended since."""
        ...

    def put(self, key: CacheKey, compiled: Compiled) -> None: ...
