"""The database of a node, for commands that read it without the node."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine

from switchroom.drivers.settings import Settings
from switchroom.foundation.errors import SwitchroomError
from switchroom.store.database import FILE_NAME, open_to_read


class NoDataError(SwitchroomError):
    """The data directory holds no database."""


@contextmanager
def database_of(settings: Settings) -> Iterator[Engine]:
    """The node's database, to read from; it must exist already, and nothing migrates it."""
    if not settings.database_url and not (settings.data_dir / FILE_NAME).exists():
        raise NoDataError(
            f"{settings.data_dir} holds no database; name the node's directory with --data"
        )
    engine = open_to_read(settings.database())
    try:
        yield engine
    finally:
        engine.dispose()
