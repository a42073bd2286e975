"""``switchroom audit`` tells what was done and finds what was changed behind its back."""

import json
from pathlib import Path

from msgspec.structs import replace
from sqlalchemy import text
from typer.testing import CliRunner, Result

from switchroom.cli.audit import audit
from switchroom.cli.main import program
from switchroom.history.audit import AuditEntry
from switchroom.store.accounts import DatabaseAccounts
from switchroom.store.audit import append
from switchroom.store.database import database_url, open_database, writing


def ask(data: Path, *words: str) -> Result:
    command, *rest = words
    return CliRunner().invoke(audit, [command, "--data", str(data), *rest])


def fill(data: Path, statement: str = "") -> None:
    engine = open_database(database_url(data))
    with writing(engine) as connection:
        for name in ("alice", "bob"):
            append(
                connection,
                AuditEntry(
                    at=1000.0,
                    customer_id="acme",
                    actor_id=name,
                    action="agents:update",
                    decision="done",
                    after={"password": "hunter2", "name": "\x1b[31mred"},
                ),
            )
    if statement:
        with writing(engine) as connection:
            connection.execute(text(statement))
    engine.dispose()


def test_a_whole_log_is_said_to_be_whole(tmp_path: Path) -> None:
    fill(tmp_path)

    said = ask(tmp_path, "verify")

    assert said.exit_code == 0
    assert "2 entries, all as they were written" in said.output
    head = said.output.split()[-1]
    fill(tmp_path)
    assert ask(tmp_path, "verify", "--head", head).exit_code == 0
    assert ask(tmp_path, "verify", "--head", "2:" + "00" * 32).exit_code == 1
    assert "is no head" in ask(tmp_path, "verify", "--head", "x").output


def test_the_first_changed_entry_is_named(tmp_path: Path) -> None:
    fill(tmp_path, "UPDATE audit SET actor_id = 'mallory' WHERE seq = 2")

    said = ask(tmp_path, "verify")

    assert said.exit_code == 1
    assert "entry 2 is not what was written" in said.output
    broken = json.loads(ask(tmp_path, "verify", "--json").output)["broken"]
    assert broken["seq"] == 2


def test_entries_are_listed_oldest_first_without_secrets(tmp_path: Path) -> None:
    fill(tmp_path)

    lines = ask(tmp_path, "list").output.splitlines()
    assert [line.split()[3] for line in lines[1:]] == ["alice", "bob"]
    assert len(ask(tmp_path, "list", "--actor", "bob").output.splitlines()) == 2
    (entry,) = [json.loads(line) for line in ask(tmp_path, "list", "--limit", "1", "--json").output
                .splitlines()]  # fmt: skip
    assert entry["after"] == {"name": "\x1b[31mred", "password": "(kept secret)"}
    assert entry["before"] is None


def test_people_and_things_are_shown_by_name_and_found_by_it(tmp_path: Path) -> None:
    words = ["init", "root@acme.example", "--customer", "acme", "--data", str(tmp_path)]
    done = CliRunner().invoke(
        program(), [*words, "--password", "env:PW"], env={"PW": "a-long-password"}
    )
    assert done.exit_code == 0, done.output
    engine = open_database(database_url(tmp_path))
    with engine.connect() as connection:
        root = DatabaseAccounts(connection).by_username("root@acme.example")
    assert root is not None
    seen = AuditEntry(
        at=1.0,
        customer_id=root.customer_id,
        action="customers:get",
        decision="refused",
        target_id=root.customer_id,
    )
    by_root = replace(seen, actor_id=root.agent_id, repeated=2)
    with writing(engine) as connection:
        append(connection, by_root, replace(seen, actor_id="gone", target_id="gone"))
    engine.dispose()

    (line,) = ask(tmp_path, "list", "--actor", "root").output.splitlines()[1:]
    assert f"root@acme.example  customers:get  refused   acme ({root.customer_id})" in line
    assert line.rstrip().endswith("2 more in the minute since")
    (line,) = ask(tmp_path, "list", "--actor", "gone").output.splitlines()[1:]
    assert line.split()[-4:] == ["gone", "customers:get", "refused", "gone"]
