"""Who may follow what happens, and read figures."""

from switchroom.permissions.declare import Feature, Grant, Resource

# Both are asked of the asker himself, so own is enough however a role is bound: each event and
# each call behind a figure is checked again, as what it is.
EVENTS = Resource("events", attributes=("owner",))
SUBSCRIBE = EVENTS.may("subscribe", "Follow events of what may be seen")
LIST_EVENTS = EVENTS.may("list", "Ask for events of what may be seen")

METRICS = Resource("metrics", attributes=("owner",))
GET_METRICS = METRICS.may("get", "Read figures about what may be seen")

FEATURE = Feature(
    resources=(EVENTS, METRICS),
    grants=(
        Grant("supervisor", ("events:*", "metrics:*"), scope="own"),
        Grant("agent", ("events:*",), scope="own"),
        Grant("agent_readonly", ("events:*",), scope="own"),
        Grant("analyst", ("metrics:*",), scope="own"),
        Grant("integrator", ("events:*",), scope="own"),
    ),
)
