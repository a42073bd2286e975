"""Who may see how the platform itself is doing."""

from switchroom.permissions.declare import Feature, Grant, Resource

SYSTEM = Resource("system", is_platform=True, is_within_customers=False)
GET_SYSTEM = SYSTEM.may("get", "See how the platform is doing")

FEATURE = Feature(resources=(SYSTEM,), grants=(Grant("platform_support", ("system:get",)),))
