"""What may be done to memberships, roles, keys and sessions, and who reads the audit log."""

from switchroom.permissions.declare import Feature, Grant, Resource

MEMBERSHIPS = Resource("memberships", is_platform=True)
LIST_MEMBERSHIPS = MEMBERSHIPS.may("list", "List who serves a customer")
GET_MEMBERSHIP = MEMBERSHIPS.may("get", "See a membership")
CREATE_MEMBERSHIP = MEMBERSHIPS.may("create", "Let an agent serve another customer", sensitive=True)
UPDATE_MEMBERSHIP = MEMBERSHIPS.may("update", "Pause or resume a membership", sensitive=True)
DELETE_MEMBERSHIP = MEMBERSHIPS.may("delete", "End a membership", sensitive=True)

ROLES = Resource("roles")
LIST_ROLES = ROLES.may("list", "List roles and who holds them")
GET_ROLE = ROLES.may("get", "See a role")
CREATE_ROLE = ROLES.may("create", "Create a role", sensitive=True)
UPDATE_ROLE = ROLES.may("update", "Change a role", sensitive=True)
DELETE_ROLE = ROLES.may("delete", "Delete a role", sensitive=True)
BIND_ROLE = ROLES.may("bind", "Give a role to somebody", sensitive=True)
UNBIND_ROLE = ROLES.may("unbind", "Take a role from somebody", sensitive=True)

RESTRICTIONS = Resource("restrictions")
LIST_RESTRICTIONS = RESTRICTIONS.may("list", "List restrictions")
GET_RESTRICTION = RESTRICTIONS.may("get", "See a restriction")
CREATE_RESTRICTION = RESTRICTIONS.may("create", "Deny somebody something", sensitive=True)
DELETE_RESTRICTION = RESTRICTIONS.may("delete", "Lift a restriction", sensitive=True)

ACCESSKEYS = Resource("accesskeys", attributes=("owner",))
LIST_ACCESSKEYS = ACCESSKEYS.may("list", "List access keys")
GET_ACCESSKEY = ACCESSKEYS.may("get", "See an access key, not its secret")
CREATE_ACCESSKEY = ACCESSKEYS.may("create", "Issue an access key", sensitive=True)
UPDATE_ACCESSKEY = ACCESSKEYS.may("update", "Rename an access key or narrow it")
DELETE_ACCESSKEY = ACCESSKEYS.may("delete", "Delete an access key")
ROTATE_ACCESSKEY = ACCESSKEYS.may("rotate", "Give an access key a new secret", sensitive=True)
REVOKE_ACCESSKEY = ACCESSKEYS.may("revoke", "End an access key at once")

SESSIONS = Resource("sessions", attributes=("owner",))
LIST_SESSIONS = SESSIONS.may("list", "List who is logged in")
GET_SESSION = SESSIONS.may("get", "See a session")
REVOKE_SESSION = SESSIONS.may("revoke", "End a session")

AUTH_SETTINGS = Resource("auth_settings")
GET_AUTH_SETTINGS = AUTH_SETTINGS.may("get", "See what is asked of log-ins")
UPDATE_AUTH_SETTINGS = AUTH_SETTINGS.may("update", "Say what is asked of log-ins", sensitive=True)

AUTHZ = Resource("authz")
EXPLAIN = AUTHZ.may("explain", "Ask who may do what, and why")

AUDIT = Resource("audit", is_platform=True)
LIST_AUDIT = AUDIT.may("list", "List the audit log")
GET_AUDIT = AUDIT.may("get", "See an entry of the audit log")
EXPORT_AUDIT = AUDIT.may("export", "Take the audit log out of the system", sensitive=True)

_ADMINISTRATION = (
    "roles:create",
    "roles:update",
    "roles:bind",
    "roles:unbind",
    "restrictions:create",
    "restrictions:delete",
    "accesskeys:create",
    "accesskeys:rotate",
)
_OWNERS = ("roles:delete", "auth_settings:update", "audit:export")

FEATURE = Feature(
    resources=(
        MEMBERSHIPS,
        ROLES,
        RESTRICTIONS,
        ACCESSKEYS,
        SESSIONS,
        AUTH_SETTINGS,
        AUTHZ,
        AUDIT,
    ),
    grants=(
        Grant(
            "platform_owner",
            ("*:*", "memberships:create", "memberships:update", "memberships:delete"),
        ),
        Grant("platform_owner", (*_ADMINISTRATION, *_OWNERS)),
        Grant("platform_support", ("*:read",)),
        Grant("owner", ("*:*", *_ADMINISTRATION, *_OWNERS)),
        Grant("admin", ("*:*", *_ADMINISTRATION)),
        Grant("agent", ("sessions:*",), scope="own"),
        Grant("agent_readonly", ("sessions:read",), scope="own"),
        Grant(
            "integrator", ("accesskeys:*", "accesskeys:create", "accesskeys:rotate"), scope="own"
        ),
        Grant("auditor", ("audit:read", "authz:*", "roles:read", "restrictions:read")),
        Grant("auditor", ("accesskeys:read", "auth_settings:get", "memberships:read")),
    ),
)
