"""What the measuring programs need of this machine: cores, free ports, a folder, waiting."""

import os
import shutil
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
HOST = "127.0.0.1"
PEER_CORE = 0
GENERATOR_CORE = 1
LOOK_S = 0.1


def end_cleanly_on_sigterm() -> None:
    """Let a time limit end what was started as well: SIGTERM becomes an exception."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))


def pinned(core: int) -> list[str]:
    """The words before a command that keep it on one core; none where there is only one."""
    cores = os.sched_getaffinity(0)
    if len(cores) < 2 or core not in cores or shutil.which("taskset") is None:
        return []
    return ["taskset", "-c", str(core)]


def free_ports(count: int, first: int = 20000, last: int = 32000) -> int:
    """The first of ``count`` UDP ports in a row that nobody has now.

    Raises:
        OSError: there is no such row.
    """
    start = first + os.getpid() * 37 % (last - first - count)
    for offset in range(0, last - first, count):
        base = first + (start - first + offset) % (last - first - count)
        if all(_is_free(port) for port in range(base, base + count)):
            return base
    raise OSError(f"no {count} free UDP ports in a row between {first} and {last}")


def _is_free(port: int) -> bool:
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as probe:
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


@contextmanager
def folder_on_disk() -> Iterator[Path]:
    """A new folder, gone afterwards. Not in the system's one for such: that may be in memory."""
    build = ROOT / "build"
    build.mkdir(exist_ok=True)
    path = Path(tempfile.mkdtemp(prefix="bench-", dir=build))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def holds_within(condition: Callable[[], bool], limit_s: float) -> bool:
    """Whether ``condition`` comes true within ``limit_s`` seconds; looks ten times a second."""
    until = time.monotonic() + limit_s
    while not condition():
        if time.monotonic() >= until:
            return False
        time.sleep(LOOK_S)
    return True


def memory_kb(process_id: int) -> int:
    """The process's proportional share of memory (PSS), in kB."""
    text = Path(f"/proc/{process_id}/smaps_rollup").read_text()
    return next(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:"))
