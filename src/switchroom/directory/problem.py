"""What is wrong with a configuration, said of one field of one thing."""

from msgspec import Struct

Place = tuple[str | int, ...]
'A field of the thing, and the index in it: ``("hosts", 1)``.'


class Problem(Struct, frozen=True):
    """One fault, worded for the person who wrote the configuration."""

    id: str
    "Id of the thing (customer, agent, address, …) that has the field."
    place: Place
    text: str
