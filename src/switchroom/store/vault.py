"""Passwords that must be readable, one private file each; the database has only their names."""

import os
import re
import secrets
from collections.abc import Iterable
from contextlib import suppress
from math import inf
from pathlib import Path

FOLDER = "secrets"
UNUSED = ".unused"
"What the name of a marker ends with; its time is when the file was first found unused."
_NAME_BYTES = 16
_NAME = re.compile(rf"[0-9a-f]{{{2 * _NAME_BYTES}}}")


class Vault:
    """The files in ``secrets/`` of the data directory, readable for the node's own user only."""

    def __init__(self, directory: Path) -> None:
        self._folder = directory / FOLDER

    def keep(self, password: str) -> str:
        """Write it down; returns the reference ``file:/…`` under which it is read again.

        A new file for each password: what a transaction that fails was about to replace is still
        there. Those that nothing refers to are marked, and removed much later.
        """
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = (self._folder / secrets.token_hex(_NAME_BYTES)).resolve()
        flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC
        with os.fdopen(os.open(path, flags, 0o600), "w") as file:
            file.write(password)
            file.flush()
            os.fsync(file.fileno())
        return f"file:{path}"

    def names(self, before: float) -> set[str]:
        """Files of ours that are older than ``before`` (Unix seconds); other people's are not."""
        if not self._folder.is_dir():
            return set()
        ours = (path for path in self._folder.iterdir() if _NAME.fullmatch(path.name))
        return {path.name for path in ours if _written_at(path) < before}

    def marked(self) -> dict[str, float]:
        """Names of files with a marker, whether they are there or not, and since when (Unix s)."""
        if not self._folder.is_dir():
            return {}
        markers = (path for path in self._folder.iterdir() if path.name.endswith(UNUSED))
        since = {path.name.removesuffix(UNUSED): _written_at(path) for path in markers}
        return {name: at for name, at in since.items() if _NAME.fullmatch(name)}

    def mark(self, names: Iterable[str], now: float) -> None:
        """Note beside these files that they were found unused at ``now`` (Unix seconds)."""
        for name in names:
            path = self._folder / f"{name}{UNUSED}"
            with suppress(OSError):
                path.touch(0o600, exist_ok=False)
                os.utime(path, (now, now))

    def unmark(self, names: Iterable[str]) -> None:
        """Take the markers of these files away."""
        for name in names:
            with suppress(OSError):
                (self._folder / f"{name}{UNUSED}").unlink()

    def remove(self, names: Iterable[str]) -> int:
        """Remove these files with their markers; returns how many are gone."""
        gone = 0
        for name in names:
            with suppress(OSError):
                (self._folder / name).unlink()
                gone += 1
            self.unmark([name])
        return gone


def _written_at(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return inf  # gone meanwhile
