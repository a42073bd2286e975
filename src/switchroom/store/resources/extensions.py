"""Extensions: of the password only its hashes are stored, and they contain number and domain."""

from msgspec.structs import replace

from switchroom.directory.model import Extension
from switchroom.directory.problem import Problem
from switchroom.store.resources.edits import (
    creating,
    domain_of,
    refusing_while_used,
    thing,
    updating,
)
from switchroom.store.resources.spec import Edited, Fields, Target
from switchroom.store.secret import Clear, ha1, plain_password
from switchroom.store.stored import Stored

_create = creating("extensions", Extension)
_update = updating("extensions", Extension)
_delete = refusing_while_used("extensions")


def create(stored: Stored, target: Target, values: Fields) -> Edited:
    """A new phone account. Over HTTP a password is only ever the password itself.

    ``env:`` and ``file:`` would let whoever may write an extension read our machine.
    """
    known = plain_password(values["password"])
    if not isinstance(known, Clear):
        return Edited(stored, (Problem("", ("password",), known.text),))
    rest = {name: value for name, value in values.items() if name != "password"}
    hashed = ha1(values["number"], domain_of(stored, target.customer_id), known.password)
    return _create(stored, target, {**rest, "ha1_md5": hashed.md5, "ha1_sha256": hashed.sha256})


def update(stored: Stored, target: Target, values: Fields) -> Edited:
    """Other fields; neither number nor password."""
    return _update(stored, target, values)


def delete(stored: Stored, target: Target, values: Fields) -> Edited:
    """Refused while a number leads to it or an agent is reached there."""
    extension: Extension = thing(stored, "extensions", target.id)
    for agent in stored.configuration.agents:
        if agent.customer_id == extension.customer_id and any(
            one.type == "extension" and one.target == extension.number for one in agent.addresses
        ):
            return Edited(stored, used_by="an agent")
    return _delete(stored, target, values)


def rotate_secret(stored: Stored, target: Target, values: Fields) -> Edited:
    """Another password: the one given."""
    known = plain_password(values["password"])
    if not isinstance(known, Clear):
        return Edited(stored, (Problem("", ("password",), known.text),))
    extension: Extension = thing(stored, "extensions", target.id)
    hashed = ha1(extension.number, domain_of(stored, extension.customer_id), known.password)
    edited = _update(stored, target, {"ha1_md5": hashed.md5, "ha1_sha256": hashed.sha256})
    # Where the file had it from is true no more.
    origins = {id: one for id, one in edited.stored.origins.items() if id != target.id}
    return Edited(replace(edited.stored, origins=origins))
