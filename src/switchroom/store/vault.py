"""Passwords that must be readable, one private file each; the database has only their names."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

FOLDER = "secrets"


class Vault:
    """The files in ``secrets/`` of the data directory, readable for the node's own user only."""

    def __init__(self, directory: Path) -> None:
        self._folder = directory / FOLDER

    def keep(self, password: str) -> str:
        """Write it down; returns the reference ``file:/…`` under which it is read again.

        A new file for each password: what a transaction that fails was about to replace is still
        there. ``sweep`` removes those that nothing refers to.
        """
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = (self._folder / secrets.token_hex(16)).resolve()
        flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC
        with os.fdopen(os.open(path, flags, 0o600), "w") as file:
            file.write(password)
            file.flush()
            os.fsync(file.fileno())
        return f"file:{path}"

    def sweep(self, references: set[str]) -> int:
        """Remove files that nothing refers to; returns how many are gone."""
        gone = 0
        if not self._folder.is_dir():
            return 0
        for path in self._folder.iterdir():
            if f"file:{path.resolve()}" not in references:
                with suppress(OSError):
                    path.unlink()
                    gone += 1
        return gone
