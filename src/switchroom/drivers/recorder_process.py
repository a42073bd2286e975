"""The recorder as its node sees it: a process of its own that tells how far it has come.

In the node's process it would hold the interpreter, for milliseconds, when a message arrives. Here
it never does, and its work is on another core where there is one. If it dies it is begun again,
and goes on where the database says that it had come to.
"""

import asyncio
import select
import socket
import subprocess
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TypeAlias

import structlog
from msgspec.structs import replace

from switchroom.drivers.clock import Clock
from switchroom.drivers.recorder_protocol import (
    Hurry,
    Instruction,
    Progress,
    Stop,
    Task,
    WriteNow,
    encode,
    read_progress,
)
from switchroom.history.batch import Position

FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 5.0
"Between the end of one process and the start of the next."
STOP_S = 10.0
"How long the last round may take; what it leaves is written at the next start."
READ_BYTES = 65_536

log = structlog.get_logger()

_Waiting: TypeAlias = tuple[Position, asyncio.Future[None]]


class RecorderProcess:
    """Keeps one recorder running beside this node; lives in the node's loop."""

    def __init__(self, program: Sequence[str], task: Task, keep_open: Sequence[int] = ()) -> None:
        """``keep_open``: files that the process holds, like the lock of the data directory."""
        self._program = program
        self._task = task
        self._keep_open = keep_open
        self._process: subprocess.Popen[bytes] | None = None
        self._channel: socket.socket | None = None
        self._unread = b""
        self._restart: asyncio.TimerHandle | None = None
        self._pause_s = 0.0
        self._is_followed = False
        self._before = Progress()
        "What former processes had done."
        self._now = Progress()
        self._waiting: set[_Waiting] = set()
        self._overdue = Position()
        "Whoever waited for this waited in vain."
        self.on_written: Callable[[int], None] | None = None
        "Told up to which number facts are in the database."

    @property
    def progress(self) -> Progress:
        """How far it is; counts since the node began."""
        before, now = self._before, self._now
        return Progress(
            max(before.position, now.position),
            max(before.newest_seq, now.newest_seq),
            before.written_facts + now.written_facts,
            before.unreadable + now.unreadable,
            before.lost_bytes + now.lost_bytes,
            before.failures + now.failures,
            before.failure or now.failure,
        )

    @property
    def process_id(self) -> int | None:
        """``None`` while there is none."""
        return None if self._process is None else self._process.pid

    def start(self) -> None:
        """Begin; what goes wrong is told by ``failure`` and tried again."""
        self._restart = None
        ours, theirs = socket.socketpair()
        with theirs:
            channel = theirs.fileno()
            try:
                self._process = subprocess.Popen(
                    [*self._program, str(channel)],
                    stdin=subprocess.DEVNULL,
                    pass_fds=(channel, *self._keep_open),
                    process_group=0,  # Ctrl-C in a terminal is the node's, which tells us to stop
                )
            except OSError as error:
                ours.close()
                self._gone(f"the recorder cannot be started: {error}")
                return
        ours.setblocking(False)
        self._channel = ours
        asyncio.get_running_loop().add_reader(ours.fileno(), self._readable)
        self._say(self._task)
        if self._is_followed:
            self._say(Hurry(is_followed=True))

    def hurry(self, *, is_followed: bool) -> None:
        """Write more often as long as somebody follows."""
        self._is_followed = is_followed
        self._say(Hurry(is_followed=is_followed))

    async def written(self, position: Position, limit_s: float) -> bool:
        """Whether everything before ``position`` came into the database within ``limit_s``.

        While it is known to be late nobody waits: one wait in vain is enough until it has
        caught up.
        """
        progress = self.progress
        if progress.position >= position:
            return True
        fails = self._process is None or progress.failure is not None
        if fails or progress.position < self._overdue:
            return False
        self._say(WriteNow())
        waiting = (position, asyncio.get_running_loop().create_future())
        self._waiting.add(waiting)
        try:
            async with asyncio.timeout(limit_s):
                await waiting[1]
        except TimeoutError:
            self._overdue = max(self._overdue, position)
            return False
        finally:
            self._waiting.discard(waiting)
        return True

    def stop(self) -> None:
        """Write down what has been flushed so far, unless the database fails; then end.

        Waits STOP_S at most.
        """
        if self._restart is not None:
            self._restart.cancel()
            self._restart = None
        if self._process is None:
            return
        self._say(Stop())
        self._hear_out()
        self._let_go()

    def _say(self, instruction: Instruction) -> None:
        if self._channel is not None:
            with suppress(OSError):  # it is gone, which the loop is about to see
                self._channel.sendall(encode(instruction) + b"\n")

    def _readable(self) -> None:
        if not self._receive():
            status = self._let_go()
            self._gone(f"the recorder's process ended with status {status}")

    def _hear_out(self) -> None:
        """Listen until it tells nothing any more; it would wait for a node that does not listen."""
        assert self._channel is not None
        deadline = Clock().monotonic() + STOP_S
        while (left := deadline - Clock().monotonic()) > 0:
            select.select([self._channel], [], [], left)
            if not self._receive():
                return

    def _receive(self) -> bool:
        """Read what it has told; false if it tells nothing any more."""
        assert self._channel is not None
        try:
            data = self._channel.recv(READ_BYTES)
        except BlockingIOError:
            return True
        except OSError:
            return False
        *_, last, self._unread = (b"\n" + self._unread + data).split(b"\n")
        if last:
            self._heard(read_progress(last))
        return bool(data)

    def _heard(self, progress: Progress) -> None:
        newest, position = self._now.newest_seq, self.progress.position
        self._now = progress
        self._before = replace(self._before, failure=None)
        if progress.position > position:  # one that dies at its first batch is not begun in a hurry
            self._pause_s = 0.0
        for waits_for, come in self._waiting:
            if progress.position >= waits_for and not come.done():
                come.set_result(None)
        if self.on_written is not None and progress.newest_seq > newest:
            self.on_written(progress.newest_seq)

    def _let_go(self) -> int:
        assert self._channel is not None
        assert self._process is not None
        asyncio.get_running_loop().remove_reader(self._channel.fileno())
        self._channel.close()
        self._process.kill()
        status = self._process.wait()
        self._channel, self._process, self._unread = None, None, b""
        return status

    def _gone(self, failure: str) -> None:
        self._pause_s = min(max(FIRST_PAUSE_S, 2 * self._pause_s), LONGEST_PAUSE_S)
        log.error(failure, next_attempt_s=self._pause_s)
        done = self.progress
        self._before = replace(done, failures=done.failures + 1, failure=failure)
        self._now = Progress()
        self._restart = asyncio.get_running_loop().call_later(self._pause_s, self.start)
