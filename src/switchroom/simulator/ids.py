"""Ids from a seed, so that a scenario replays identically."""

from random import Random


class SeededIds:
    """Unique words; the same seed gives the same ones."""

    __slots__ = ("_prefix", "_random")

    def __init__(self, seed: int | str, prefix: str = "s") -> None:
        self._random = Random(seed)
        self._prefix = prefix

    def token(self) -> str:
        return f"{self._prefix}{self._random.getrandbits(64):016x}"
