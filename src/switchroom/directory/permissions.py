"""What may be done to configuration, and which classes of number may be dialled."""

from switchroom.permissions.declare import Feature, Grant, Resource

CUSTOMERS = Resource("customers", is_platform=True)
LIST_CUSTOMERS = CUSTOMERS.may("list", "List customers")
GET_CUSTOMER = CUSTOMERS.may("get", "See a customer")
CREATE_CUSTOMER = CUSTOMERS.may("create", "Take on a customer", sensitive=True)
# Its SIP domain is part of it: with another one it could take calls that are not its own.
UPDATE_CUSTOMER = CUSTOMERS.may("update", "Change a customer's name or domain", sensitive=True)
DELETE_CUSTOMER = CUSTOMERS.may("delete", "Delete a customer", sensitive=True)
FREEZE_CUSTOMER = CUSTOMERS.may("freeze", "Leave a customer only reading", sensitive=True)
RECOVER_CUSTOMER = CUSTOMERS.may("recover", "Lift a customer's freeze", sensitive=True)
SET_PLAN = CUSTOMERS.may("set_plan", "Set what a customer bought", sensitive=True)
SWITCH_CUSTOMER = CUSTOMERS.may("switch", "Act in a customer for a while", sensitive=True)

CLIENTS = Resource("clients", attributes=("client",))
LIST_CLIENTS = CLIENTS.may("list", "List client businesses")
GET_CLIENT = CLIENTS.may("get", "See a client business")
CREATE_CLIENT = CLIENTS.may("create", "Take on a client business")
UPDATE_CLIENT = CLIENTS.may("update", "Change a client business")
DELETE_CLIENT = CLIENTS.may("delete", "Delete a client business", sensitive=True)
USE_CLIENT = CLIENTS.may("use", "Give a client business to a number")

TAGS = Resource("tags", attributes=("tags",))
LIST_TAGS = TAGS.may("list", "List tags")
GET_TAG = TAGS.may("get", "See a tag")
CREATE_TAG = TAGS.may("create", "Create a tag")
UPDATE_TAG = TAGS.may("update", "Rename or describe a tag")
DELETE_TAG = TAGS.may("delete", "Delete a tag")
USE_TAG = TAGS.may("use", "Put a tag on an agent or a group")

EXTENSIONS = Resource("extensions", attributes=("owner", "tags"))
LIST_EXTENSIONS = EXTENSIONS.may("list", "List extensions")
GET_EXTENSION = EXTENSIONS.may("get", "See an extension and its phones")
CREATE_EXTENSION = EXTENSIONS.may("create", "Create an extension")
UPDATE_EXTENSION = EXTENSIONS.may("update", "Change an extension")
DELETE_EXTENSION = EXTENSIONS.may("delete", "Delete an extension")
ROTATE_EXTENSION = EXTENSIONS.may(
    "rotate_secret", "Give an extension another password", sensitive=True
)
USE_EXTENSION = EXTENSIONS.may("use", "Lead numbers and addresses to an extension")

TRUNKS = Resource("trunks")
LIST_TRUNKS = TRUNKS.may("list", "List trunks")
GET_TRUNK = TRUNKS.may("get", "See a trunk")
CREATE_TRUNK = TRUNKS.may("create", "Connect a carrier")
UPDATE_TRUNK = TRUNKS.may("update", "Change a trunk")
DELETE_TRUNK = TRUNKS.may("delete", "Disconnect a carrier")
ROTATE_TRUNK = TRUNKS.may("rotate_secret", "Give a trunk another password", sensitive=True)
USE_TRUNK = TRUNKS.may("use", "Send a route's calls over a trunk")

ROUTES = Resource("routes")
LIST_ROUTES = ROUTES.may("list", "List routes")
GET_ROUTE = ROUTES.may("get", "See a route")
CREATE_ROUTE = ROUTES.may("create", "Create a route")
UPDATE_ROUTE = ROUTES.may("update", "Change a route")
DELETE_ROUTE = ROUTES.may("delete", "Delete a route")

