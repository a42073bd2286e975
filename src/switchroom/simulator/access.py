"""A phone's answers to what its user agent asks about the world: it trusts its server."""

from switchroom.foundation.leg import Hop, Origin
from switchroom.sip.ports import Account

SERVER = "server"
"The trunk id under which a phone knows its server."


class PhoneAccess:
    """Implements ``sip.ports.Access``: whoever calls is the server, and we know one password."""

    def __init__(self, user: str, domain: str, password: str) -> None:
        self._domain = domain
        self._credentials = (user, password) if password else None

    def trunk_at(self, address: str, dialled: str) -> Origin | None:  # noqa: ARG002
        return Origin("trunk", SERVER, "")

    def account(self, user: str, host: str) -> Account | None:  # noqa: ARG002
        return None

    def realm(self, host: str) -> str:
        return host

    def is_emergency(self, dialled: str, host: str) -> bool:  # noqa: ARG002 - nobody calls it
        return False

    def is_ours(self, host: str) -> bool:  # noqa: ARG002
        return True

    def domain(self, customer_id: str) -> str:  # noqa: ARG002
        return self._domain

    def credentials(self, trunk_id: str) -> tuple[str, str] | None:  # noqa: ARG002
        return self._credentials


class PhoneNetwork:
    """Implements ``sip.ports.Network``: one address towards everybody."""

    def __init__(self, address: str, port: int) -> None:
        self._local = f"{address}:{port}"

    def local(self, hop: Hop) -> str:  # noqa: ARG002
        return self._local
