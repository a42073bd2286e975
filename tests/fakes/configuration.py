"""The example configuration, and a database that has it."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from hashlib import sha256
from pathlib import Path

from sqlalchemy import Engine

from fakes.ids import CountingIds
from switchroom.app.applying import access
from switchroom.store.apply.credentials import LocalCredentials
from switchroom.store.apply.means import Means
from switchroom.store.apply.run import ApplyResult, plan_and_apply
from switchroom.store.apply.slow_hashes import SlowHashes
from switchroom.store.configuration import Loaded, load_configuration
from switchroom.store.database import open_database

EXAMPLE = (Path(__file__).parent.parent / "data" / "config" / "issue.yaml").read_text()
ENVIRON = {"EXT_1001": "hush", "CARRIER": "carrier secret"}

NOW = 1_800_000_000.0


def _quick_hash(password: str) -> str:
    # Argon2 is slow on purpose; what it does is tried in tests of its own.
    return sha256(password.encode()).hexdigest()


def _is_hash(stored: str, password: str) -> bool:
    return stored == _quick_hash(password)


class Configured:
    """A database, and the files applied to it."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._ids = CountingIds()

    def apply(
        self, text: str, environ: Mapping[str, str] = ENVIRON, *, dry_run: bool = False
    ) -> ApplyResult:
        hashes = SlowHashes(_quick_hash, _is_hash)
        means = Means(self._ids, LocalCredentials(environ), access(), hashes, NOW)
        return plan_and_apply(self.engine, text, means, dry_run=dry_run)

    def load(self, environ: Mapping[str, str] = ENVIRON) -> Loaded:
        """The configuration as a node has it."""
        return load_configuration(self.engine, access(), NOW, environ)


@contextmanager
def configured(text: str | None = None) -> Iterator[Configured]:
    """A database to which the text has been applied, if one is given; in memory unless said."""
    with _new_database.get()() as url:
        engine = open_database(url)
        try:
            made = Configured(engine)
            if text is not None:
                assert made.apply(text).faults == ()
            yield made
        finally:
            engine.dispose()


@contextmanager
def configured_in(new_database: Callable[[], AbstractContextManager[str]]) -> Iterator[None]:
    """Inside, ``configured()`` takes the databases that this makes."""
    token = _new_database.set(new_database)
    try:
        yield
    finally:
        _new_database.reset(token)


def _in_memory() -> AbstractContextManager[str]:
    return nullcontext("sqlite://")


_new_database: ContextVar[Callable[[], AbstractContextManager[str]]] = ContextVar(
    "new_database", default=_in_memory
)
