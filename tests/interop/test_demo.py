"""The demo as continuous integration sees it: a real node, real sockets, no terminal."""

import os
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

LIMIT_S = 60.0


def demo(directory: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run ``switchroom demo`` to its end, with its temporary files under ``directory``."""
    with started(directory, *words) as process:
        out, err = process.communicate(timeout=LIMIT_S)
        return subprocess.CompletedProcess(words, process.returncode, out, err)


@contextmanager
def started(directory: Path, *words: str) -> Iterator[subprocess.Popen[str]]:
    """A demo that runs; it is over when the block is."""
    program = Path(sys.executable).with_name("switchroom")
    # A variable of a real node must not reach the one of the demo.
    foreign = {"SWITCHROOM_DATABASE_URL": "sqlite:////nowhere/real.db"}
    process = subprocess.Popen(
        [str(program), "demo", *words],
        env={**os.environ, **foreign, "TMPDIR": str(directory)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.terminate()  # nothing if it has ended


def line_with(text: str, process: subprocess.Popen[str]) -> str:
    """The first line with ``text`` that the demo prints."""
    assert process.stdout is not None
    assert process.stderr is not None
    printed = []
    for line in process.stdout:
        if text in line:
            return line
        printed.append(line)
    pytest.fail(f"no line with {text!r}:\n{''.join(printed)}{process.stderr.read()}")


def test_every_promise_is_kept_and_nothing_is_left(tmp_path: Path) -> None:
    done = demo(tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    for promise in (
        "✓ All three addresses were called at once",
        "✓ The caller was connected to the desk, and to nobody else",
        '✓ The two others ended with "Call completed elsewhere"',
        "✓ The other answer was acknowledged, then hung up: elsewhere",
        "✓ Neither the busy nor the dead phone held up the mobile",
        '✓ Each phone shows a missed call, none "completed elsewhere"',
        "✓ The record says: abandoned; legs cancelled, cancelled, cancelled",
        "✓ All 27 promises were kept.",
    ):
        assert promise in done.stdout
    assert "✗" not in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_a_broken_promise_is_named_and_ends_with_status_1(tmp_path: Path) -> None:
    done = demo(tmp_path, "--story", "caller-gives-up", "--unplug", "laptop")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "✗ All three rang and the caller heard it: no ringing at: laptop" in done.stdout
    assert "promises broken:" in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_the_printed_log_ins_work_on_the_node_that_is_kept(tmp_path: Path) -> None:
    with started(tmp_path, "--keep", "--story", "caller-gives-up") as process:
        words = shlex.split(line_with(" phone --server ", process))[1:]
        program = Path(sys.executable).with_name("switchroom")
        call = subprocess.run([program, *words], capture_output=True, text=True, timeout=LIMIT_S)
        assert call.returncode == 0, call.stdout + call.stderr
        wrong = [word if word != words[words.index("--password") + 1] else "x" for word in words]
        refused = subprocess.run([program, *wrong], capture_output=True, timeout=LIMIT_S)
        assert refused.returncode == 3


def test_an_interrupted_demo_ends_at_once_and_leaves_nothing(tmp_path: Path) -> None:
    with started(tmp_path, "--keep") as process:
        line_with("A node runs", process)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=LIMIT_S)
    assert process.returncode == 130
    assert said == "Stopped; nothing is left behind.\n"
    assert list(tmp_path.iterdir()) == []


def test_a_port_that_is_taken_is_said_in_one_line(tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        done = demo(tmp_path, "--port", str(port))
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert f"SIP cannot listen on 127.0.0.1:{port}" in done.stderr
