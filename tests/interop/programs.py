"""Real programs as child processes: started with a limit, watched by conditions, always ended."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import pytest

T = TypeVar("T")

LIMIT_S = 30.0
"How long anything may take before a test gives up; generous, since machines are shared."


def until(find: Callable[[], T], what: str, limit_s: float = LIMIT_S) -> T:
    """The first true value of ``find``; fails the test with ``what`` when none comes in time."""
    ends_at = time.monotonic() + limit_s
    while not (found := find()):
        if time.monotonic() > ends_at:
            pytest.fail(f"waited {limit_s:g} s in vain: {what}")
        time.sleep(0.02)  # between two looks, not for luck
    return found


def needs(*commands: str) -> list[pytest.MarkDecorator]:
    """Marks of a module whose tests talk to these programs."""
    missing = [command for command in commands if shutil.which(command) is None]
    reason = f"not installed: {', '.join(missing)}"
    return [pytest.mark.interop, pytest.mark.skipif(bool(missing), reason=reason)]


def free_port() -> int:
    """A port that is free for UDP and TCP, below those that systems give to clients."""
    start = 20_000 + os.getpid() * 37 % 9000
    for port in range(start + len(_given), 32_000):
        if port not in _given and _is_free(port):
            _given.add(port)
            return port
    raise RuntimeError("no port is free")


_given: set[int] = set()


def _is_free(port: int) -> bool:
    for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
        with socket.socket(socket.AF_INET, kind) as tried:
            try:
                tried.bind(("0.0.0.0", port))
            except OSError:
                return False
    return True


class Program:
    """One running program; everything it prints is kept in a file."""

    def __init__(
        self, name: str, command: Sequence[str], directory: Path, env: Mapping[str, str] = {}
    ) -> None:
        self.name = name
        self.log = directory / f"{name}.out"
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                command,
                cwd=directory,
                env={**os.environ, **env},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    @property
    def output(self) -> str:
        return self.log.read_text("utf-8", "replace")

    @property
    def runs(self) -> bool:
        return self.process.poll() is None

    def printed(self, text: str, limit_s: float = LIMIT_S) -> None:
        """Wait until the program has printed ``text``."""
        until(lambda: text in self.output or not self.runs, f"{self.name} prints {text!r}", limit_s)
        assert text in self.output, f"{self.name} has ended:\n{self.output[-3000:]}"

    def ended(self, limit_s: float = LIMIT_S) -> int:
        """Wait for the exit status."""
        until(lambda: not self.runs, f"{self.name} ends", limit_s)
        return self.process.wait(1)

    def kill(self) -> None:
        """End it as a power cut would; nothing if it has ended."""
        if self.runs:
            self.process.kill()
        self.process.wait(10)
