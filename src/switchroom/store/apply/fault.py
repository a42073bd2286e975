"""What is wrong with a configuration file: line, field, text."""

from collections.abc import Iterable

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


def shortened(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    """By line; at most ``MOST_FAULTS`` and one that counts the rest."""
    ordered = sorted(faults, key=lambda fault: fault.line)
    if len(ordered) <= MOST_FAULTS:
        return tuple(ordered)
    rest = len(ordered) - MOST_FAULTS
    return (*ordered[:MOST_FAULTS], Fault(0, "", f"and {rest} more"))
