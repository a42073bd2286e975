"""The rules kept by ruff and import-linter really hold: planted violations are refused."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent


def run(*command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(folder / "src")}
    return subprocess.run(
        [str(BIN / command[0]), *command[1:]],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=ignored)
    return tmp_path


def plant(folder: Path, module: str, text: str) -> None:
    path = folder / "src" / "switchroom" / module
    path.write_text(path.read_text("utf-8") + "\n" + text + "\n", "utf-8")


def test_import_contracts_refuse_each_kind_of_violation(copy: Path) -> None:
    plant(copy, "foundation/ids.py", "import switchroom.sdp")
    plant(copy, "calls/__init__.py", "import switchroom.sip")
    plant(copy, "sip/__init__.py", "import random")
    (copy / "src" / "switchroom" / "utils").mkdir()
    (copy / "src" / "switchroom" / "utils" / "__init__.py").touch()
    result = run("lint-imports", "--no-cache", folder=copy)
    assert result.returncode == 1
    assert "switchroom.foundation" in result.stdout
    assert "switchroom.calls" in result.stdout
    assert "random" in result.stdout
    assert "utils" in result.stdout


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("import time", "TID251"),
        ("import asyncio\n\n\nasync def wait() -> None:\n    await asyncio.sleep(1)", "TID251"),
        ("print('x')", "T201"),
        ("def f(a, b, c, d, e, g, h):\n    return a", "PLR0913"),
        ("def f(a):\n" + "    a += 1\n" * 41 + "    return a", "PLR0915"),
        ("def f(a):\n" + "".join(f"    if a == {n}:\n        a = 0\n" for n in range(11)), "C901"),
    ],
)
def test_ruff_refuses_a_planted_violation(copy: Path, line: str, rule: str) -> None:
    plant(copy, "foundation/ids.py", line)
    result = run("ruff", "check", "--no-cache", "--output-format=concise", "src", folder=copy)
    assert f" {rule} " in result.stdout
