"""What is long over is forgotten, a little at a time; what may still matter stays."""

from sqlalchemy import Engine, func, select

from fakes.people import People
from switchroom.store.expired import DAY_S, KEYS_KEPT_S, SESSIONS_KEPT_S, purge_expired
from switchroom.store.idempotency import DatabaseIdempotencyKeys
from switchroom.store.tables import metadata

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
