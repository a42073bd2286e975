"""What is known of a request that may have been sent before."""

from typing import Literal, TypeAlias

from msgspec import Struct


class Kept(Struct, frozen=True):
    """The answer that the first request with this key got."""

    status: int
    body: str


KeyState: TypeAlias = Literal["new", "at_work", "other_body", "too_many"] | Kept
"""``new``: nobody has used the key, and it is taken now; ``at_work``: the first request has no
answer yet; ``other_body``: the key was used for something else;
``too_many``: too many keys of one principal are remembered."""
