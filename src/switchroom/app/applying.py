"""What an apply by the operator needs: ids, hashes, the catalogue, the clock."""

from collections.abc import Callable, Mapping

from switchroom.app.catalog import catalog
from switchroom.drivers.clock import Clock
from switchroom.drivers.ids import RandomIds
from switchroom.drivers.passwords import Argon2Passwords
from switchroom.identity.ports import PasswordHasher
from switchroom.identity.rules.passwords import canonical
from switchroom.permissions.roles import Access, builtin_roles
from switchroom.store.apply.credentials import LocalCredentials, PasswordCheck
from switchroom.store.apply.means import Means


def access() -> Access:
    """The catalogue of this version and its built-in roles."""
    known = catalog()
    return Access(known, {role.id: role for role in builtin_roles(known)})


def hashing(hasher: PasswordHasher) -> Callable[[str], str]:
    """The slow hash of a log-in password, as its log-in compares it."""
    return lambda password: hasher.hash(canonical(password) or "")


def checking(hasher: PasswordHasher) -> PasswordCheck:
    """Whether a stored hash is of a password, as its log-in finds out."""
    return lambda stored, password: hasher.verify(stored, canonical(password) or "")


def operator_means(environ: Mapping[str, str]) -> Means:
    """For whoever is on the machine itself; nobody asks what he may grant."""
    hasher = Argon2Passwords()
    return Means(
        RandomIds(),
        LocalCredentials(environ, checking(hasher)),
        access(),
        hashing(hasher),
        checking(hasher),
        Clock().utc(),
    )
