"""``switchroom config`` as a user runs it."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from switchroom.cli.config import config

app = typer.Typer()
app.command()(config)


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


def test_shows_each_value_and_where_it_came_from(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("mine.toml").write_text('\ndatabase_url = "postgresql://me:secret@db/x"\n')
    monkeypatch.setenv("SWITCHROOM_DRAIN_S", "7")
    monkeypatch.setenv("SWITCHROOM_DRIAN_S", "7")
    result = CliRunner().invoke(app, ["--config", "mine.toml"])
    assert result.exit_code == 0
    words = [line.split() for line in result.output.splitlines()]
    assert ["database_url", "postgresql://me:***@db/x", "mine.toml:2"] in [w[:3] for w in words]
    assert ["drain_s", "7.0", "SWITCHROOM_DRAIN_S"] in [w[:3] for w in words]
    assert "SWITCHROOM_DRIAN_S is set but is no setting of ours: ignored" in result.output


def test_json_has_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SWITCHROOM_LIMIT_CALLS", "9")
    result = CliRunner().invoke(app, ["--json"])
    shown = json.loads(result.output)
    assert (shown["limit_calls"]["value"], shown["limit_calls"]["from"]) == (
        "9",
        "SWITCHROOM_LIMIT_CALLS",
    )


def test_a_wrong_value_is_one_line_and_an_exit_status(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SWITCHROOM_LIMIT_CALLS", "many")
    result = CliRunner().invoke(app, [])
    assert result.exit_code == 1
    assert result.output.startswith("SWITCHROOM_LIMIT_CALLS: limit_calls = many: ")
    assert result.output.count("\n") == 1
