"""Facts: what has happened, said once, in the past tense."""

from typing import Annotated, ClassVar

from msgspec import Meta, Struct

UtcSeconds = Annotated[float, Meta(description="Unix time in seconds, UTC.")]


class Fact(Struct, frozen=True, kw_only=True, tag_field="fact"):
    """Base of all facts. A subclass sets ``tag="noun.verbed"``, its name everywhere.

    It or its base also says what the fact is about, so that whoever follows events can choose, and
    gets only what he may get: ``resource`` of the permissions, and the field with the thing's id.
    """

    resource: ClassVar[str]
    id_field: ClassVar[str]
    also: ClassVar[tuple[str, ...]] = ()
    "Other resources whose followers must hear of it, since things come and go with it."

    at: UtcSeconds
    customer_id: str
    "The customer whose fact this is; empty for the platform's own."


def name_of(kind: type[Fact]) -> str:
    """The public name of this kind of fact, for example ``call.answered``."""
    return str(kind.__struct_config__.tag)
