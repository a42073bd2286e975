"""All commands together, and each without what only the others need."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from switchroom.cli.main import COMMANDS, program


def test_help_names_every_command() -> None:
    words = CliRunner().invoke(program(), ["--help"]).output.split()
    assert [name for name in COMMANDS if name not in words] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_the_same_alone(name: str) -> None:
    alone, together = (
        CliRunner().invoke(made, [name, "--help"]) for made in (program(name), program())
    )
    assert alone.exit_code == 0, alone.output
    assert alone.output == together.output
    assert f" {name} " in alone.output.splitlines()[1]


def test_a_word_that_is_no_command_is_compared_with_all_of_them() -> None:
    result = CliRunner().invoke(program("statsu"), ["statsu"])
    assert result.exit_code == 2
    assert "Did you mean 'status'" in result.output


def test_who_asks_a_node_does_not_wait_for_what_a_node_needs() -> None:
    code = "import sys, switchroom.cli.main as m; m.program('status'); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = done.stdout.split()
    assert "switchroom.cli.status" in loaded
    assert {"fastapi", "alembic", "uvicorn"}.isdisjoint(loaded)


@pytest.mark.parametrize(
    ("typed", "offered"), [("switchroom sta", "status"), ("switchroom agents st", "status")]
)
def test_the_shell_completes_commands(typed: str, offered: str) -> None:
    words = {"COMP_WORDS": typed, "COMP_CWORD": str(typed.count(" "))}
    done = subprocess.run(
        [Path(sys.executable).with_name("switchroom")],
        env={**os.environ, **words, "_SWITCHROOM_COMPLETE": "complete_bash"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == [offered]
