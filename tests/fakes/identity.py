"""All of identity over a real database, with a hasher that only counts."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from typing import Any

from pyotp import TOTP
from sqlalchemy import Engine, update

from fakes.authority import builtin
from fakes.ids import CountingIds
from fakes.people import People
from switchroom.app.catalog import catalog
from switchroom.drivers.authority_cache import LastUsedAuthorities
from switchroom.identity.authenticate import Authenticator
from switchroom.identity.keys import KeyRing
from switchroom.identity.log_in import Door, LoggedIn, LogIn
from switchroom.identity.model import Actor, AuthSettings
from switchroom.identity.passwords import PasswordDesk
from switchroom.identity.second_factor import SecondFactors
from switchroom.identity.sessions import SessionKeeper
from switchroom.identity.tickets import TicketOffice
from switchroom.store.auth_settings import write_settings
from switchroom.store.database import writing
from switchroom.store.identity import DatabaseIdentity
from switchroom.store.tables import metadata

NOW = 1_700_000_000.0
HOME = "192.0.2.7"
ELSEWHERE = "198.51.100.9"
PASSWORD = "correct zebra battery"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


class CountingHasher:
    """Hashes nothing; ``verified`` and ``hashed`` say how often it was asked."""

    def __init__(self) -> None:
        self.verified = 0
        self.hashed = 0
        self.is_full = False
        self.meanwhile: Callable[[], object] = lambda: None
        "Happens while a password is verified."

    @contextmanager
    def admission(self) -> Iterator[bool]:
        yield not self.is_full

    def verify(self, stored: str, password: str) -> bool:
        self.verified += 1
        self.meanwhile()
        return stored in (f"plain:{password}", f"old:{password}")

    def hash(self, password: str) -> str:
        self.hashed += 1
        return f"plain:{password}"

    def is_outdated(self, stored: str) -> bool:
        return stored.startswith("old:")


class CountingSecrets:
    """Bytes that look random and come again in the same order."""

    def __init__(self) -> None:
        self.count = 0

    def random(self, count: int) -> bytes:
        drawn = b""
        while len(drawn) < count:
            self.count += 1
            drawn += sha256(str(self.count).encode()).digest()
        return drawn[:count]


class House:
    """Customers acme and zeta, and alice, an agent of acme with a password."""

    def __init__(self, engine: Engine, hasher: Any = None) -> None:
        self.engine = engine
        self.people = People(engine)
        self.hasher = hasher or CountingHasher()
        self.secrets, self.ids = CountingSecrets(), CountingIds()
        self.storage = DatabaseIdentity(engine, builtin())
        self.cache = LastUsedAuthorities()
        self.authenticator = Authenticator(self.storage, catalog(), self.cache)
        self.door = Door(self.storage, self.hasher, self.secrets, self.ids)
        self.sessions = SessionKeeper(self.storage, self.secrets, self.ids)
        self.keys = KeyRing(self.storage, self.secrets, self.ids, catalog())
        self.desk = PasswordDesk(self.storage, self.hasher, catalog())
        self.factors = SecondFactors(self.storage, self.hasher, self.secrets, catalog())
        self.tickets = TicketOffice(self.storage, self.secrets)
        self.people.customer()
        self.people.customer("zeta")
        self.hire("alice", "agent")

    def hire(self, name: str, role: str = "", customer_id: str = "acme", **binding: Any) -> None:
        """A new agent who can log in; the role is built in."""
        self.people.agent(name, customer_id)
        self.people.account(name, password_hash=self.hasher.hash(PASSWORD))
        if role:
            binding = {"customer_id": customer_id} | binding
            self.people.binding(f"{name}-{role}", name, builtin=role, **binding)

    def enrol(self, name: str = "alice") -> None:
        """Give somebody a second factor."""
        self.set(
            "accounts", name, totp_secret=SECRET, totp_confirmed_at=NOW - 1e6, totp_last_step=1
        )

    def set(self, table: str, agent_id: str, **columns: Any) -> None:
        found = metadata.tables[table]
        with writing(self.engine) as connection:
            condition = found.c.agent_id == agent_id
            connection.execute(update(found).where(condition).values(**columns))

    def settings(self, settings: AuthSettings, customer_id: str = "acme") -> None:
        with writing(self.engine) as connection:
            write_settings(connection, customer_id, settings)

    def try_log_in(self, name: str = "alice", at: float = NOW, **said: Any) -> Any:
        known = {"username": f"{name}@acme.example", "password": PASSWORD, "source": HOME}
        return self.door.log_in(LogIn(**(known | said)), at)

    def log_in(self, name: str = "alice", at: float = NOW, **said: Any) -> LoggedIn:
        found = self.try_log_in(name, at, **said)
        assert isinstance(found, LoggedIn), found
        return found

    def actor(self, text: str, at: float = NOW, source: str = HOME) -> Actor:
        found = self.authenticator.authenticate(text, source, at)
        assert isinstance(found, Actor), found
        self.authenticator.note_use(found, at)
        return found

    def code_of(self, text: str, at: float = NOW, source: str = HOME) -> str:
        """Why a token does not count; ``ok`` if it does."""
        found = self.authenticator.authenticate(text, source, at)
        if not isinstance(found, Actor):
            return found.code
        self.authenticator.note_use(found, at)
        return "ok"


def code(at: float = NOW) -> str:
    """What alice's authenticator shows."""
    shown: str = TOTP(SECRET).generate_otp(int(at // 30))
    return shown
