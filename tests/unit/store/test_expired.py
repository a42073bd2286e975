"""What is long over is forgotten, a little at a time; what may still matter stays."""

import os
from pathlib import Path

from sqlalchemy import Engine, func, select

from fakes.people import People
from switchroom.store.database import open_database
from switchroom.store.expired import (
    DAY_S,
    FILES_KEPT_S,
    KEYS_KEPT_S,
    SESSIONS_KEPT_S,
    UNUSED_KEPT_S,
    purge_expired,
    sweep_secrets,
)
from switchroom.store.idempotency import DatabaseIdempotencyKeys
from switchroom.store.tables import metadata
from switchroom.store.vault import FOLDER, UNUSED, Vault

NOW = 1e9


def count(engine: Engine, table: str) -> int:
    with engine.connect() as connection:
        found = connection.scalar(select(func.count()).select_from(metadata.tables[table]))
    assert found is not None
    return found


def test_only_what_is_long_over_goes(engine: Engine) -> None:
    people = People(engine)
    people.customer()
    people.agent()
    people.session("old", ends_at=NOW - SESSIONS_KEPT_S - 1)
    people.session("kept", ends_at=NOW - SESSIONS_KEPT_S + DAY_S)
    people.add("used_refresh_tokens", hash=b"1", session_id="old")
    people.add("used_refresh_tokens", hash=b"2", session_id="kept")
    people.accesskey("expired", expires_at=NOW - KEYS_KEPT_S - 1)
    people.accesskey("revoked", expires_at=NOW + 1, revoked_at=NOW - KEYS_KEPT_S - 1)
    people.accesskey("good", expires_at=NOW + 1)
    for name, expires_at in ((b"gone", NOW - 1), (b"good", NOW + 1)):
        people.add(
            "tickets", hash=name, token_kind="session", token_id="kept", expires_at=expires_at
        )
    keys = DatabaseIdempotencyKeys(engine)
    keys.claim("alice", "old", b"", NOW - DAY_S)
    keys.claim("alice", "new", b"", NOW)

    assert purge_expired(engine, NOW) == 5
    assert purge_expired(engine, NOW) == 0
    for table in ("sessions", "used_refresh_tokens", "accesskeys", "tickets", "idempotency_keys"):
        assert count(engine, table) == 1, table


def test_each_call_does_little(engine: Engine) -> None:
    people = People(engine)
    people.customer()
    people.agent()
    for number in range(5):
        people.session(f"s{number}", ends_at=0.0)

    assert [purge_expired(engine, NOW, most=2) for _ in range(4)] == [2, 2, 1, 0]


def keep(directory: Path, password: str, *, age_s: float) -> Path:
    """A file with a password, written so long before ``NOW``."""
    path = Path(Vault(directory).keep(password).removeprefix("file:"))
    os.utime(path, (NOW - age_s, NOW - age_s))
    return path


def add_trunk(engine: Engine, id: str, secret: str) -> None:
    People(engine).add(
        "trunks",
        id=id,
        customer_id="acme",
        name=id,
        hosts=[],
        allow_from=[],
        number_format="e164",
        username="us",
        secret=secret,
        secret_check="",
        caller_id="",
    )


def marked(directory: Path) -> set[str]:
    """Names of files with a marker."""
    markers = (directory / FOLDER).glob(f"*{UNUSED}")
    return {path.name.removesuffix(UNUSED) for path in markers}


def test_old_passwords_of_trunks_go_and_no_others(engine: Engine, tmp_path: Path) -> None:
    People(engine).customer()
    replaced = keep(tmp_path, "replaced", age_s=FILES_KEPT_S + 1)
    in_force = keep(tmp_path, "in force", age_s=FILES_KEPT_S + 1)
    moved = keep(tmp_path, "of a moved directory", age_s=FILES_KEPT_S + 1)
    not_yet = keep(tmp_path, "of a change under way", age_s=FILES_KEPT_S - 1)
    foreign = tmp_path / FOLDER / "carrier"
    foreign.write_text("somebody's own")
    os.utime(foreign, (0, 0))
    add_trunk(engine, "t1", f"file:{in_force}")
    add_trunk(engine, "t2", f"file:/before/the/move/{moved.name}")
    add_trunk(engine, "t3", "env:CARRIER")

    assert sweep_secrets(engine, tmp_path, NOW) == 0
    assert replaced.exists()
    assert marked(tmp_path) == {replaced.name}

    after = NOW + UNUSED_KEPT_S
    for path in (in_force, moved, not_yet):
        os.utime(path, (after, after))
    assert sweep_secrets(engine, tmp_path, after - 1) == 0
    assert sweep_secrets(engine, tmp_path, after) == 1
    assert set((tmp_path / FOLDER).iterdir()) == {in_force, moved, not_yet, foreign}
    assert sweep_secrets(engine, tmp_path, after) == 0


def test_passwords_survive_another_database_for_a_while(engine: Engine, tmp_path: Path) -> None:
    People(engine).customer()
    path = keep(tmp_path, "in force", age_s=FILES_KEPT_S + 1)
    add_trunk(engine, "t1", f"file:{path}")
    last = NOW + UNUSED_KEPT_S - 1

    fresh = open_database("sqlite://")
    try:
        for now in (NOW, NOW + DAY_S, last):
            assert sweep_secrets(fresh, tmp_path, now) == 0
    finally:
        fresh.dispose()
    assert marked(tmp_path) == {path.name}

    sweep_secrets(engine, tmp_path, last)
    assert marked(tmp_path) == set()
    assert path.read_text() == "in force"


def test_a_marker_counts_from_when_nothing_referred_to_the_file(
    engine: Engine, tmp_path: Path
) -> None:
    path = keep(tmp_path, "replaced long after", age_s=UNUSED_KEPT_S * 2)
    sweep_secrets(engine, tmp_path, NOW)
    sweep_secrets(engine, tmp_path, NOW + DAY_S)

    assert sweep_secrets(engine, tmp_path, NOW + UNUSED_KEPT_S) == 1
    assert not path.exists()


def test_without_a_vault_nothing_is_swept(engine: Engine, tmp_path: Path) -> None:
    assert sweep_secrets(engine, tmp_path, NOW) == 0
