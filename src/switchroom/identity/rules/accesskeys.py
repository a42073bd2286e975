"""What an access key may be, and when it counts."""

from collections.abc import Sequence
from hmac import compare_digest

from switchroom.foundation.events import UtcSeconds
from switchroom.identity.model import AccessKey, AuthSettings, FoundToken, Refused
from switchroom.identity.rules.networks import NETWORKS_LIMIT, is_from, network_fault

DAY_S = 86_400.0
DEFAULT_DAYS = 90
LONGEST_DAYS = 365
OVERLAP_S = DAY_S
"After a rotation the old key still works so long, for programs to be told the new one."
TOUCH_EVERY_S = 60.0
KEYS_LIMIT = 50
"Good keys of one owner in one customer."
PATTERNS_LIMIT = 100
NAME_LIMIT = 100


def key_fault(found: FoundToken, digest: bytes, source: str, now: UtcSeconds) -> Refused | None:
    """Why a key does not count now; ``None``: it counts.

    Args:
        found: The key with its owner.
        digest: Of the text that was shown.
        source: Address that the request came from.
        now: Unix time in seconds.
    """
    key = found.key
    if key is None or key.revoked_at is not None:
        return Refused("ended", "this access key was revoked")
    if now >= key.expires_at:
        return Refused("expired", "this access key has expired")
    if not compare_digest(key.hash, digest) and not _overlaps(key, digest, now):
        return Refused("expired", "this access key was replaced by a newer one")
    if found.is_disabled:
        return Refused("disabled", "the owner of this access key may not use it")
    if not is_from(source, key.networks):
        return Refused("network", "this access key may not be used from this network")
    return None


def is_worth_noting(key: AccessKey, now: UtcSeconds) -> bool:
    """Whether this use is written down: at most once a minute."""
    return key.last_used_at is None or now - key.last_used_at >= TOUCH_EVERY_S


def days_fault(days: int, settings: AuthSettings) -> str | None:
    """What is wrong with how long a new key is to live; ``None``: nothing."""
    most = min(LONGEST_DAYS, settings.key_longest_days)
    if 1 <= days <= most:
        return None
    return f"a key lives from 1 to {most} days"


def name_fault(name: str) -> str | None:
    """What is wrong with the name of a key; ``None``: nothing."""
    if 0 < len(name) <= NAME_LIMIT and name.isprintable():
        return None
    return f"a key has a name of 1 to {NAME_LIMIT} printable characters"


def networks_fault(networks: Sequence[str]) -> str | None:
    """What is wrong with a list of networks; ``None``: nothing."""
    if len(networks) > NETWORKS_LIMIT:
        return f"at most {NETWORKS_LIMIT} networks"
    return next((fault for text in networks if (fault := network_fault(text))), None)


def ceiling_size_fault(ceiling: Sequence[str]) -> str | None:
    """What is wrong with the length of a ceiling; ``None``: nothing."""
    if 0 < len(ceiling) <= PATTERNS_LIMIT:
        return None
    return f"say in 1 to {PATTERNS_LIMIT} patterns what the key is for"


def ends_of(key: AccessKey, digest: bytes) -> UtcSeconds | None:
    """When the text of this digest counts no more, since another one has replaced it."""
    return None if compare_digest(key.hash, digest) else key.previous_until


def weakest(key: AccessKey, now: UtcSeconds) -> bytes:
    """Digest of that text of the key which ends first.

    A ticket does not tell which one has asked for it, so its socket lives no longer than this.
    """
    if key.previous_hash is not None and _overlaps(key, key.previous_hash, now):
        return key.previous_hash
    return key.hash


def _overlaps(key: AccessKey, digest: bytes, now: UtcSeconds) -> bool:
    if key.previous_hash is None or key.previous_until is None or now >= key.previous_until:
        return False
    return compare_digest(key.previous_hash, digest)
