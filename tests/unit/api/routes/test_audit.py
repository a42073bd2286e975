"""The audit log leaves the system: whole, noted, and only for whoever may take it."""

from pathlib import Path

from typer.testing import CliRunner

from fakes.api_world import World, api_world
from switchroom.cli.audit import audit
from switchroom.history.exported import check


def fill(world: World) -> None:
    world.people.customer("acme")
    for agent_id, role in (("olga", "owner"), ("adam", "admin"), ("audrey", "auditor")):
        world.people.agent(agent_id)
        world.bind(agent_id, role, "acme")
    for name in ("sales", "support"):
        world.ask("olga", "POST", "/v1/tags", json={"name": name})


def test_an_export_is_whole_and_is_itself_in_it(tmp_path: Path) -> None:
    with api_world(tmp_path) as world:
        fill(world)
        answer = world.ask("olga", "GET", "/v1/audit/export")
        page = world.ask("olga", "GET", "/v1/audit?sort=seq").json()["items"]
        shorter = world.ask("olga", "GET", "/v1/audit/export?after=1&limit=1")

    assert answer.headers["content-type"] == "application/x-ndjson"
    assert answer.headers["cache-control"] == "no-store"
    lines = answer.content.splitlines()
    checked = check(lines)
    assert (checked.entries, checked.broken) == (3, None)
    assert checked.last is not None
    assert (checked.last.action, checked.last.decision) == ("audit:export", "allowed")
    assert page[-1]["hash"] == checked.last.hash.hex()
    assert [one["action"] for one in page] == ["tags:create", "tags:create", "audit:export"]
    end = check(shorter.content.splitlines()).end
    assert end is not None
    assert (end.entries, end.next) == (1, 2)


def test_who_reads_the_log_may_not_take_it_out(tmp_path: Path) -> None:
    with api_world(tmp_path) as world:
        fill(world)
        for agent_id in ("adam", "audrey"):
            assert world.ask(agent_id, "GET", "/v1/audit").status_code == 200
            assert world.ask(agent_id, "GET", "/v1/audit/export").status_code == 403


def test_the_command_checks_an_export_without_the_system(tmp_path: Path) -> None:
    with api_world(tmp_path) as world:
        fill(world)
        exported = world.ask("olga", "GET", "/v1/audit/export").content
    file = tmp_path / "audit.ndjson"

    def said(content: bytes, *options: str) -> tuple[int, str]:
        file.write_bytes(content)
        result = CliRunner().invoke(audit, ["verify-export", str(file), *options])
        return result.exit_code, result.output

    code, output = said(exported)
    assert code == 0
    assert "3 entries fit their hashes, 2 of them right behind the one before" in output
    code, output = said(exported.replace(b"sales", b"sells"))
    assert code == 1
    assert "entry 1 is not what was written" in output
    code, output = said(exported[: exported.rindex(b'{"end"')])
    assert code == 1
    assert "cut off" in output

    last = check(exported.splitlines()).last
    assert last is not None
    assert said(exported, "--head", f"{last.seq}:{last.hash.hex()}")[0] == 0
    code, output = said(exported, "--head", f"{last.seq}:{'00' * 32}")
    assert code == 1
    assert "entry 3 has another hash than the one noted down" in output
    code, output = said(exported, "--head", "3")
    assert code == 1
    assert "'3' is no head" in output