NUMBERS = Resource("numbers", attributes=("client",))
LIST_NUMBERS = NUMBERS.may("list", "List telephone numbers")
GET_NUMBER = NUMBERS.may("get", "See a telephone number")
BUY_NUMBER = NUMBERS.may("buy", "Add a telephone number", sensitive=True)
UPDATE_NUMBER = NUMBERS.may("update", "Change where a telephone number leads")
RELEASE_NUMBER = NUMBERS.may("release", "Give a telephone number back", sensitive=True)

GROUPS = Resource("groups", attributes=("tags",))
LIST_GROUPS = GROUPS.may("list", "List groups")
GET_GROUP = GROUPS.may("get", "See a group and its members")
CREATE_GROUP = GROUPS.may("create", "Create a group")
UPDATE_GROUP = GROUPS.may("update", "Change a group")
DELETE_GROUP = GROUPS.may("delete", "Delete a group")
USE_GROUP = GROUPS.may("use", "Ring a group: from a number, another group, a groupcall")

# To apply a document takes the permission of each of its changes beside this one.
CONFIGURATION = Resource("configuration")
APPLY_CONFIGURATION = CONFIGURATION.may("apply", "Apply a whole configuration document")
EXPORT_CONFIGURATION = CONFIGURATION.may(
    "export", "Write out all configuration, with the hashes of phones' passwords", sensitive=True
)

# Emergency numbers are always routed, whoever dials them.
DIAL = Resource("dial", attributes=("owner",))
DIAL_INTERNAL = DIAL.may("internal", "Call extensions, agents and groups")
DIAL_NATIONAL = DIAL.may("national", "Call telephone numbers of the customer's country")
DIAL_INTERNATIONAL = DIAL.may("international", "Call abroad", sensitive=True)
DIAL_PREMIUM = DIAL.may("premium", "Call numbers with special prices", sensitive=True)
DIAL_SIP = DIAL.may("sip", "Call SIP addresses elsewhere, by command", sensitive=True)

_READ_CONFIGURATION = (
    "clients:read",
    "tags:read",
    "extensions:read",
    "trunks:read",
    "routes:read",
    "numbers:read",
    "groups:read",
)

_SECRETS = ("extensions:rotate_secret", "trunks:rotate_secret")

FEATURE = Feature(
    resources=(
        *(CUSTOMERS, CLIENTS, TAGS, EXTENSIONS, TRUNKS, ROUTES, NUMBERS, GROUPS),
        *(CONFIGURATION, DIAL),
    ),
    grants=(
        Grant(
            "platform_owner",
            (
                "customers:create",
                "customers:update",
                "customers:delete",
                "customers:freeze",
                "customers:recover",
                "customers:set_plan",
                "customers:switch",
                "clients:delete",
                *_SECRETS,
                "configuration:export",
                "numbers:buy",
                "numbers:release",
                "dial:international",
                "dial:premium",
                "dial:sip",
            ),
        ),
        Grant("platform_support", ("customers:switch",)),
        Grant(
            "owner",
            (
                "clients:delete",
                *_SECRETS,
                "configuration:export",
                "numbers:buy",
                "numbers:release",
                "dial:international",
                "dial:premium",
                "dial:sip",
            ),
        ),
        Grant("admin", (*_SECRETS, "numbers:buy", "dial:international", "dial:sip")),
        Grant("supervisor", ("extensions:read", "groups:read", "tags:read", "clients:read")),
        Grant("supervisor", ("numbers:read",)),
        Grant("agent", ("dial:internal", "dial:national", "extensions:read"), scope="own"),
        Grant("agent_readonly", ("extensions:read",), scope="own"),
        Grant("auditor", ("customers:read", *_READ_CONFIGURATION)),
    ),
)
