"""What an apply by the operator needs: ids, hashes, the catalogue, the clock."""

from collections.abc import Mapping

from switchroom.app.catalog import catalog
from switchroom.drivers.clock import Clock
from switchroom.drivers.ids import RandomIds
from switchroom.drivers.passwords import Argon2Passwords
from switchroom.identity.rules.passwords import canonical
from switchroom.permissions.roles import Access, builtin_roles
from switchroom.store.apply.credentials import LocalCredentials
from switchroom.store.apply.means import Means


def access() -> Access:
    """The catalogue of this version and its built-in roles."""
    known = catalog()
    return Access(known, {role.id: role for role in builtin_roles(known)})


def operator_means(environ: Mapping[str, str]) -> Means:
    """For whoever is on the machine itself; nobody asks what he may grant."""
    hasher = Argon2Passwords()
    return Means(
        RandomIds(),
        LocalCredentials(environ),
        access(),
        lambda password: hasher.hash(canonical(password) or ""),
        Clock().utc(),
    )
