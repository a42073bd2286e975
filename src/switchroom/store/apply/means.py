"""What reading a file needs from outside."""

from msgspec import Struct

from switchroom.foundation.ids import Ids
from switchroom.identity.model import Actor
from switchroom.permissions.roles import Access
from switchroom.store.apply.credentials import Credentials
from switchroom.store.apply.slow_hashes import SlowHashes


class Means(Struct, frozen=True):
    """Everything that an apply needs beside the file and the database."""

    ids: Ids
    "Makes the ids of what is new."
    credentials: Credentials
    "Reads the passwords that the document has."
    access: Access
    hashes: SlowHashes
    "Of log-in passwords, for this one apply."
    now: float
    "Unix seconds."
    actor: Actor | None = None
    "Who applies over the API; ``None``: the operator on the machine."
