"""What is wrong with a configuration file: line, field, text."""

from collections.abc import Iterable
from difflib import get_close_matches

from msgspec import Struct

MOST_FAULTS = 20
"More are counted, not listed."

Location = tuple[str | int, ...]
'The way to a field: ``("customers", 0, "agents", 2, "capacity")``.'


class Fault(Struct, frozen=True):
    line: int
    "From 1; 0 if the whole file is meant."
    field: str
    "``customers[0].agents[2].capacity``; empty for the file."
    text: str

    def __str__(self) -> str:
        return ": ".join(
            filter(None, (f"line {self.line}" if self.line else "", self.field, self.text))
        )


def path_of(location: Location) -> str:
    """A location as people read it."""
    path = ""
    for step in location:
        path += f"[{step}]" if isinstance(step, int) else f".{step}" if path else step
    return path


def did_you_mean(given: str, known: Iterable[str]) -> str:
    """`` (did you mean "number"?)`` if something known is close; empty otherwise."""
    close = get_close_matches(given[:80], list(known), n=1, cutoff=0.6)
    return f' (did you mean "{close[0]}"?)' if close else ""


def shortened(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    """By line; at most ``MOST_FAULTS`` and one that counts the rest."""
    ordered = sorted(faults, key=lambda fault: fault.line)
    if len(ordered) <= MOST_FAULTS:
        return tuple(ordered)
    rest = len(ordered) - MOST_FAULTS
    return (*ordered[:MOST_FAULTS], Fault(0, "", f"and {rest} more"))
