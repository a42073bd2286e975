"""Which version of a customer's configuration it is: an export says so, an apply may ask for it."""

from hashlib import sha256

import msgspec

from switchroom.store.stored import Held, Stored

_LENGTH = 20
"Hexadecimal digits: enough that no two versions are taken for each other."


def version_of(mine: Stored) -> str:
    """The same for the same configuration, whoever asks and in whichever process.

    Checks of passwords are left out: what is made of them could be tried against guesses.
    """
    everything = (
        mine.configuration,
        {id: origin.reference for id, origin in mine.origins.items()},
        mine.roles,
        {id: _held(held) for id, held in mine.held.items()},
    )
    encoded = msgspec.json.encode(everything, order="deterministic")
    return sha256(encoded).hexdigest()[:_LENGTH]


def _held(held: Held) -> list[list[str]]:
    return [
        sorted(msgspec.json.encode(one, order="deterministic").decode() for one in kind)
        for kind in (held.roles, held.restrictions)
    ]
