"""The benches of the API still run; what they measure on a busy machine says nothing."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    ("bench", "says"),
    [
        (["bench.api", "--turns", "2"], "ratio"),
        (["bench.events", "--sockets", "4", "--seconds", "1", "--calls", "5"], "own: "),
        (["bench.permissions", "--rows", "200"], "Casbin: "),
        (["bench.changes", "--agents", "20", "--changes", "2"], "meanwhile: "),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_it_runs(bench: list[str], says: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *bench], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    assert says in done.stdout
