"""What an apply by the operator needs: ids, hashes, the catalogue, the clock."""

from collections.abc import Mapping

from switchroom.app.catalog import catalog
from switchroom.drivers.clock import Clock
from switchroom.drivers.ids import RandomIds
from switchroom.drivers.passwords import Argon2Passwords
from switchroom.identity.ports import PasswordHasher
from switchroom.identity.rules.passwords import canonical
from switchroom.permissions.roles import Access, builtin_roles
from switchroom.store.apply.credentials import LocalCredentials
from switchroom.store.apply.means import Means
from switchroom.store.apply.slow_hashes import SlowHashes


def access() -> Access:
    """The catalogue of this version and its built-in roles."""
    known = catalog()
    return Access(known, {role.id: role for role in builtin_roles(known)})


def slow_hashes(hasher: PasswordHasher) -> SlowHashes:
    """Slow hashes of log-in passwords, as log-ins compare them."""

    def hash(password: str) -> str:
        return hasher.hash(canonical(password) or "")

    def is_of(stored: str, password: str) -> bool:
        return hasher.verify(stored, canonical(password) or "")

    return SlowHashes(hash, is_of)


def operator_means(environ: Mapping[str, str]) -> Means:
    """For whoever is on the machine itself; nobody asks what he may grant."""
    return Means(
        RandomIds(),
        LocalCredentials(environ),
        access(),
        slow_hashes(Argon2Passwords()),
        Clock().utc(),
    )
