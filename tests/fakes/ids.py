"""Ids that count, so that a scenario replays identically."""


class CountingIds:
    def __init__(self) -> None:
        self.count = 0

    def token(self) -> str:
        self.count += 1
        return f"id{self.count}"
