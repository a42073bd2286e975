"""Access keys: issued, narrowed, rotated, ended. The caller has asked for the permission.

A key is within its owner, and within the key that makes it (rule E7); both are read again in the
transaction that stores it.
"""

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_network

from msgspec import Struct
from msgspec.structs import asdict, replace

from switchroom.foundation.events import UtcSeconds
from switchroom.foundation.ids import Ids
from switchroom.foundation.versions import version_of
from switchroom.identity.model import OUTDATED, AccessKey, Actor, AuditNote, Refused
from switchroom.identity.ports import Secrets, Storage, Transaction
from switchroom.identity.rules import accesskeys as rules
from switchroom.identity.tokens import RANDOM_BYTES, SHOWN_CHARACTERS, digest, write_token
from switchroom.permissions.catalog import Catalog
from switchroom.permissions.compile import compile_authority
from switchroom.permissions.grant import Asker, Refusal, issue_key
from switchroom.permissions.validate import faults_of_ceiling

NOT_FOUND = Refused("not_found", "there is no such access key")
KEY_FLEETING = frozenset({"last_used_at"})
"Fields of a key that change by its use: they make no other version of it."


class KeyWish(Struct, frozen=True):
    """What a new key should be."""

    name: str
    ceiling: tuple[str, ...]
    days: int = rules.DEFAULT_DAYS
    networks: tuple[str, ...] = ()
    owner_id: str = ""
    "Agent id; empty: the asker's own."


class KeyChange(Struct, frozen=True):
    """What should be different; ``None``: as it is. A key can only become narrower."""

    name: str | None = None
    ceiling: tuple[str, ...] | None = None
    networks: tuple[str, ...] | None = None
    if_version: str = ""
    "Only if the key is still this version; empty: whatever it is."


class KeyMade(Struct, frozen=True):
    """``text`` is shown once and stored nowhere."""

    key: AccessKey
    text: str

    def __repr__(self) -> str:
        return f"KeyMade(id={self.key.id!r})"


class KeyRing:
    """Access keys of a customer. Every method may be called from any thread."""

    def __init__(self, storage: Storage, secrets: Secrets, ids: Ids, catalog: Catalog) -> None:
        self._storage = storage
        self._secrets = secrets
        self._ids = ids
        self._catalog = catalog

    def create(self, actor: Actor, wish: KeyWish, now: UtcSeconds) -> KeyMade | Refused | Refusal:
        """A new key, with its text."""
        fault = self._fault(wish.name, wish.ceiling, wish.networks)
        if fault is not None:
            return fault
        owner_id = wish.owner_id or actor.principal_id
        with self._storage.writing() as transaction:
            refusal = self._refusal(transaction, actor, owner_id, wish.ceiling, now)
            refusal = refusal or _days_fault(transaction, actor, wish.days)
            refusal = refusal or _count_fault(transaction, actor, owner_id, now)
            if refusal is not None:
                return refusal
            made = self._made(actor, owner_id, wish, now)
            transaction.keys.add(made.key)
            transaction.note(_note("accesskeys:create", actor, now, after=made.key))
            return made

    def rotate(
        self, actor: Actor, key_id: str, days: int, now: UtcSeconds
    ) -> KeyMade | Refused | Refusal:
        """A new text for a key; the old one is taken for another day."""
        with self._storage.writing() as transaction:
            key = transaction.keys.find(key_id, actor.customer_id)
            if key is None:
                return NOT_FOUND
            if fault := _end_of(key, now):
                return fault
            refusal = self._refusal(transaction, actor, key.owner_id, key.ceiling, now)
            refusal = refusal or _days_fault(transaction, actor, days)
            if refusal is not None:
                return refusal
            text = self._new_text()
            rotated = replace(
                key,
                prefix=text[:SHOWN_CHARACTERS],
                hash=digest(text),
                previous_hash=key.hash,
                previous_until=min(now + rules.OVERLAP_S, key.expires_at),
                expires_at=now + days * rules.DAY_S,
            )
            transaction.keys.change(rotated)
            transaction.raise_epoch(key.owner_id)  # open sockets learn when their text ends
            transaction.note(_note("accesskeys:rotate", actor, now, before=key, after=rotated))
            return KeyMade(rotated, text)

    def update(
        self, actor: Actor, key_id: str, change: KeyChange, now: UtcSeconds
    ) -> AccessKey | Refused:
        """Another name, a smaller ceiling, fewer networks."""
        with self._storage.writing() as transaction:
            key = transaction.keys.find(key_id, actor.customer_id)
            if key is None:
                return NOT_FOUND
            if change.if_version not in ("", key_version(key)):
                return OUTDATED
            changed = replace(key, **_said(change))
            fault = self._fault(changed.name, changed.ceiling, changed.networks)
            fault = fault or self._wider(key, changed)
            if fault is not None:
                return fault
            transaction.keys.change(changed)
            transaction.note(_note("accesskeys:update", actor, now, before=key, after=changed))
            return changed

    def revoke(self, actor: Actor, key_id: str, now: UtcSeconds) -> AccessKey | Refused:
        """End a key; from the next request on it is worth nothing."""
        with self._storage.writing() as transaction:
            key = transaction.keys.find(key_id, actor.customer_id)
            if key is None:
                return NOT_FOUND
            if key.revoked_at is not None:
                return key
            revoked = replace(key, revoked_at=now)
            transaction.keys.change(revoked)
            transaction.note(_note("accesskeys:revoke", actor, now, before=key, after=revoked))
            return revoked

    def delete(
        self, actor: Actor, key_id: str, now: UtcSeconds, *, if_version: str = ""
    ) -> Refused | None:
        """End a key and forget it."""
        with self._storage.writing() as transaction:
            key = transaction.keys.find(key_id, actor.customer_id)
            if key is None:
                return NOT_FOUND
            if if_version not in ("", key_version(key)):
                return OUTDATED
            transaction.keys.delete(key.id)
            transaction.note(_note("accesskeys:delete", actor, now, before=key))
            return None

    def _made(self, actor: Actor, owner_id: str, wish: KeyWish, now: UtcSeconds) -> KeyMade:
        text = self._new_text()
        key = AccessKey(
            id=self._ids.token(),
            owner_id=owner_id,
            customer_id=actor.customer_id,
            name=wish.name,
            prefix=text[:SHOWN_CHARACTERS],
            hash=digest(text),
            ceiling=wish.ceiling,
            created_at=now,
            expires_at=now + wish.days * rules.DAY_S,
            networks=wish.networks,
        )
        return KeyMade(key, text)

    def _new_text(self) -> str:
        return write_token("accesskey", self._secrets.random(RANDOM_BYTES))

    def _fault(self, name: str, ceiling: Sequence[str], networks: Sequence[str]) -> Refused | None:
        if fault := rules.name_fault(name):
            return Refused("invalid", fault, "name")
        if fault := rules.ceiling_size_fault(ceiling):
            return Refused("invalid", fault, "ceiling")
        for found in faults_of_ceiling(ceiling, self._catalog):
            return Refused("invalid", found.text, found.field)
        if fault := rules.networks_fault(networks):
            return Refused("invalid", fault, "networks")
        return None

    def _refusal(
        self,
        transaction: Transaction,
        actor: Actor,
        owner_id: str,
        ceiling: Sequence[str],
        now: UtcSeconds,
    ) -> Refused | Refusal | None:
        """Rule E7 on what is stored now, which may be less than when the request came in."""
        asking = transaction.find_token_by_id(actor.token_kind, actor.token_id)
        if asking is None:
            return Refused("ended", "log in first")
        owner = transaction.authority_of(owner_id, actor.customer_id)
        if owner.is_disabled:
            return Refused("invalid", "the owner may not be used here", "owner_id")
        compiled = compile_authority(transaction.authority(asking), self._catalog, now)
        asker = Asker(actor.username, compiled, self._catalog, now)
        return issue_key(asker, owner, ceiling)

    def _wider(self, before: AccessKey, after: AccessKey) -> Refused | None:
        if self._mask(after.ceiling) & ~self._mask(before.ceiling):
            return Refused("invalid", "a key cannot be widened: issue another one", "ceiling")
        if before.networks and not _is_within(after.networks, before.networks):
            return Refused("invalid", "a key cannot be widened: issue another one", "networks")
        return None

    def _mask(self, patterns: Sequence[str]) -> int:
        mask = 0
        for pattern in patterns:
            mask |= self._catalog.expand(pattern)
        return mask


