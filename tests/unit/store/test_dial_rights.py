"""What agents may dial is what their roles say."""

from sqlalchemy import Engine

from fakes.authority import builtin
from fakes.people import People
from switchroom.app.catalog import catalog
from switchroom.directory.model import Agent
from switchroom.permissions.roles import Access
from switchroom.store.dial_rights import with_dial_rights

ROLES = {
    "alice": ("agent",),
    "bob": ("agent", "abroad"),
    "carol": ("agent", "elsewhere"),
    "dave": (),
    "olga": ("owner",),
}


def test_each_class_is_a_permission_of_its_own(engine: Engine) -> None:
    people = People(engine)
    people.customer()
    people.role("abroad", ("allow", "dial:international", ""))
    people.role("elsewhere", ("allow", "dial:sip", ""))
    for agent_id, roles in ROLES.items():
        people.agent(agent_id)
        for role in roles:
            named = {"role_id": role} if role in ("abroad", "elsewhere") else {"builtin": role}
            people.binding(f"{agent_id} {role}", agent_id, **named)
    agents = [Agent(id, "acme", f"{id}@acme.example", id, ()) for id in ROLES]

    with engine.connect() as connection:
        found, changes_at = with_dial_rights(
            connection, agents, Access(catalog(), builtin()), 1_500.0
        )

    assert changes_at is None
    assert {agent.id: agent.dial for agent in found} == {
        "alice": ("internal", "national"),
        "bob": ("internal", "national", "international"),
        "carol": ("internal", "national", "sip"),
        "dave": (),
        "olga": ("internal", "national", "international", "premium", "sip"),
    }
