"""Audit entries, and the chain of hashes that shows when one was changed, lost or slipped in.

Pure: ``store/audit.py`` writes them and walks the chain. What an entry shows of a thing before and
after a change never has a secret in it: fields that hold one are covered here, by their names.
"""

import re
from hashlib import sha256
from typing import Any, Literal, TypeAlias

import msgspec
from msgspec import Struct
from msgspec.structs import asdict

from switchroom.foundation.events import UtcSeconds

Decision: TypeAlias = Literal["done", "refused", "allowed", "failed"]
"""``done``: it was changed; ``allowed``: a sensitive thing that changes nothing by itself;
``failed``: nobody refused it, and whether it was done is not known."""

GENESIS = bytes(32)
"What stands before the first entry."
TEXT_LIMIT = 1000
"Characters kept of a reason, a source or an id."
SHOWN_LIMIT = 65_536
"Characters kept of a thing before or after; a longer one is told by its length alone."
COVERED = "(kept secret)"

_SECRET = re.compile(
    r"password|secret|token|ticket|totp|recovery|csrf|credential|ha1|hash|nonce|refresh|access_key",
    re.IGNORECASE,
)
_HARMLESS = frozenset({"password_changed_at", "password_least", "totp_confirmed_at", "token_kind",
                       "token_id", "require_mfa"})  # fmt: skip
_DEPTH_LIMIT = 16


class AuditEntry(Struct, frozen=True, kw_only=True):
    """Something that somebody did, was refused, or was allowed."""

    at: UtcSeconds
    customer_id: str
    "The customer whose thing it is; empty for the platform's own."
    actor_id: str = ""
    "Agent id; empty: the operator on the machine, or nobody known."
    token_kind: str = ""
    "``session``, ``accesskey``, ``operator``; empty for nobody known."
    token_id: str = ""
    source: str = ""
    "Network address that the request came from."
    action: str
    "The permission's name, or a log-in's own: ``sessions:log_in``."
    decision: Decision
    resource: str = ""
    target_id: str = ""
    before: Any = None
    "Anything that JSON can say; ``None`` if there is none. Secrets in it are covered."
    after: Any = None
    reason: str = ""
    repeated: int = 0
    "How many more like it were counted and not written since the one before."
    request_id: str = ""


class StoredEntry(Struct, frozen=True):
    """One link of the chain, as its row has it."""

    seq: int
    at: UtcSeconds
    customer_id: str
    actor_id: str
    token_kind: str
    token_id: str
    source: str
    action: str
    decision: str
    resource: str
    target_id: str
    before: str
    "JSON; empty if there is none."
    after: str
    reason: str
    repeated: int
    request_id: str
    previous: bytes
    hash: bytes


class Head(Struct, frozen=True):
    """The newest entry; ``seq`` is 0 and the hash all zero while there is none."""

    seq: int = 0
    hash: bytes = GENESIS


class Broken(Struct, frozen=True):
    """The first place where the chain does not hold."""

    seq: int
    reason: str


def seal(entry: AuditEntry, seq: int, previous: bytes) -> StoredEntry:
    """``entry`` as link number ``seq`` after the link whose hash is ``previous``."""
    open_link = StoredEntry(seq=seq, **plain(entry), previous=previous, hash=b"")
    return msgspec.structs.replace(open_link, hash=link_hash(open_link))


def plain(entry: AuditEntry) -> dict[str, Any]:
    """What may be kept of ``entry``, by its fields' names: shortened, secrets covered."""
    said = {name: _kept(value) for name, value in asdict(entry).items()}
    return said | {"before": shown(entry.before), "after": shown(entry.after)}


def link_hash(entry: StoredEntry) -> bytes:
    """SHA-256 over the hash before and the canonical JSON of everything else in ``entry``."""
    said = asdict(entry)
    del said["previous"], said["hash"]
    return sha256(entry.previous + msgspec.json.encode(said, order="sorted")).digest()


def fault(entry: StoredEntry, seq: int, previous: bytes) -> Broken | None:
    """What is wrong with ``entry`` as link number ``seq`` after ``previous``, if anything."""
    if entry.seq != seq:
        return Broken(seq, f"entry {seq} is missing; {entry.seq} follows")
    if entry.previous != previous:
        return Broken(seq, f"entry {seq} does not follow the one before it")
    if entry.hash != link_hash(entry):
        return Broken(seq, f"entry {seq} is not what was written")
    return None


def rewritten(entry: StoredEntry, noted: Head | None) -> Broken | None:
    """What is wrong with ``entry`` if it was noted down elsewhere with another hash."""
    if noted is None or entry.seq != noted.seq or entry.hash == noted.hash:
        return None
    return Broken(entry.seq, f"entry {entry.seq} has another hash than the one noted down")


def shown(value: Any) -> str:
    """``value`` as JSON without its secrets; empty for ``None``."""
    if value is None:
        return ""
    plain = msgspec.to_builtins(value, str_keys=True)
    text = msgspec.json.encode(_covered(plain, 0), order="sorted").decode()
    if len(text) > SHOWN_LIMIT:
        return msgspec.json.encode({"too_long_to_keep": len(text)}).decode()
    return text


def _covered(value: Any, depth: int) -> Any:
    if depth > _DEPTH_LIMIT:
        return "(too deep)"
    if isinstance(value, dict):
        return {
            _clean(str(name)): COVERED if _is_secret(str(name), one) else _covered(one, depth + 1)
            for name, one in value.items()
        }
    if isinstance(value, list | tuple):
        return [_covered(one, depth + 1) for one in value]
    return _clean(value) if isinstance(value, str) else value


def _is_secret(name: str, value: Any) -> bool:
    # An empty one tells that none is set, which may be seen; nor is a yes or no a secret.
    if value in ("", None, [], {}) or isinstance(value, bool):
        return False
    return name not in _HARMLESS and _SECRET.search(name) is not None


def _kept(value: Any) -> Any:
    return _clean(value)[:TEXT_LIMIT] if isinstance(value, str) else value


def _clean(text: str) -> str:
    # Neither NUL nor half a surrogate pair can be stored everywhere, and one would change the hash.
    return text.replace("\0", "").encode("utf-8", "replace").decode()
