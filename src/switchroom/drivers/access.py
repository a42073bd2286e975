"""The directory as the SIP edge asks it: which trunk, which phone, which names are ours."""

from switchroom.directory.lookup import Directory
from switchroom.directory.model import Customer
from switchroom.directory.numbering import is_emergency
from switchroom.foundation.leg import Origin
from switchroom.sip.ports import Account

NO_REALM = "switchroom"


class DirectoryAccess:
    """Implements ``sip.ports.Access``; ``directory`` is replaced as a whole by ``apply``."""

    def __init__(self, directory: Directory, own_hosts: frozenset[str], outside: str) -> None:
        """``own_hosts``: addresses that mean this node; ``outside``: how others see it."""
        self.directory = directory
        self._own_hosts = own_hosts
        self._outside = outside

    def trunk_at(self, address: str, dialled: str) -> Origin | None:
        trunk = self.directory.trunk_for(address, dialled)
        return Origin("trunk", trunk.id, trunk.customer_id) if trunk is not None else None

    def account(self, user: str, host: str) -> Account | None:
        customer = self._customer(host)
        if customer is None:
            return None
        extension = self.directory.extension(customer.id, user)
        if extension is None:
            return None
        return Account(
            extension.id,
            customer.id,
            extension.number,
            customer.domain,
            {"MD5": extension.ha1_md5, "SHA-256": extension.ha1_sha256},
            extension.max_contacts,
        )

    def realm(self, host: str) -> str:
        customer = self._customer(host)
        return customer.domain if customer is not None else NO_REALM

    def is_ours(self, host: str) -> bool:
        return host in self._own_hosts or self.directory.customer_of_domain(host) is not None

    def is_emergency(self, dialled: str, host: str) -> bool:
        customer = self._customer(host)
        return customer is not None and is_emergency(dialled, customer.country)

    def domain(self, customer_id: str) -> str:
        customer = self.directory.customer(customer_id)
        return customer.domain if customer is not None else self._outside

    def credentials(self, trunk_id: str) -> tuple[str, str] | None:
        trunk = self.directory.trunk(trunk_id)
        if trunk is None or not trunk.username:
            return None
        return trunk.username, trunk.password

    def _customer(self, host: str) -> Customer | None:
        """People type the address instead of the domain: that is the default customer's."""
        found = self.directory.customer_of_domain(host)
        if found is None and host in self._own_hosts:
            return self.directory.default_customer
        return found
