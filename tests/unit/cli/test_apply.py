"""``switchroom apply`` and ``switchroom export`` on a data directory."""

import asyncio
from pathlib import Path

import msgspec
import pytest
import typer
from typer.testing import CliRunner, Result

from fakes.configuration import EXAMPLE
from switchroom.cli.apply import apply
from switchroom.cli.export import export
from switchroom.drivers.control import ControlServer
from switchroom.drivers.control_protocol import Request
from switchroom.store.apply.plan import Change
from switchroom.store.apply.run import ApplyResult

app = typer.Typer()
app.command()(apply)
app.command()(export)


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("EXT_1001", "hush")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "data"


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, list(map(str, arguments)))


def write(directory: Path, text: str) -> Path:
    file = directory / "switchroom.yaml"
    file.write_text(text)
    return file


def test_apply_twice_and_export(data: Path, tmp_path: Path) -> None:
    file = write(tmp_path, EXAMPLE)

    first, second = run("apply", file, "--data", data), run("apply", file, "--data", data)
    written = run("export", "--data", data)
    third = run("apply", write(tmp_path, written.stdout), "--data", data)

    assert first.stdout.endswith("8 to create, none to update, none to delete: applied\n")
    assert second.stdout == third.stdout == "nothing to change\n"
    assert {one.exit_code for one in (first, second, written, third)} == {0}


def test_a_dry_run_leaves_nothing_behind(data: Path, tmp_path: Path) -> None:
    result = run("apply", write(tmp_path, EXAMPLE), "--data", data, "--dry-run")

    assert result.exit_code == 0
    assert "8 to create" in result.stdout
    assert not data.exists()


def test_faults_name_the_file_and_the_line(data: Path, tmp_path: Path) -> None:
    text = EXAMPLE.replace("capacity", "capacty").replace("zeta}]", r'zeta, "\x9b": 1}]')
    file = write(tmp_path, text)

    result = run("apply", file, "--data", data)

    assert result.exit_code == 1
    assert f"{file}:18: customers[0].agents[0].capacty: there is no such field" in result.stderr
    assert "\x9b" not in result.stderr


def test_json_is_for_programs(data: Path, tmp_path: Path) -> None:
    result = run("apply", write(tmp_path, EXAMPLE), "--data", data, "--json")

    said = msgspec.json.decode(result.stdout, type=ApplyResult)
    assert said.applied
    first = said.changes[0]
    assert first == Change("create", "customer", "acme", customer_id=first.customer_id)
    assert first.customer_id


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_file_that_cannot_be_read_is_one_line(
    data: Path, tmp_path: Path, content: bytes | None
) -> None:
    file = tmp_path / "switchroom.yaml"
    if content is not None:
        file.write_bytes(content)

    result = run("apply", file, "--data", data)

    assert result.exit_code == 1
    assert str(file) in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_directory_without_a_database_has_nothing_to_export(data: Path) -> None:
    result = run("export", "--data", data)

    assert result.exit_code == 1
    assert "holds no database" in result.stderr


def test_a_running_node_applies_the_file_with_our_variables(data: Path, tmp_path: Path) -> None:
    file = write(tmp_path, EXAMPLE)
    data.mkdir()
    asked: list[Request] = []

    def answer(request: Request) -> ApplyResult:
        asked.append(request)
        return ApplyResult(changes=(Change("create", "customer", "acme"),), applied=True)

    async def scenario() -> Result:
        server = ControlServer(data, {"apply": answer})
        await server.start()
        try:
            return await asyncio.to_thread(run, "apply", file, "--data", data)
        finally:
            await server.stop()

    result = asyncio.run(scenario())

    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith("+ customer acme\n")
    assert not (data / "switchroom.db").exists()
    assert asked[0].arguments == {
        "text": EXAMPLE,
        "environ": '{"EXT_1001":"hush"}',
        "dry_run": False,
    }
