"""What the recorder's process does: as its node says, for as long as the node lives."""

import ctypes
import os
import signal
import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from switchroom.drivers.clock import Clock
from switchroom.drivers.journal_reader import end_of_journal
from switchroom.drivers.recorder import Recorder
from switchroom.drivers.recorder_protocol import (
    Hurry,
    Progress,
    Stop,
    Task,
    WriteNow,
    encode,
    read_instruction,
)
from switchroom.history.ports import Ledger

LOWEST = 19
"nice(2): on a core that is used up, a sixtieth of it."
PR_SET_PDEATHSIG = 1
"prctl(2)"


def record(channel: socket.socket, ledger_in: Callable[[str], Ledger]) -> None:
    """Follow the instructions on ``channel`` until the node says stop, or is gone.

    Args:
        ledger_in: The ledger in the database with this URL.
    """
    for name in (signal.SIGTERM, signal.SIGINT):  # a service manager may send it to all of a node
        signal.signal(name, signal.SIG_IGN)
    _die_with_node()
    _stand_back()
    with channel, channel.makefile("rb") as lines:
        task = read_instruction(lines.readline())
        assert isinstance(task, Task)
        recorder = _recorder(task, ledger_in(task.database), channel)
        recorder.start()
        for line in lines:
            match read_instruction(line):
                case Hurry(is_followed):
                    recorder.hurry(is_followed=is_followed)
                case WriteNow():
                    recorder.write_now()
                case Stop():
                    recorder.stop()
                    return


def _recorder(task: Task, ledger: Ledger, channel: socket.socket) -> Recorder:
    directory = Path(task.directory)

    def report(progress: Progress) -> None:
        with suppress(OSError):  # the node is gone, and this process about to go
            channel.sendall(encode(progress) + b"\n")

    return Recorder(
        ledger,
        directory,
        lambda: end_of_journal(directory),
        utc_now=Clock().utc,
        keep_days=task.keep_days,
        report=report,
    )


def _stand_back() -> None:
    """Calls come before their records where both are on one core.

    Not as ``SCHED_IDLE``: on a core that the node uses up it would hold the database's write lock
    for as long as others wait for it at most.
    """
    with suppress(OSError):
        os.nice(LOWEST)


def _die_with_node() -> None:
    """Whoever starts the node again must not find this one at work, waiting for a database."""
    system = ctypes.CDLL(None)
    if hasattr(system, "prctl"):
        system.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
