"""Who wants to change authority, and the answer that he gets if he may not."""

from typing import Literal, TypeAlias

from msgspec import Struct

from switchroom.foundation.events import UtcSeconds
from switchroom.permissions.catalog import Catalog
from switchroom.permissions.compile import Compiled

Rule: TypeAlias = Literal["E1", "E2", "E3", "E4", "E5", "E6", "E7", "E9", "E11"]
"""The rules are told in the guide about permissions. E8, E10 and E12 are kept by what is not
there: no permission breaks the rules, a new agent has no role, one module writes authority."""


class Asker(Struct, frozen=True):
    """The one who asks for a change, with his authority where he asks for it."""

    name: str
    "As people know him; for the text of a refusal."
    compiled: Compiled
    catalog: Catalog
    now: UtcSeconds


class Refusal(Struct, frozen=True):
    """Why authority may not be changed so."""

    rule: Rule
    text: str
    missing: tuple[str, ...] = ()
    "Names of the permissions that the asker would need."


def refuse(asker: Asker, rule: Rule, mask: int, consequence: str) -> Refusal | None:
    """A refusal that names what the asker lacks; ``None`` if ``mask`` is empty."""
    if not mask:
        return None
    missing = asker.catalog.names(mask)
    named = ", ".join(missing[:3]) + (f" and {len(missing) - 3} more" if len(missing) > 3 else "")
    return Refusal(rule, f"{asker.name} does not hold {named} so far; {consequence}", missing)
