"""What the SIP side needs to know from outside: who may call, which names are ours."""

from typing import Protocol

from msgspec import Struct

from switchroom.foundation.leg import Hop, Origin


class Account(Struct, frozen=True):
    """A phone that may register and call."""

    extension_id: str
    customer_id: str
    number: str
    realm: str
    ha1: dict[str, str]
    "HA1 by algorithm name (``MD5``, ``SHA-256``)."
    max_contacts: int


class Access(Protocol):
    """The directory, as the edge of the node asks it. Answers at once, from memory."""

    def trunk_at(self, address: str, dialled: str) -> Origin | None:
        """The trunk whose network holds this source address; the number tells between several."""
        ...

    def account(self, user: str, host: str) -> Account | None:
        """The phone behind a user name in one of our domains."""
        ...

    def realm(self, host: str) -> str:
        """The realm to challenge with for this host; some default for an unknown one."""
        ...

    def is_ours(self, host: str) -> bool:
        """Whether a Request-URI with this host is meant for this node."""
        ...

    def is_emergency(self, dialled: str, host: str) -> bool:
        """Whether this number calls for help in the country of whoever has this host."""
        ...

    def domain(self, customer_id: str) -> str:
        """The host part of the identities that we show to this customer's phones."""
        ...

    def credentials(self, trunk_id: str) -> tuple[str, str] | None:
        """User name and password for a carrier's challenge."""
        ...


class Network(Protocol):
    """Where this node is, seen from a peer."""

    def local(self, hop: Hop) -> str:
        """``host:port`` to put into Via and Contact of messages to ``hop``."""
        ...
