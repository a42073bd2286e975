"""Who asks too often is told when to come back, and keeps nobody else from asking."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from fakes.api_world import World, company_world
from switchroom.api.edge.rate import TABLE_LIMIT, Buckets, Policy

THREE = Policy("principal", 3, 60)


def test_all_at_once_then_one_at_a_time() -> None:
    buckets = Buckets(THREE)
    assert [buckets.take("alice", 0.0).left for _ in range(3)] == [2, 1, 0]
    refused = buckets.take("alice", 0.0)
    assert (refused.left, refused.wait_s) == (0, 20.0)
    assert buckets.take("alice", 19.0).wait_s == pytest.approx(1.0)
    assert buckets.take("alice", 20.0).wait_s == 0.0
    assert buckets.take("alice", 20.0).wait_s == pytest.approx(20.0)
    assert buckets.take("alice", 9999.0).left == 2, "a bucket is never more than full"


def test_a_clock_that_goes_back_gives_and_takes_nothing() -> None:
    buckets = Buckets(THREE)
    buckets.take("alice", 100.0)
    assert buckets.take("alice", 50.0).left == 1


def test_the_table_does_not_grow_and_keeps_who_asked_last() -> None:
    buckets = Buckets(THREE)
    for number in range(TABLE_LIMIT):
        buckets.take(f"stranger-{number}", 0.0)
    buckets.take("stranger-0", 0.0)
    buckets.take("alice", 0.0)
    assert len(buckets) == TABLE_LIMIT
    assert buckets.take("stranger-0", 0.0).left == 0
    assert buckets.take("stranger-1", 0.0).left == 2, "who was silent longest is forgotten"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Whose clock for rates stands still."""
    with company_world(tmp_path) as made:
        made.app.state.ports.monotonic = lambda: 1000.0
        yield made


def test_who_asks_too_often_waits_and_others_do_not(world: World) -> None:
    world.app.state.rates.principals = Buckets(THREE)
    answers = [world.ask("alice", "GET", "/v1/calls") for _ in range(4)]
    assert [one.status_code for one in answers] == [200, 200, 200, 429]
    assert {one.headers["ratelimit-policy"] for one in answers} == {'"principal";q=3;w=60'}
    left = [one.headers["ratelimit"] for one in answers]
    assert left == [f'"principal";r={r};t={t}' for r, t in ((2, 60), (1, 60), (0, 60), (0, 20))]
    assert answers[-1].headers["retry-after"] == "20"
    assert answers[-1].json()["code"] == "too_many_requests"
    assert world.ask("olga", "GET", "/v1/calls").status_code == 200


def test_all_of_a_customer_together_have_a_limit_too(world: World) -> None:
    world.app.state.rates.customers = Buckets(Policy("customer", 2, 60))
    codes = [world.ask(who, "GET", "/v1/calls").status_code for who in ("alice", "olga", "alice")]
    assert codes == [200, 200, 429]
    refused = world.ask("olga", "GET", "/v1/calls")
    assert refused.headers["ratelimit-policy"] == '"customer";q=2;w=60'


def test_who_has_not_logged_in_is_counted_by_his_address(world: World) -> None:
    world.app.state.rates.sources = Buckets(Policy("source", 1, 60))
    body = {"username": "nobody", "password": "nothing"}
    codes = [
        world.client.request("POST", "/v1/auth/login", json=body).status_code for _ in range(2)
    ]
    assert codes == [401, 429]
    assert world.ask("alice", "GET", "/v1/calls").status_code == 200
