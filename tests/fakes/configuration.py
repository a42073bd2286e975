"""The example configuration, and a database that has it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine

from fakes.ids import CountingIds
from switchroom.store.apply.run import ApplyResult, plan_and_apply
from switchroom.store.database import open_database

EXAMPLE = (Path(__file__).parent.parent / "data" / "config" / "issue.yaml").read_text()
ENVIRON = {"EXT_1001": "hush", "CARRIER": "carrier secret"}


class Configured:
    """A database in memory, and the files applied to it."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._ids = CountingIds()

    def apply(
        self, text: str, environ: Mapping[str, str] = ENVIRON, *, dry_run: bool = False
    ) -> ApplyResult:
        return plan_and_apply(self.engine, text, self._ids, environ, dry_run=dry_run)


@contextmanager
def configured(text: str | None = None) -> Iterator[Configured]:
    """A database in memory to which the text has been applied, if one is given."""
    engine = open_database("sqlite://")
    try:
        made = Configured(engine)
        if text is not None:
            assert made.apply(text).faults == ()
        yield made
    finally:
        engine.dispose()
