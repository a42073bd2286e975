"""What reading a file needs from outside."""

from collections.abc import Callable

from msgspec import Struct

from switchroom.foundation.ids import Ids
from switchroom.identity.model import Actor
from switchroom.permissions.roles import Access
from switchroom.store.apply.credentials import Credentials, PasswordCheck


class Means(Struct, frozen=True):
    """Everything that an apply needs beside the file and the database."""

    ids: Ids
    "Makes the ids of what is new."
    credentials: Credentials
    "Reads the passwords that the document has."
    access: Access
    hash_password: Callable[[str], str]
    "The slow hash of a log-in password, to be stored."
    is_password: PasswordCheck
    now: float
    "Unix seconds."
    actor: Actor | None = None
    "Who applies over the API; ``None``: the operator on the machine."
