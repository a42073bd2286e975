"""Roles, what agents hold and their passwords, as a file says them."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from sqlalchemy import text as sql

from fakes.configuration import EXAMPLE, NOW, Configured, configured
from fakes.ids import CountingIds
from fakes.people import People
from switchroom.app.applying import access
from switchroom.store.apply.credentials import LocalCredentials
from switchroom.store.apply.export import export
from switchroom.store.apply.means import Means
from switchroom.store.apply.run import ApplyResult, plan_and_apply
from switchroom.store.apply.slow_hashes import SlowHashes
from switchroom.store.configuration import read_configuration
from switchroom.store.database import database_url, open_database, writing
from switchroom.store.stored import HeldRole, Stored

ALICE = "        addresses:"
SECRET = {"EXT_1001": "hush", "ALICE": "three-words-and-more"}


@pytest.fixture
def database() -> Iterator[Configured]:
    with configured(EXAMPLE) as made:
        yield made


def stored(database: Configured) -> Stored:
    with database.engine.connect() as connection:
        return read_configuration(connection)


def dial(database: Configured) -> tuple[str, ...]:
    (alice,) = database.load().configuration.agents
    return alice.dial


def with_alice(*fields: str, roles: str = "") -> str:
    own = f"    roles: {roles}\n" if roles else ""
    lines = "".join(f"        {field}\n" for field in fields)
    return EXAMPLE.replace("    agents:\n", f"{own}    agents:\n").replace(ALICE, lines + ALICE, 1)


def test_a_new_agent_holds_the_role_agent_and_may_dial_at_home(database: Configured) -> None:
    (alice,) = stored(database).configuration.agents

    assert stored(database).held_by(alice.id).roles == {HeldRole("builtin:agent")}
    assert dial(database) == ("internal", "national")


def test_roles_of_the_file_decide_what_is_dialled(database: Configured) -> None:
    abroad = '[{name: abroad, allow: ["dial:international@own"]}]'
    result = database.apply(with_alice("roles: [agent, abroad]", roles=abroad))

    assert [str(one) for one in result.changes] == [
        "+ role acme/abroad",
        "~ agent alice@acme.example: roles [agent] -> [abroad, agent]",
    ]
    assert dial(database) == ("internal", "national", "international")
    assert database.apply(with_alice("roles: []")).applied
    assert dial(database) == ()


def test_a_restriction_wins_over_every_role(database: Configured) -> None:
    assert database.apply(with_alice('restrictions: ["dial:national"]')).applied

    assert dial(database) == ("internal",)


def test_what_an_agent_holds_as_a_guest_of_another_customer_stays() -> None:
    globe = "  - {name: globe, domain: globe.example, country: GB}\n"
    with configured(EXAMPLE + globe) as made:
        (alice,) = stored(made).configuration.agents
        other = next(one.id for one in stored(made).configuration.customers if one.name == "globe")
        people = People(made.engine)
        people.member(alice.id, other)
        people.binding("guest", alice.id, customer_id=other, builtin="agent")

        result = made.apply(with_alice("roles: []") + globe)

        assert result.faults == ()
        with made.engine.connect() as connection:
            left = connection.execute(sql("SELECT id FROM bindings")).scalars().all()
        assert left == ["guest"]


def test_what_the_file_does_not_say_stays(database: Configured) -> None:
    database.apply(with_alice("roles: [agent, supervisor]", 'restrictions: ["calls:hangup"]'))
    before = stored(database).held

    assert database.apply(EXAMPLE).lines() == ["nothing to change"]
    assert stored(database).held == before


def test_roles_with_scope_clients_and_times_come_back_as_they_were_written(
    database: Configured,
) -> None:
    roles = [
        "agent",
        {"role": "supervisor", "clients": ["zeta"], "expires_at": "2030-01-31T08:00:00Z"},
        {"role": "supervisor", "scope": "team", "not_before": "2027-02-01T00:00:00Z"},
        {"role": "watchers", "scope": "own"},
    ]
    own = [{"name": "watchers", "text": "See", "allow": ["calls:read@team"], "deny": ["calls:*"]}]
    told = yaml.safe_dump(roles, default_flow_style=True).strip()
    file = with_alice(f"roles: {told}", roles=yaml.safe_dump(own, default_flow_style=True).strip())

    assert database.apply(file).faults == ()
    exported = yaml.safe_load(export(stored(database)))["customers"][0]

    assert exported["roles"] == own
    assert sorted(exported["agents"][0]["roles"], key=str) == sorted(roles, key=str)
    assert database.apply(export(stored(database))).lines() == ["nothing to change"]


def test_a_role_that_somebody_holds_can_go_with_its_last_holder(database: Configured) -> None:
    own = '[{name: watchers, allow: ["calls:read"]}]'
    database.apply(with_alice("roles: [watchers]", roles=own))

    refused = database.apply(EXAMPLE)
    accepted = database.apply(with_alice("roles: [agent]"))

    assert "holds a role that this file does not have" in refused.lines()[0]
    assert accepted.applied
    assert stored(database).roles == ()


def test_the_last_owner_stays(database: Configured) -> None:
    assert database.apply(with_alice("roles: [owner]")).applied

    taken = database.apply(with_alice("roles: [agent]"))
    gone = database.apply(re.sub(r"(?s)    agents:.*", "", EXAMPLE))

    assert "without an owner" in taken.lines()[0]
    assert "would have no owner any more" in gone.lines()[0]
    assert stored(database).configuration.agents
    assert database.apply("customers: []").applied


BAD = [
    ("roles: [agnt]", "", "roles[0].role: there is no role 'agnt' (did you mean \"agent\"?)"),
    ("roles: [{role: agent, scope: all}]", "", "roles[0].scope: must be 'own'"),
    ("roles: [{role: agent, clients: [eta]}]", "", "there is no client 'eta'"),
    ("roles: [{role: agent, scope: own, clients: [zeta]}]", "", "is not given together"),
    ("roles: [{role: agent, expires_at: 2027-01-01}]", "", "roles[0].expires_at"),
    ('restrictions: ["calls:hangupp"]', "", "did you mean calls:hangup"),
    ("name: A", '[{name: agent, allow: ["calls:read"]}]', "the role agent is built in"),
    ("name: A", '[{name: x, allow: ["nothing:here"]}]', "roles[0].allow[0]"),
    ("name: A", '[{name: x, allow: ["calls:read@all"]}]', "after @ comes own or team"),
    ("password: short", "", "a password has at least 12 characters"),
    ("password: 'ha1:00000000000000000000000000000000'", "", "write env:NAME or file:/PATH"),
]


@pytest.mark.parametrize(("field", "roles", "fault"), BAD)
def test_faults_are_told_at_their_place_and_nothing_changes(
    database: Configured, field: str, roles: str, fault: str
) -> None:
    before = stored(database)
    text = with_alice(field, roles=roles)
    if field.startswith("name"):
        text = text.replace("        name: Alice\n", "", 1)

    result = database.apply(text)

    assert fault in "\n".join(result.lines())
    assert stored(database) == before


def test_a_password_is_stored_as_its_slow_hash_and_set_again_only_when_it_changes(
    database: Configured,
) -> None:
    file = with_alice('password: "env:ALICE"')
    first = database.apply(file, SECRET)
    again = database.apply(file, SECRET)
    other = database.apply(file, SECRET | {"ALICE": "some-other-words-here"})
    with database.engine.connect() as connection:
        row = connection.execute(sql("SELECT * FROM accounts")).one()

    assert str(first.changes[0]).endswith("password set -> env:ALICE")
    assert again.lines() == ["nothing to change"]
    assert str(other.changes[0]).endswith("password env:ALICE -> env:ALICE (new value)")
    assert row.secret == "env:ALICE"
    assert row.password_hash
    assert "words" not in row.password_hash
    # Nothing else is stored of it: a quicker hash would be the one that a thief tries.
    said = {name for name, value in row._asdict().items() if value and value != "[]"}
    assert said == {"agent_id", "password_hash", "password_changed_at", "secret"}


def test_a_password_that_somebody_has_changed_is_what_the_file_says_again(
    database: Configured,
) -> None:
    file = with_alice('password: "env:ALICE"')
    database.apply(file, SECRET)
    with writing(database.engine) as connection:
        connection.execute(sql("UPDATE accounts SET password_hash = 'of another'"))

    result = database.apply(file, SECRET)

    assert str(result.changes[0]).endswith("password env:ALICE -> env:ALICE (new value)")
    assert database.apply(file, SECRET).lines() == ["nothing to change"]


def test_nobody_who_writes_waits_for_a_slow_hash(tmp_path: Path) -> None:
    engine = open_database(database_url(tmp_path))

    def hash(password: str) -> str:
        with writing(engine):  # whoever had the lock would make us wait, and then fail
            return f"hash of {password}"

    def is_of(stored: str, password: str) -> bool:
        return stored == hash(password)

    def apply(text: str, password: str) -> ApplyResult:
        credentials = LocalCredentials({"ALICE": password})
        means = Means(CountingIds(), credentials, access(), SlowHashes(hash, is_of), NOW)
        return plan_and_apply(engine, text, means, dry_run=False)

    file = with_alice('password: "env:ALICE"').replace("env:EXT_1001", "a good password")
    assert apply(file, "some-words-for-alice").applied
    assert apply(file.replace("name: Alice", "name: Alicia"), "some-words-for-alice").applied
    assert apply(file, "some-other-words-here").applied
    engine.dispose()


def test_every_change_of_authority_is_in_the_audit_log(database: Configured) -> None:
    database.apply(with_alice("roles: [agent, supervisor]", 'restrictions: ["calls:hangup"]'))

    with database.engine.connect() as connection:
        rows = connection.execute(sql("SELECT action, token_kind FROM audit ORDER BY seq")).all()
    assert ("roles:bind", "operator") in [tuple(row) for row in rows]
    assert ("restrictions:create", "operator") in [tuple(row) for row in rows]


def test_what_an_apply_changes_is_in_the_audit_log_without_a_secret(database: Configured) -> None:
    file = with_alice('password: "env:ALICE"').replace('number: "201"', 'number: "210"')
    assert database.apply(file, SECRET).applied

    with database.engine.connect() as connection:
        query = "SELECT after FROM audit WHERE action = 'configuration:apply' ORDER BY seq DESC"
        told = connection.execute(sql(query)).scalars().first()
    assert told is not None
    assert "number 201 -> 210" in told
    assert "password set -> env:ALICE" in told
    assert "three-words" not in told
