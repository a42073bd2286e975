"""Slow hashes of log-in passwords: each is computed once in an apply, and before it writes."""

from collections.abc import Callable


class SlowHashes:
    """What one apply has hashed and compared: a transaction that asks again does not wait."""

    def __init__(self, hash: Callable[[str], str], is_of: Callable[[str, str], bool]) -> None:
        """How to hash a password, and how to tell whether a hash, as stored, is of one."""
        self._hash = hash
        self._is_of = is_of
        self._hashed: dict[str, str] = {}
        self._compared: dict[tuple[str, str], bool] = {}

    def hash(self, password: str) -> str:
        """What is stored of the password."""
        if password not in self._hashed:
            self._hashed[password] = self._hash(password)
        return self._hashed[password]

    def is_of(self, stored: str, password: str) -> bool:
        """Whether what is stored is of this password."""
        if (stored, password) not in self._compared:
            self._compared[stored, password] = self._is_of(stored, password)
        return self._compared[stored, password]
