"""What is listed can be got; what can be got is listed; the count is of the same things."""

from collections.abc import Iterator

import pytest

from fakes.two_customers import ASKERS, TwoCustomers, two_customers

NOUNS = (
    *("agents", "agent_addresses", "extensions", "trunks", "routes", "groups", "numbers"),
    *("clients", "tags", "customers", "calls", "sessions", "accesskeys", "roles"),
    *("restrictions", "bindings", "memberships", "audit"),
)

SCOPED = ("owner", "supervisor", "supervisor_clients", "agent")
"One of each scope is enough where only the database is another one."


def listed(world: TwoCustomers, who: str, noun: str) -> list[str] | None:
    """All ids, page by page; ``None``: the list is refused."""
    ids: list[str] = []
    cursor = ""
    for _ in range(100):
        query = f"limit=20&count=true&cursor={cursor}"
        answer = world.world.ask(who, "GET", f"/v1/{noun}?{query}")
        if answer.status_code == 403:
            return None
        page = answer.json()
        key = {"memberships": "agent_id", "audit": "seq"}.get(noun, "id")
        ids += [str(one[key]) for one in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            assert page["total"] == len(ids) == len(set(ids))
            return ids
    raise AssertionError("the list does not end")


@pytest.fixture(scope="module")
def world(either_world: str) -> Iterator[TwoCustomers]:  # noqa: ARG001
    with two_customers() as made:
        yield made


@pytest.mark.parametrize("noun", NOUNS)
def test_lists_and_gets_agree(world: TwoCustomers, noun: str, either_world: str) -> None:
    everything = set(listed(world, "acme-owner", noun) or ())
    everything |= {"other-mate", "other-c1", "other-trunk", "other"}
    for asker in ASKERS if either_world == "sqlite" else SCOPED:
        found = listed(world, f"acme-{asker}", noun)
        for id in everything:
            answer = world.world.ask(f"acme-{asker}", "GET", f"/v1/{noun}/{id}")
            if found is None:
                assert answer.status_code == 403
            else:
                assert (answer.status_code == 200) == (id in found), (asker, id)


@pytest.mark.usefixtures("either_world")
def test_pages_are_stable_while_things_are_added() -> None:
    with two_customers() as world:
        first = world.world.ask("acme-owner", "GET", "/v1/tags?limit=1").json()
        world.world.ask("acme-owner", "POST", "/v1/tags", json={"name": "a before all others"})
        cursor = first["next_cursor"]
        second = world.world.ask("acme-owner", "GET", f"/v1/tags?limit=1&cursor={cursor}").json()
        assert [one["name"] for one in (*first["items"], *second["items"])] == ["t1", "t2"]
