"""How the fields of what somebody sent are named to him, wherever he sent it."""

from collections.abc import Iterable
from difflib import get_close_matches


def path_of(location: Iterable[str | int]) -> str:
    """A location as people read it: ``customers[0].agents[2].capacity``."""
    path = ""
    for step in location:
        path += f"[{step}]" if isinstance(step, int) else f".{step}" if path else step
    return path


def did_you_mean(given: str, known: Iterable[str]) -> str:
    """`` (did you mean "number"?)`` if something known is close; empty otherwise."""
    close = get_close_matches(given[:80], list(known), n=1, cutoff=0.6)
    return f' (did you mean "{close[0]}"?)' if close else ""
