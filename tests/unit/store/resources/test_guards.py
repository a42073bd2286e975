"""What deleting an agent means for authority, in every customer that he serves."""

import pytest
from sqlalchemy import Engine

from fakes.authority import NOW, Company
from fakes.ids import CountingIds
from switchroom.app.applying import access
from switchroom.directory.change import Wish
from switchroom.directory.listing import Record
from switchroom.permissions.grant import Refusal
from switchroom.store.database import writing
from switchroom.store.resources.guards import Guard


@pytest.fixture
def company(engine: Engine) -> Company:
    """Paul owns the platform and acme; alice of acme is zeta's only owner, as a guest."""
    made = Company(engine)
    made.hire("paul", "owner")
    made.people.binding("p1", "paul", builtin="platform_owner", scope_kind="project")
    made.people.member("alice", "zeta")
    made.people.binding("z1", "alice", builtin="owner", customer_id="zeta")
    return made


def deleting(company: Company, agent_id: str) -> Refusal | None:
    known = access()
    guard = Guard(known.catalog, known.builtin, CountingIds(), lambda: NOW)
    wish = Wish(known.catalog.permission("agents:delete"), "delete", agent_id)
    actor = company.actor("paul")
    with writing(company.engine) as connection:
        return guard(connection, actor, wish, Record(agent_id, "acme", {}, ""))


def test_the_last_owner_of_another_customer_is_not_deleted(company: Company) -> None:
    refusal = deleting(company, "alice")
    assert refusal is not None
    assert (refusal.rule, "without an owner" in refusal.text) == ("E5", True)

    company.hire("zoe", "owner", "zeta")
    assert deleting(company, "alice") is None
