"""One node per data directory: a lock that the kernel lets go of when the process dies."""

import fcntl
import os
from pathlib import Path
from typing import ClassVar

from switchroom.foundation.errors import SwitchroomError

FILE_NAME = "node.lock"


class DataDirectoryTakenError(SwitchroomError):
    """Another node runs on this data directory."""

    code: ClassVar[str] = "data_directory_taken"


class DataLock:
    """Held from construction until ``release`` or the end of the process."""

    def __init__(self, directory: Path) -> None:
        """Make ``directory`` if it is missing (mode 0700) and take its lock.

        Raises:
            DataDirectoryTakenError: another process holds it.
            OSError: the directory or the lock file cannot be made.
        """
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._file = os.open(directory / FILE_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            owner = os.read(self._file, 32).decode("ascii", "replace").strip() or "unknown"
            os.close(self._file)
            raise DataDirectoryTakenError(
                f"a node already runs on {directory} (process {owner});"
                " stop it first or choose another --data directory"
            ) from error
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, f"{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        os.close(self._file)
