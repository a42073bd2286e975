"""Trunks: the carrier's challenge needs the password itself, so it lies in a file of its own."""

from pathlib import Path
from typing import Any

from msgspec.structs import replace

from switchroom.directory.model import Trunk
from switchroom.directory.problem import Problem
from switchroom.directory.sources import read_network
from switchroom.store.resources.edits import country_of, creating, normalised, thing, updating
from switchroom.store.resources.spec import Edited, Fields, Target
from switchroom.store.secret import Clear, change_check, plain_password
from switchroom.store.stored import Origin, Stored
from switchroom.store.vault import Vault

_create = creating("trunks", Trunk)
_update = updating("trunks", Trunk)


class TrunkEdits:
    """Changes of trunks, with the vault for their passwords."""

    def __init__(self, directory: Path) -> None:
        self._vault = Vault(directory)

    def create(self, stored: Stored, target: Target, values: Fields) -> Edited:
        """A new carrier."""
        password = values.get("password") or ""
        fields = _fields(stored, target, values)
        edited = _create(stored, target, fields)
        return self._with_password(edited.stored, target, password) if password else edited

    def update(self, stored: Stored, target: Target, values: Fields) -> Edited:
        """Other fields; without a user name the password is no use and goes."""
        edited = _update(stored, target, _fields(stored, target, values))
        if values.get("username") == "":
            return Edited(_without_origin(edited.stored, target.id))
        return edited

    def rotate_secret(self, stored: Stored, target: Target, values: Fields) -> Edited:
        """Another password."""
        trunk: Trunk = thing(stored, "trunks", target.id)
        if not trunk.username:
            text = "this trunk has no user name, so it needs no password"
            return Edited(stored, (Problem("", ("password",), text),))
        return self._with_password(stored, target, values["password"])

    def _with_password(self, stored: Stored, target: Target, text: str) -> Edited:
        known = plain_password(text)
        if not isinstance(known, Clear):
            return Edited(stored, (Problem("", ("password",), known.text),))
        reference = self._vault.keep(known.password)
        origin = Origin(reference, change_check(target.id, known.password))
        return Edited(replace(stored, origins={**stored.origins, target.id: origin}))


def _without_origin(stored: Stored, id: str) -> Stored:
    return replace(stored, origins={key: one for key, one in stored.origins.items() if key != id})


def _fields(stored: Stored, target: Target, values: Fields) -> dict[str, Any]:
    fields = {name: value for name, value in values.items() if name != "password"}
    if fields.get("caller_id"):
        fields["caller_id"] = normalised(
            fields["caller_id"], country_of(stored, target.customer_id)
        )
    if "allow_from" in fields:
        fields["allow_from"] = [_network(one) for one in fields["allow_from"]]
    return fields


def _network(text: str) -> str:
    network = read_network(text)
    return text if network is None else str(network)
