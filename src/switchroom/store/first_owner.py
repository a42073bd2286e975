"""Makes the first owner: of the platform, and of the customer he is at home in."""

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import Connection

from switchroom.directory.model import Agent, Customer
from switchroom.directory.validate import problems
from switchroom.identity.model import Refused
from switchroom.identity.rules.passwords import password_fault
from switchroom.permissions.grant import Refusal
from switchroom.permissions.model import Scope
from switchroom.store.accounts import DatabaseAccounts
from switchroom.store.apply.means import Means
from switchroom.store.authority_writer import BindingWish, Change, bind
from switchroom.store.configuration import read_configuration, write_configuration
from switchroom.store.epochs import raise_agent
from switchroom.store.stored import HeldRole, Stored

ROLES = (
    HeldRole("builtin:owner"),
    HeldRole("builtin:platform_owner", Scope("project")),
)
_REASON = "switchroom init"


class FirstOwner(Struct, frozen=True):
    """Who shall own the platform. What there is already is kept as it is."""

    username: str
    password: str
    customer: str
    "Name of the customer he belongs to."
    domain: str
    "SIP domain, if the customer is new."
    country: str

    def __repr__(self) -> str:
        return f"FirstOwner(username={self.username!r})"  # never the password


def make_first_owner(connection: Connection, wish: FirstOwner, means: Means) -> str | Refused:
    """The agent's id, or what is wrong; then the caller rolls back.

    Whoever is on the machine may do so again: a platform whose owner is lost gets another.
    """
    if fault := password_fault(wish.password, wish.username):
        return Refused("invalid", fault, "password")
    before = read_configuration(connection)
    agent, after = _with_agent(before, wish, means)
    if isinstance(agent, Refused):
        return agent
    known = {(one.id, one.place) for one in problems(before.configuration)}
    for problem in problems(after.configuration):
        if (problem.id, problem.place) not in known:
            return Refused("invalid", problem.text, str(problem.place[0]))
    write_configuration(connection, before, after)
    change = Change(
        connection,
        means.access.catalog,
        means.access.builtin,
        means.ids,
        agent.customer_id,
        means.now,
        None,
    )
    for role in ROLES:
        if role in before.held_by(agent.id).roles:
            continue
        done = bind(change, BindingWish(agent.id, role.role_id, role.scope, reason=_REASON))
        if isinstance(done, Refused | Refusal):
            return Refused("invalid", done.text)
    hashed = means.hashes.hash(wish.password)
    DatabaseAccounts(connection).set_password(agent.id, hashed, means.now)
    raise_agent(connection, agent.id)
    change.note("agents:set_password", "agents", agent.id, reason=_REASON)
    return agent.id


def _with_agent(before: Stored, wish: FirstOwner, means: Means) -> tuple[Agent | Refused, Stored]:
    configuration = before.configuration
    username = wish.username.lower()
    known = next((one for one in configuration.agents if one.username == username), None)
    customer = next((one for one in configuration.customers if one.name == wish.customer), None)
    if known is not None and (customer is None or known.customer_id != customer.id):
        text = f"{username} belongs to another customer than {wish.customer}"
        return Refused("invalid", text, "username"), before
    if customer is None:
        domain = wish.domain.lower()
        owner = next((one for one in configuration.customers if one.domain == domain), None)
        if owner is not None:
            text = (
                f"there is no customer {wish.customer}, and a new one needs a domain of its own:"
                f" {domain} is customer {owner.name}'s. Write --customer {owner.name}, or another"
                " --domain"
            )
            return Refused("invalid", text, "customer"), before
        is_default = not any(one.is_default for one in configuration.customers)
        customer = Customer(
            means.ids.token(), wish.customer, domain, wish.country.upper(), is_default
        )
        customers = (*configuration.customers, customer)
        configuration = replace(configuration, customers=customers)
    if known is None:
        name = username.partition("@")[0]
        known = Agent(means.ids.token(), customer.id, username, name, ())
        configuration = replace(configuration, agents=(*configuration.agents, known))
    return known, replace(before, configuration=configuration)
