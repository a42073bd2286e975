"""What may be done to agents, to how they are reached, and to their status."""

from switchroom.permissions.declare import Feature, Grant, Resource

AGENTS = Resource("agents", attributes=("owner", "tags"))
LIST_AGENTS = AGENTS.may("list", "List agents")
GET_AGENT = AGENTS.may("get", "See an agent")
CREATE_AGENT = AGENTS.may("create", "Create an agent")
UPDATE_AGENT = AGENTS.may("update", "Change an agent")
DELETE_AGENT = AGENTS.may("delete", "Delete an agent", sensitive=True)
SET_TAGS = AGENTS.may("set_tags", "Say which teams an agent is in", sensitive=True)
SET_PASSWORD = AGENTS.may("set_password", "Set an agent's password", sensitive=True)
RESET_MFA = AGENTS.may("reset_mfa", "Take away an agent's second factor", sensitive=True)
DISABLE = AGENTS.may("disable", "Close an agent's account, or open it again", sensitive=True)
UNLOCK = AGENTS.may("unlock", "Let an agent try to log in again at once")
FORCE_LOGOUT = AGENTS.may("force_logout", "End an agent's sessions")

AGENT_ADDRESSES = Resource("agent_addresses", attributes=("owner", "tags"))
LIST_ADDRESSES = AGENT_ADDRESSES.may("list", "List how agents are reached")
GET_ADDRESS = AGENT_ADDRESSES.may("get", "See one way to reach an agent")
CREATE_ADDRESS = AGENT_ADDRESSES.may("create", "Add a way to reach an agent")
UPDATE_ADDRESS = AGENT_ADDRESSES.may("update", "Change a way to reach an agent")
DELETE_ADDRESS = AGENT_ADDRESSES.may("delete", "Remove a way to reach an agent")

AGENT_STATUS = Resource("agent_status", attributes=("owner", "tags"))
LIST_STATUS = AGENT_STATUS.may("list", "List agents' status and state")
GET_STATUS = AGENT_STATUS.may("get", "See an agent's status and state")
UPDATE_STATUS = AGENT_STATUS.may("update", "Change an agent's status")

_ACCOUNTS = ("agents:set_tags", "agents:set_password", "agents:disable")

FEATURE = Feature(
    resources=(AGENTS, AGENT_ADDRESSES, AGENT_STATUS),
    grants=(
        Grant("platform_owner", ("agents:delete", "agents:reset_mfa", *_ACCOUNTS)),
        Grant("owner", ("agents:delete", "agents:reset_mfa", *_ACCOUNTS)),
        Grant("admin", _ACCOUNTS),
        Grant("supervisor", ("agents:read", "agent_addresses:read")),
        Grant("supervisor", ("agent_status:read", "agent_status:update")),
        Grant("agent", ("agents:read", "agents:update", "agent_addresses:read"), scope="own"),
        Grant("agent", ("agent_status:read", "agent_status:update"), scope="own"),
        Grant(
            "agent_readonly",
            ("agents:read", "agent_addresses:read", "agent_status:read"),
            scope="own",
        ),
        Grant("analyst", ("agents:read", "agent_status:read")),
        Grant("auditor", ("agents:read", "agent_addresses:read", "agent_status:read")),
    ),
)
