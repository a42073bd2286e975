"""What a node makes of what it finds at its start."""

from pathlib import Path

import msgspec
import pytest
from sqlalchemy import Engine

from fakes.call_facts import answered_call, ended
from fakes.node_data import remember
from fakes.quiet_node import quiet_node
from switchroom.app.parts import journal_directory
from switchroom.calls.snapshot import CallSnapshot
from switchroom.calls.snapshot import LegSnapshot as CalleeSnapshot
from switchroom.drivers.recovery import recover
from switchroom.drivers.settings import Settings
from switchroom.history.live import CallState
from switchroom.store.database import database_url, open_database
from switchroom.store.ledger import DatabaseLedger
from switchroom.store.live import keep_states, kept_call_ids
from switchroom.store.records import find_record


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A call is open in the records, and its snapshot is kept."""
    remember(tmp_path, answered_call("c1")[:-3])
    keep(tmp_path, b"{}")
    return tmp_path


def keep(directory: Path, body: bytes) -> None:
    engine = open_database(database_url(directory))
    with engine.begin() as connection:
        keep_states(connection, {"c1": body})
    engine.dispose()


def written_down(engine: Engine, directory: Path) -> tuple[float | None, str, set[str]]:
    """End and text of the record and the calls kept, once the journal is in the database."""
    recover(DatabaseLedger(engine), journal_directory(Settings(data_dir=directory)))
    record = find_record(engine, "c1")
    assert record is not None
    return record.ended_at, record.text, kept_call_ids(engine)


def test_a_call_whose_snapshot_cannot_be_read_is_closed_and_forgotten(data: Path) -> None:
    with quiet_node(data) as node:
        ended_at, said, kept = written_down(node.engine, data)

    assert ended_at is not None
    assert said == "Call server restarted"
    assert kept == set()


def test_a_call_that_has_ended_is_only_forgotten(data: Path) -> None:
    remember(data, [ended("c1", at=77.0)])
    with quiet_node(data) as node:
        ended_at, _, kept = written_down(node.engine, data)

    assert (ended_at, kept) == (77.0, set())


def test_a_call_whose_legs_cannot_be_read_is_closed_too(data: Path) -> None:
    call = CallSnapshot(
        "c1", "customer-1", "c1-caller", "in", "1", "2", 1.0, "connected",
        (CalleeSnapshot("c1-desk", answered=True),), winner_leg_id="c1-desk", answered_at=2.0,
    )  # fmt: skip
    raw = msgspec.Raw(msgspec.json.encode(call))
    state = CallState("c1", raw, {"c1-caller": msgspec.Raw(b"[1]"), "c1-desk": msgspec.Raw(b"[]")})
    keep(data, msgspec.json.encode(state))
    with quiet_node(data) as node:
        assert not node.parts.node.calls.calls
        ended_at, _, kept = written_down(node.engine, data)

    assert ended_at is not None
    assert kept == set()
