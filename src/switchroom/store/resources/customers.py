"""Customers: what is theirs keeps them, and so do the hashes that contain their domain."""

from switchroom.directory.model import Customer
from switchroom.directory.problem import Problem
from switchroom.store.resources.edits import deleting, thing, updating
from switchroom.store.resources.problems import only
from switchroom.store.resources.spec import Edited, Fields, Target
from switchroom.store.stored import Stored

_update = updating("customers", Customer)
_delete = deleting("customers")


def update(stored: Stored, target: Target, values: Fields) -> Edited:
    """Other fields; the domain is the realm of every phone's password."""
    before: Customer = thing(stored, "customers", target.id)
    is_moved = values.get("domain", before.domain) != before.domain
    if is_moved and only(stored.configuration, target.id).extensions:
        text = "cannot change while there are extensions: their passwords' hashes contain it"
        return Edited(stored, (Problem("", ("domain",), text),))
    return _update(stored, target, values)


def delete(stored: Stored, target: Target, values: Fields) -> Edited:
    """Only an empty customer goes."""
    own = only(stored.configuration, target.id)
    for noun in own.__struct_fields__:
        if noun != "customers" and (left := getattr(own, noun)):
            return Edited(stored, used_by=f"{len(left)} {noun}")
    return _delete(stored, target, values)
