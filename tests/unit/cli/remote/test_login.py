"""``switchroom login``, and what one asks then: ``agents list``, ``can``, ``logout``."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import Result

from fakes.api_world import NOW, World, company_world
from fakes.cli_over_api import Words, over_api
from fakes.identity import PASSWORD
from switchroom.cli.main import program
from switchroom.drivers.passwords import Argon2Passwords
from switchroom.identity.rules.passwords import canonical

LOGIN = ("login", "olga@acme.example", "--password", "env:PASSWORD")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with company_world(tmp_path) as made:
        hashed = Argon2Passwords().hash(canonical(PASSWORD) or "")
        made.people.account("olga", password_hash=hashed, password_changed_at=NOW)
        made.people.restriction("x1", "alice", pattern="calls:hangup")
        yield made


def run(world: World, home: Path, *commands: Words) -> list[Result]:
    environ = {"HOME": str(home), "XDG_CONFIG_HOME": str(home), "PASSWORD": PASSWORD}
    return over_api(world.app, program(), *commands, **environ)


def test_from_the_log_in_to_the_reason_and_out(world: World, tmp_path: Path) -> None:
    logged_in, people, denied, allowed, out, after = run(
        world,
        tmp_path,
        LOGIN,
        ("agents", "list"),
        ("can", "alice", "calls:hangup"),
        ("can", "alice", "calls:get", "--json"),
        ("logout",),
        ("agents", "list"),
    )

    assert logged_in.stdout.startswith("logged in as olga@acme.example at http://127.0.0.1:")
    assert [line.split()[1] for line in people.stdout.splitlines()[1:]] == [
        "alice@acme.example",
        "olga@acme.example",
    ]
    assert denied.exit_code == 1
    first, *reasons = denied.stdout.splitlines()
    assert first == "alice@acme.example may not calls:hangup (explicit_deny)"
    assert "  deny calls:hangup, scope customer, by restriction" in reasons
    assert (allowed.exit_code, json.loads(allowed.stdout)["allowed"]) == (0, True)
    assert out.stdout == "logged out\n"
    assert (after.exit_code, after.stderr) == (1, "log in first: switchroom login\n")


def test_a_wrong_password_is_one_line(world: World, tmp_path: Path) -> None:
    (refused,) = run(world, tmp_path, ("login", "alice@acme.example", "--password", "env:PASSWORD"))

    assert refused.exit_code == 1
    assert len(refused.stderr.splitlines()) == 1
    assert not list(tmp_path.rglob("session.json"))
