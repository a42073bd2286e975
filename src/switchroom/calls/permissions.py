"""What may be done to calls."""

from switchroom.permissions.declare import Feature, Grant, Resource

CALLS = Resource("calls", attributes=("owner", "tags", "client"))
LIST_CALLS = CALLS.may("list", "List calls")
GET_CALL = CALLS.may("get", "See a call")
CREATE_CALL = CALLS.may("create", "Make a call")
HANG_UP_CALL = CALLS.may("hangup", "Hang up a call")

GROUPCALLS = Resource("groupcalls", attributes=("owner", "tags", "client"))
LIST_GROUPCALLS = GROUPCALLS.may("list", "List groupcalls")
GET_GROUPCALL = GROUPCALLS.may("get", "See a groupcall")
CREATE_GROUPCALL = GROUPCALLS.may("create", "Ring several destinations at once")
HANG_UP_GROUPCALL = GROUPCALLS.may("hangup", "Hang up a groupcall")

FEATURE = Feature(
    resources=(CALLS, GROUPCALLS),
    grants=(
        Grant("supervisor", ("calls:read", "calls:hangup", "groupcalls:read", "groupcalls:hangup")),
        Grant("agent", ("calls:*", "groupcalls:*"), scope="own"),
        Grant("agent_readonly", ("calls:read", "groupcalls:read"), scope="own"),
    ),
)
