"""Which version of a customer's configuration it is: an export says so, an apply may ask for it."""

import msgspec

from switchroom.foundation.versions import version_of
from switchroom.store.stored import Held, Stored


def configuration_version(mine: Stored) -> str:
    """The same for the same configuration, whoever asks and in whichever process.

    Checks of passwords are left out: what is made of them could be tried against guesses.
    """
    return version_of(
        (
            mine.configuration,
            {id: origin.reference for id, origin in mine.origins.items()},
            mine.roles,
            {id: _held(held) for id, held in mine.held.items()},
        )
    )


def _held(held: Held) -> list[list[str]]:
    return [
        sorted(msgspec.json.encode(one, order="deterministic").decode() for one in kind)
        for kind in (held.roles, held.restrictions)
    ]
