"""What has changed in a configuration is told of exactly the things that changed, secrets never."""

import msgspec
import pytest
from msgspec.structs import replace

from fakes.company import ALICE, BEN, CONFIGURATION
from switchroom.directory.differences import differences
from switchroom.directory.events import FACTS, Belongs, ConfigurationFact
from switchroom.directory.model import Configuration, Tag, Trunk
from switchroom.foundation.events import name_of

COMPANY = CONFIGURATION


def told(old: Configuration, new: Configuration) -> list[tuple[str, str]]:
    return [(name_of(type(fact)), fact.name) for fact in differences(old, new, 7.0)]


def one(old: Configuration, new: Configuration) -> ConfigurationFact:
    (fact,) = differences(old, new, 7.0)
    return fact


def test_nothing_is_told_of_what_stays() -> None:
    assert told(COMPANY, replace(CONFIGURATION)) == []


def test_everything_comes_and_goes_by_name() -> None:
    came, gone = told(Configuration(), COMPANY), told(COMPANY, Configuration())

    assert {name for name, _ in came} >= {"customer.created", "agent.created", "address.created"}
    assert [name.replace("created", "deleted") for name, _ in sorted(came)] == [
        name for name, _ in sorted(gone)
    ]
    assert gone[-1][0] == "customer.deleted"


def test_a_changed_address_is_the_addresss_event_not_the_agents() -> None:
    first, *others = ALICE.addresses
    slower = replace(ALICE, addresses=(replace(first, delay_s=9.0), *others))
    agents = tuple(slower if agent.id == ALICE.id else agent for agent in COMPANY.agents)

    fact = one(COMPANY, replace(COMPANY, agents=agents))

    assert name_of(type(fact)) == "address.updated"
    assert (fact.id, fact.agent_id, fact.customer_id) == (first.id, ALICE.id, ALICE.customer_id)


def test_whose_it_was_is_told_when_that_has_changed() -> None:
    old = replace(
        COMPANY, tags=(Tag("sales", "acme", "sales"),), agents=(replace(BEN, addresses=()),)
    )
    moved = replace(BEN, addresses=(), tag_ids=("sales",))

    fact = one(old, replace(old, agents=(moved,)))

    assert fact.tag_ids == ("sales",)
    assert fact.was == Belongs(agent_id=BEN.id)


def test_an_extension_that_gets_another_owner_has_changed() -> None:
    nobody = replace(
        COMPANY, agents=tuple(replace(agent, addresses=()) for agent in COMPANY.agents)
    )
    told = differences(nobody, COMPANY, 7.0)
    changed = [fact for fact in told if name_of(type(fact)) == "extension.updated"]

    assert changed
    assert all(fact.agent_id and fact.was == Belongs() for fact in changed)


def test_a_changed_secret_is_told_without_it() -> None:
    trunk = Trunk("t1", "acme", "carrier", ("h",), (), username="u", password="hunter2")
    old = Configuration(trunks=(trunk,))

    fact = one(old, Configuration(trunks=(replace(trunk, password="swordfish"),)))

    assert name_of(type(fact)) == "trunk.updated"
    assert b"fish" not in msgspec.json.encode(fact)


@pytest.mark.parametrize("resource", FACTS)
def test_facts_come_back_from_their_json(resource: str) -> None:
    for kind in FACTS[resource].values():
        fact = kind(at=1.0, customer_id="acme", id="x", name="y", was=Belongs("z"))

        assert msgspec.json.decode(msgspec.json.encode(fact), type=kind) == fact
