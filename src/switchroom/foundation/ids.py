"""Names of things, and the port that makes new ones; the deciding half rolls no dice."""

from typing import NewType, Protocol

CallId = NewType("CallId", str)
LegId = NewType("LegId", str)
AgentId = NewType("AgentId", str)
CustomerId = NewType("CustomerId", str)
ClientId = NewType("ClientId", str)


class Ids(Protocol):
    """Makes ids that nobody can guess or repeat.

    The real one is ``drivers/ids.py``; tests use a counting one, so a scenario replays identically.
    """

    def token(self) -> str:
        """A new word of letters and digits, at least 64 bits: for tags, branches, ids."""
        ...
