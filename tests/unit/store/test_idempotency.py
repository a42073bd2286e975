"""A repetition gets the first one's answer, and of two at once one works."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine, insert

from switchroom.foundation.repetition import Kept
from switchroom.store.database import writing
from switchroom.store.idempotency import (
    BODY_LIMIT,
    KEPT_FOR_S,
    KEYS_LIMIT,
    WORK_LIMIT_S,
    DatabaseIdempotencyKeys,
)
from switchroom.store.tables import metadata

NOW = 1_000.0


@pytest.fixture
def keys(engine: Engine) -> DatabaseIdempotencyKeys:
    return DatabaseIdempotencyKeys(engine)


def claim(keys: DatabaseIdempotencyKeys, at: float = NOW, body: bytes = b"b") -> object:
    return keys.claim("acme alice", "k", body, at)


def test_a_repetition_gets_the_answer_of_the_first(keys: DatabaseIdempotencyKeys) -> None:
    assert claim(keys) == "new"
    assert claim(keys) == "at_work"
    keys.keep("acme alice", "k", 201, '{"id":"1"}', NOW)

    assert claim(keys, NOW + 60) == Kept(201, '{"id":"1"}')
    assert claim(keys, NOW + 60, b"another body") == "other_body"
    assert claim(keys, NOW + KEPT_FOR_S) == "new"


def test_a_key_is_nothing_to_another_principal(keys: DatabaseIdempotencyKeys) -> None:
    claim(keys)

    assert keys.claim("acme bob", "k", b"b", NOW) == "new"


def test_of_many_at_once_one_works(keys: DatabaseIdempotencyKeys) -> None:
    with ThreadPoolExecutor(4) as pool:
        said = list(pool.map(lambda _: claim(keys), range(8)))

    assert sorted(map(str, said)) == [*["at_work"] * 7, "new"]


def test_what_came_to_nothing_may_be_tried_again(keys: DatabaseIdempotencyKeys) -> None:
    claim(keys)
    keys.release("acme alice", "k")
    assert claim(keys) == "new"

    keys.keep("acme alice", "k", 201, "{}", NOW)
    keys.release("acme alice", "k")
    assert claim(keys) == Kept(201, "{}")


def test_the_key_of_a_process_that_died_is_free_again(keys: DatabaseIdempotencyKeys) -> None:
    claim(keys)

    assert claim(keys, NOW + WORK_LIMIT_S - 1) == "at_work"
    assert claim(keys, NOW + WORK_LIMIT_S) == "new"


def test_an_answer_that_is_too_long_is_not_kept(keys: DatabaseIdempotencyKeys) -> None:
    claim(keys)
    keys.keep("acme alice", "k", 200, "x" * (BODY_LIMIT + 1), NOW)

    assert claim(keys) == "new"


def test_so_many_keys_of_one_principal(keys: DatabaseIdempotencyKeys, engine: Engine) -> None:
    row = {"principal": "acme alice", "request_hash": b"b", "status": 200, "body": ""}
    with writing(engine) as connection:
        connection.execute(
            insert(metadata.tables["idempotency_keys"]),
            [row | {"key": str(n), "expires_at": NOW + 9} for n in range(KEYS_LIMIT)],
        )

    assert claim(keys) == "too_many"
    assert keys.claim("acme bob", "k", b"b", NOW) == "new"
