"""Facts: what has happened, said once, in the past tense."""

from typing import Annotated

from msgspec import Meta, Struct

UtcSeconds = Annotated[float, Meta(description="Unix time in seconds, UTC.")]


class Fact(Struct, frozen=True, kw_only=True, tag_field="fact"):
    """Base of all facts. A subclass sets ``tag="noun.verbed"``, its name everywhere."""

    at: UtcSeconds
    customer_id: str
    "The customer whose fact this is; empty for the platform's own."


def name_of(kind: type[Fact]) -> str:
    """The public name of this kind of fact, for example ``call.answered``."""
    return str(kind.__struct_config__.tag)
