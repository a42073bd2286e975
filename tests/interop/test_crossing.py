"""All phones answer at once, over real UDP: counted at the phones, one dialog is left per call."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.interop
@pytest.mark.skipif(
    shutil.which("cc") is None or shutil.which("make") is None,
    reason="building the load generator needs make and cc",
)
def test_crossing_answers_leave_one_dialog_at_the_phones() -> None:
    command = [sys.executable, "-m", "bench.crossing", "--calls", "500", "--rate", "100"]
    result = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=100, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert "one in 500 calls, none in 0, more in 0" in result.stdout
