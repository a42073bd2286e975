"""A request that shows a token counts as its use, whatever comes of it; a session slides by it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from fakes.api_world import NOW, World, company_world
from switchroom.store.tables import metadata

SESSIONS, KEYS = metadata.tables["sessions"], metadata.tables["accesskeys"]
LATER = NOW + 100.0


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with company_world(tmp_path) as made:
        for agent_id in ("olga", "alice"):
            made.token(agent_id, "acme")
        made.now = LATER
        yield made


def used(world: World, agent_id: str) -> tuple[float, float]:
    """When the session was used last, and until when its access token lives."""
    query = select(SESSIONS.c.last_used_at, SESSIONS.c.access_until)
    with world.engine.connect() as connection:
        return tuple(connection.execute(query.where(SESSIONS.c.agent_id == agent_id)).one())


@pytest.mark.parametrize(
    ("who", "method", "path", "status"),
    [
        ("olga", "GET", "/v1/agents/alice", 200),
        ("olga", "GET", "/v1/agents/nobody", 404),
        ("alice", "GET", "/v1/trunks", 403),
        ("olga", "POST", "/v1/tags", 422),
    ],
)
@pytest.mark.parametrize("shown", ["bearer", "cookie"])
def test_a_session_slides(
    world: World, who: str, method: str, path: str, status: int, shown: str
) -> None:
    assert used(world, who) == (NOW, NOW + 800.0)

    assert world.ask(who, method, path, shown=shown).status_code == status  # type: ignore[arg-type]

    assert used(world, who) == (LATER, LATER + 900.0)


def test_a_cookie_without_its_csrf_token_is_no_use(world: World) -> None:
    answer = world.ask(
        "olga", "POST", "/v1/tags", shown="cookie", headers={"X-CSRF-Token": "of another"}
    )

    assert answer.json()["code"] == "csrf"
    assert used(world, "olga") == (NOW, NOW + 800.0)


def test_the_use_of_a_key_is_noted(world: World) -> None:
    wanted = {"name": "reports", "ceiling": ["agents:get"]}
    made = world.ask("olga", "POST", "/v1/accesskeys", json=wanted)
    assert made.status_code == 201, made.text
    headers = {"Authorization": f"Bearer {made.json()['key']}"}

    assert world.client.request("GET", "/v1/agents/alice", headers=headers).status_code == 200

    with world.engine.connect() as connection:
        assert connection.scalars(select(KEYS.c.last_used_at)).all() == [LATER]


def test_who_must_set_up_a_second_factor_is_told_so_and_nothing_else(world: World) -> None:
    settings = {"customer_id": "acme", "require_mfa": True, "session_idle_s": 900.0}
    settings |= {"session_longest_s": 43_200.0, "password_least": 12, "key_longest_days": 365}
    world.insert("auth_settings", **settings, networks=[])

    for method, path in (("GET", "/v1/calls"), ("GET", "/v1/auth_settings"), ("GET", "/v1/events")):
        answer = world.ask("olga", method, path)
        said = answer.json()
        assert (answer.status_code, said["code"]) == (403, "mfa_enrolment_required"), path
        assert "POST /v1/auth/mfa" in said["detail"]
    # It asks for the password, which she would know: she gets as far as that.
    assert world.ask("olga", "POST", "/v1/auth/mfa").status_code == 422
