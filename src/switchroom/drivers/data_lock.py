"""One node per data directory: a lock that the kernel lets go of when its processes have died."""

import fcntl
import os
from contextlib import suppress
from pathlib import Path
from threading import Event

from switchroom.drivers.clock import Clock
from switchroom.foundation.errors import SwitchroomError

FILE_NAME = "node.lock"
LAST_BREATH_S = 5.0
"How long the processes of a node that has been killed may take to be gone."
LOOK_S = 0.02


class DataDirectoryTakenError(SwitchroomError):
    """Another node runs on this data directory."""

    code = "data_directory_taken"


class DataLock:
    """Held from construction until ``release``, or the end of all that were handed ``file``."""

    def __init__(self, directory: Path) -> None:
        """Make ``directory`` if it is missing (mode 0700) and take its lock.

        Raises:
            DataDirectoryTakenError: another process holds it.
            OSError: the directory or the lock file cannot be made.
        """
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.file = os.open(directory / FILE_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        "To be handed to a process that must have ended before another node begins."
        if not self._is_ours():
            owner = os.pread(self.file, 32, 0).decode("ascii", "replace").strip() or "unknown"
            os.close(self.file)
            raise DataDirectoryTakenError(
                f"a node already runs on {directory} (process {owner});"
                " stop it first or choose another --data directory"
            )
        os.ftruncate(self.file, 0)
        os.pwrite(self.file, f"{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        os.close(self.file)

    def _is_ours(self) -> bool:
        clock, pause = Clock(), Event()
        deadline = clock.monotonic() + LAST_BREATH_S
        while True:
            with suppress(BlockingIOError):
                fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return True
            if self._owner_lives() or clock.monotonic() > deadline:
                return False
            pause.wait(LOOK_S)

    def _owner_lives(self) -> bool:
        owner = os.pread(self.file, 32, 0).strip()
        try:
            os.kill(int(owner), 0)
        except (ValueError, ProcessLookupError):
            return False
        except PermissionError:
            pass  # somebody else's
        return True
