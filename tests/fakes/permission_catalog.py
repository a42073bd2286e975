"""Small catalogues for tests of permissions: few enough permissions that every one is met."""

from switchroom.permissions.catalog import Catalog
from switchroom.permissions.declare import Alias, Feature, Resource


def small_catalog() -> Catalog:
    """Calls with everything, numbers with a client, trunks with nothing, and the platform's."""
    calls = Resource("calls", attributes=("owner", "tags", "client"))
    calls.may("list", "List calls")
    calls.may("get", "See a call")
    calls.may("hangup", "Hang up a call")
    calls.may("listen", "Listen to a call", sensitive=True)
    numbers = Resource("numbers", attributes=("client",))
    numbers.may("get", "See a number")
    numbers.may("update", "Change a number")
    trunks = Resource("trunks")
    trunks.may("get", "See a trunk")
    trunks.may("update", "Change a trunk")
    customers = Resource("customers", is_platform=True)
    customers.may("get", "See a customer")
    customers.may("freeze", "Freeze a customer", sensitive=True)
    system = Resource("system", is_platform=True, is_within_customers=False)
    system.may("get", "See the system")
    resources = (calls, numbers, trunks, customers, system)
    aliases = (Alias("calls:end", "calls:hangup", "0.2"),)
    return Catalog([Feature(resources, aliases=aliases)])
