"""A node as ``serve`` builds it, with journal and database, but without sockets and threads."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct
from sqlalchemy import Engine

from switchroom.app.applying import access
from switchroom.app.commands import Commands
from switchroom.app.parts import Parts, Whereabouts, build, journal_directory
from switchroom.app.recovery import put_back
from switchroom.app.status import Status
from switchroom.directory.model import Configuration
from switchroom.drivers.clock import Clock
from switchroom.drivers.fact_stream import FactStream
from switchroom.drivers.journal import Journal
from switchroom.drivers.recorder_process import RecorderProcess
from switchroom.drivers.recorder_protocol import Task
from switchroom.drivers.recovery import recover
from switchroom.drivers.settings import Settings
from switchroom.foundation.leg import Hop
from switchroom.store.configuration import load_configuration
from switchroom.store.database import database_url, open_database
from switchroom.store.ledger import DatabaseLedger


class Nowhere:
    """The network of a node that has none."""

    def local(self, hop: Hop) -> str:  # noqa: ARG002
        return "127.0.0.1:5060"


class QuietNode(Struct):
    """What a test looks at and talks to."""

    engine: Engine
    parts: Parts
    status: Status
    commands: Commands
    sent: list[tuple[bytes, Hop]]


@contextmanager
def quiet_node(directory: Path, configuration: Configuration | None = None) -> Iterator[QuietNode]:
    """A node on ``directory``, recovered; its configuration is the stored one if none is given."""
    settings, clock = Settings(data_dir=directory), Clock()
    engine = open_database(database_url(directory))
    ledger, folder = DatabaseLedger(engine), journal_directory(settings)
    recovered = recover(ledger, folder)
    journal = Journal(folder, segment=recovered.next_segment, on_failed=lambda _failure: None)
    recorder = RecorderProcess((), Task(settings.database(), str(folder), 0))
    whereabouts = Whereabouts(Nowhere(), frozenset({"127.0.0.1"}), ("5060",))
    loaded = configuration or load_configuration(engine, access(), clock.utc()).configuration
    parts = build(settings, loaded, whereabouts, journal, clock)
    sent: list[tuple[bytes, Hop]] = []
    parts.node.attach(
        lambda data, hop: sent.append((data, hop)),
        lambda _name, found: found(()),
        lambda _when: None,
    )
    put_back(parts, recovered, clock.monotonic(), clock.utc_offset())
    parts.node.flush()
    status = Status(parts, journal, recorder, clock)
    yield QuietNode(engine, parts, status, Commands(parts, status, FactStream(), engine), sent)
    journal.close()
    engine.dispose()
