"""Why a principal's document was not carried out though nothing is wrong with its form."""

from typing import Literal, TypeAlias

from msgspec import Struct

from switchroom.store.apply.fault import Fault

Code: TypeAlias = Literal[
    "out_of_scope",
    "missing_permissions",
    "mfa_required",
    "escalation",
    "conflict",
    "precondition_failed",
]


class Denied(Struct, frozen=True):
    """Nothing of the document was done."""

    code: Code
    text: str
    faults: tuple[Fault, ...] = ()
    "Where the document asks for what the asker may not have."
    missing: tuple[str, ...] = ()
    "Permissions that he would need beside those he has."
    rule: str = ""
    "Of granting (E1 to E9), if one of those refuses."
