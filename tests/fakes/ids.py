"""Ids that count, so that a scenario replays identically."""


class CountingIds:
    def __init__(self, prefix: str = "id") -> None:
        self.count = 0
        self._prefix = prefix

    def token(self) -> str:
        self.count += 1
        return f"{self._prefix}{self.count}"
