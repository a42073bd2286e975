"""What agents need from outside: where an extension's phones are registered."""

from collections.abc import Sequence
from typing import Protocol

from switchroom.foundation.leg import Destination


class Bindings(Protocol):
    """The registrar as routing sees it."""

    def contacts(self, customer_id: str, extension_number: str) -> Sequence[Destination]:
        """The extension's registered contacts; empty if no phone is registered."""
        ...
