"""The port that makes new ids; the deciding half rolls no dice."""

from typing import Protocol


class Ids(Protocol):
    """Makes ids that nobody can guess or repeat.

    The real one is ``drivers/ids.py``; tests use a counting one, so a scenario replays identically.
    """

    def token(self) -> str:
        """A new word of letters and digits, at least 64 bits: for tags, branches, ids."""
        ...