def key_version(key: AccessKey) -> str:
    """What tells this state of the key from those before it, however often it is used."""
    fields = asdict(key)
    return version_of({name: fields[name] for name in fields if name not in KEY_FLEETING})


def _said(change: KeyChange) -> dict[str, object]:
    names = ("name", "ceiling", "networks")
    return {name: said for name in names if (said := getattr(change, name)) is not None}


def _end_of(key: AccessKey, now: UtcSeconds) -> Refused | None:
    """Why a key cannot have a new text."""
    if key.revoked_at is not None:
        return Refused("conflict", "this access key was revoked for good: issue another one")
    if now >= key.expires_at:
        return Refused("conflict", "this access key has expired: issue another one")
    return None


def _days_fault(transaction: Transaction, actor: Actor, days: int) -> Refused | None:
    fault = rules.days_fault(days, transaction.settings(actor.customer_id))
    return None if fault is None else Refused("invalid", fault, "days")


def _count_fault(
    transaction: Transaction, actor: Actor, owner_id: str, now: UtcSeconds
) -> Refused | None:
    if transaction.keys.count(owner_id, actor.customer_id, now) < rules.KEYS_LIMIT:
        return None
    return Refused("too_many", f"at most {rules.KEYS_LIMIT} good keys of one owner")


def _is_within(inner: Sequence[str], outer: Sequence[str]) -> bool:
    known = [ip_network(text) for text in outer]
    return bool(inner) and all(any(_has(one, ip_network(text)) for one in known) for text in inner)


def _has(outer: IPv4Network | IPv6Network, inner: IPv4Network | IPv6Network) -> bool:
    if isinstance(outer, IPv4Network):
        return isinstance(inner, IPv4Network) and inner.subnet_of(outer)
    return isinstance(inner, IPv6Network) and inner.subnet_of(outer)


def _note(
    action: str,
    actor: Actor,
    now: UtcSeconds,
    *,
    before: AccessKey | None = None,
    after: AccessKey | None = None,
) -> AuditNote:
    key = after or before
    assert key is not None
    return AuditNote(
        at=now,
        action=action,
        decision="done",
        customer_id=key.customer_id,
        resource="accesskeys",
        target_id=key.id,
        before=_shown(before),
        after=_shown(after),
    ).by(actor)


def _shown(key: AccessKey | None) -> dict[str, object] | None:
    """What people may read of a key later: everything but its hashes."""
    if key is None:
        return None
    names = ("name", "owner_id", "prefix", "ceiling", "networks", "expires_at", "revoked_at")
    return {name: getattr(key, name) for name in names}
