"""What reading a file needs from outside."""

from collections.abc import Callable, Mapping

from msgspec import Struct

from switchroom.foundation.ids import Ids
from switchroom.identity.model import Actor
from switchroom.permissions.roles import Access


class Means(Struct, frozen=True):
    """Everything that an apply needs beside the file and the database."""

    ids: Ids
    "Makes the ids of what is new."
    environ: Mapping[str, str]
    "Where ``env:`` passwords are looked up."
    access: Access
    hash_password: Callable[[str], str]
    "The slow hash of a log-in password, to be stored."
    now: float
    "Unix seconds."
    actor: Actor | None = None
    "Who applies over the API; ``None``: the operator on the machine."
    request_id: str = ""
