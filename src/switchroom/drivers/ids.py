"""Makes the words that nobody can guess or repeat: tags, branches, Call-IDs, ids of calls."""

import os

_BYTES = 8
"64 bits a token."
_BATCH = 512
"Tokens drawn from the kernel at once: one system call instead of 512."


class RandomIds:
    """Tokens of lower-case letters and digits, all with the worker's own beginning.

    Several workers can share a port later: the beginning of a branch or tag says whose it is. A
    process that forks must make a new one in each child, or they would draw the same tokens.
    """

    __slots__ = ("_tokens", "_worker")

    def __init__(self, worker: str = "0") -> None:
        if not (worker.isascii() and worker.isalnum() and worker == worker.lower()):
            raise ValueError(f"worker must be lower-case letters and digits, not {worker!r}")
        self._worker = worker
        self._tokens: list[str] = []

    def token(self) -> str:
        """A new word: the worker's beginning and 64 random bits in hexadecimal."""
        if not self._tokens:
            self._refill()
        return self._tokens.pop()

    def _refill(self) -> None:
        drawn = os.urandom(_BYTES * _BATCH).hex()
        width = 2 * _BYTES
        self._tokens = [
            self._worker + drawn[start : start + width] for start in range(0, len(drawn), width)
        ]
