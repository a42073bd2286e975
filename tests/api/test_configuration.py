"""A customer's whole configuration as one document: exported, applied, refused."""

import json
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from api.operations import DOCUMENT
from fakes.api_world import NOW, newest_entry
from fakes.two_customers import TwoCustomers, two_customers
from switchroom.api.configuration.document_port import Documents
from switchroom.store.database import writing
from switchroom.store.epochs import raise_customer, set_frozen
from switchroom.store.secret import ha1

APPLY = "/v1/configuration/apply"
EXPORT = "/v1/configuration/export"
YAML = {"Content-Type": "application/yaml"}
READING = ("*:read", "configuration:apply")
"What applying takes, whatever is changed."
PASSWORD = "quite a long pass phrase"

EPOCHS = count(1)
Part = dict[str, Any]
Edit = Callable[[Part], object]


@pytest.fixture(scope="module")
def one_world() -> Iterator[TwoCustomers]:
    with two_customers() as made:
        yield made


@pytest.fixture
def world(one_world: TwoCustomers) -> TwoCustomers:
    one_world.world.settle(after_s=120)  # else what the test before was refused is only counted
    one_world.put_back()
    one_world.world.node.asked.clear()
    # What was compiled for the test before must not be found again under the same epoch.
    one_world.world.insert("authority_epochs", subject="customer:acme", epoch=1000 * next(EPOCHS))
    return one_world


def counts_now(world: TwoCustomers) -> None:
    """What a test has written counts with the next request."""
    with writing(world.world.engine) as connection:
        raise_customer(connection, "acme")


def deny(world: TwoCustomers, who: str, pattern: str) -> None:
    world.world.people.restriction("r1", who, customer_id="acme", pattern=pattern)
    counts_now(world)


def give(world: TwoCustomers, who: str, *permissions: str, scope: str = "customer") -> None:
    name = f"helper {scope}"
    world.world.people.role(name, *(("allow", one, "") for one in permissions))
    world.world.people.binding(f"b {scope}", who, role_id=name, scope_kind=scope)
    counts_now(world)


def whole(world: TwoCustomers) -> Part:
    """What acme has, with the hashes of its phones."""
    document = yaml.safe_load(world.world.ask("acme-owner", "GET", EXPORT).text)
    part: Part = document["customers"][0]
    return part


def exported(world: TwoCustomers) -> Part:
    """What acme has, to be changed by a test; phones' hashes ask for a permission of their own."""
    part = whole(world)
    for extension in part["extensions"]:
        del extension["password"]
    return part


def send(world: TwoCustomers, who: str, *parts: Part, dry_run: bool = False) -> httpx.Response:
    text = written(*parts)
    path = f"{APPLY}?dry_run=true" if dry_run else APPLY
    return world.world.ask(who, "POST", path, content=text.encode(), headers=YAML)


def written(*parts: Part) -> str:
    """The document, without the aliases that YAML makes of what is there twice."""
    return yaml.safe_dump(json.loads(json.dumps({"customers": parts})), sort_keys=False)


def sql(world: TwoCustomers, query: str) -> list[Any]:
    with world.world.engine.connect() as connection:
        return list(connection.exec_driver_sql(query).all())


def everything(world: TwoCustomers) -> dict[str, list[Any]]:
    """All that an apply could change, of both customers."""
    tables = (
        *("customers", "clients", "tags", "extensions", "trunks", "routes", "route_trunks"),
        *("agents", "memberships", "addresses", "groups", "group_members", "numbers"),
        *("roles", "role_statements", "bindings", "restrictions", "accounts"),
    )
    return {table: sql(world, f"SELECT * FROM {table} ORDER BY 1, 2") for table in tables}


def refusal(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, answer.json()["code"]


def named(things: list[Part], name: str, field: str = "name") -> Part:
    return next(one for one in things if one[field] == name)


# What it does


def test_the_document_in_the_tests_is_what_is_exported(world: TwoCustomers) -> None:
    assert {"customers": [whole(world)]} == DOCUMENT


@pytest.mark.parametrize("who", ["acme-owner", "acme-admin"])
def test_an_export_that_is_applied_changes_nothing(world: TwoCustomers, who: str) -> None:
    text = world.world.ask("acme-owner", "GET", EXPORT).text
    before = everything(world)

    as_yaml = world.world.ask(who, "POST", APPLY, content=text.encode(), headers=YAML)
    as_json = world.world.ask(who, "POST", APPLY, json=yaml.safe_load(text))

    assert as_yaml.json() == as_json.json() == {"applied": False, "changes": []}
    assert everything(world) == before


def test_a_document_is_carried_out_once(world: TwoCustomers) -> None:
    part = exported(world)
    part["tags"].append({"name": "night"})
    part["trunks"][0]["hosts"] = ["192.0.2.77"]
    del part["routes"]

    first = send(world, "acme-owner", part)
    again = send(world, "acme-owner", part)

    assert first.json() == {
        "applied": True,
        "changes": [
            {"action": "create", "kind": "tag", "name": "acme/night", "fields": []},
            {
                "action": "update",
                "kind": "trunk",
                "name": "acme/carrier",
                "fields": [
                    {"field": "hosts", "before": "[sip.carrier.example]", "after": "[192.0.2.77]"}
                ],
            },
            {"action": "delete", "kind": "route", "name": "acme/+", "fields": []},
        ],
    }
    assert again.json() == {"applied": False, "changes": []}
    trunk = world.world.ask("acme-owner", "GET", "/v1/trunks/acme-trunk").json()
    assert trunk["hosts"] == ["192.0.2.77"]
    assert world.world.ask("acme-owner", "GET", "/v1/routes/acme-route").status_code == 404
    assert exported(world) == part | {"tags": sorted(part["tags"], key=lambda one: one["name"])}


def test_calls_obey_and_the_audit_log_says_who_it_was(world: TwoCustomers) -> None:
    part = exported(world)
    part["tags"].append({"name": "night"})

    answer = send(world, "acme-admin", part)

    assert world.world.node.told("reload") == 1
    entry = world.world.ask("acme-owner", "GET", "/v1/audit?sort=-seq&limit=1").json()["items"][0]
    assert (entry["action"], entry["decision"]) == ("configuration:apply", "done")
    assert (entry["actor_id"], entry["token_kind"]) == ("acme-admin", "session")
    assert entry["request_id"] == answer.headers["x-request-id"]
    assert entry["after"] == {"changes": ["+ tag acme/night"]}


def test_a_dry_run_plans_and_changes_nothing(world: TwoCustomers) -> None:
    part = exported(world)
    part["tags"].append({"name": "night"})
    part["agents"][0]["roles"] = ["owner", "agent"]
    part["trunks"][0]["password"] = "the carrier's own"
    before, files = everything(world), secrets(world)

    planned = send(world, "acme-owner", part, dry_run=True)

    assert not planned.json()["applied"]
    assert everything(world) == before
    assert secrets(world) == files
    assert world.world.node.told("reload") == 0
    assert send(world, "acme-owner", part).json()["changes"] == planned.json()["changes"]


@pytest.mark.parametrize("at_work", [["acme"], ["other", "third"]])
def test_documents_come_one_at_a_time_of_each_customer_and_few_of_all(
    world: TwoCustomers, at_work: list[str]
) -> None:
    part = exported(world)
    turns = world.world.app.state.ports.services[Documents].turns
    with ExitStack() as stack:
        assert all([stack.enter_context(turns.of(customer)) for customer in at_work])
        answer = send(world, "acme-owner", part)
    assert refusal(answer) == (503, "busy")
    assert answer.headers["retry-after"] == "5"
    with turns.of("other"):
        assert send(world, "acme-owner", part).status_code == 200


def test_an_export_is_in_the_audit_log(world: TwoCustomers) -> None:
    world.world.ask("acme-owner", "GET", EXPORT)
    entry = world.world.ask("acme-owner", "GET", "/v1/audit?sort=-seq&limit=1").json()["items"][0]
    assert (entry["action"], entry["actor_id"]) == ("configuration:export", "acme-owner")


def test_a_document_may_ask_that_nobody_has_changed_anything_since(world: TwoCustomers) -> None:
    answer = world.world.ask("acme-owner", "GET", EXPORT)
    tag = answer.headers["etag"]
    assert world.world.ask("acme-owner", "GET", EXPORT).headers["etag"] == tag
    headers = YAML | {"If-Match": tag}
    part = yaml.safe_load(answer.text)["customers"][0]
    part["tags"].append({"name": "night"})

    def apply() -> httpx.Response:
        return world.world.ask(
            "acme-owner", "POST", APPLY, content=written(part).encode(), headers=headers
        )

    assert apply().json()["applied"]
    changed = everything(world)
    part["tags"].pop()
    assert refusal(apply()) == (412, "precondition_failed")
    assert everything(world) == changed
    headers["If-Match"] = world.world.ask("acme-owner", "GET", EXPORT).headers["etag"]
    assert apply().json()["applied"]
    assert world.world.ask("acme-owner", "GET", EXPORT).headers["etag"] == tag


# One customer


@pytest.mark.parametrize("name", ["other", "nobody-has-this-name"])
def test_another_customers_document_is_refused(world: TwoCustomers, name: str) -> None:
    before = everything(world)
    answer = send(world, "acme-owner", exported(world) | {"name": name})
    assert refusal(answer) == (403, "out_of_scope")
    assert answer.json()["errors"] == [
        {
            "field": "customers[0].name",
            "text": "must be acme: that is the customer you work in",
            "line": 2,
        }
    ]
    assert everything(world) == before


def test_a_document_has_ones_own_customer_and_nothing_else(world: TwoCustomers) -> None:
    part, before = exported(world), everything(world)
    other = {"name": "other", "domain": "other.example", "country": "US"}
    for parts in ((), (part, other), (part, part)):
        answer = send(world, "acme-owner", *parts)
        assert refusal(answer) == (403, "out_of_scope")
        assert answer.json()["errors"][0]["field"] == "customers"
    assert everything(world) == before


@pytest.mark.parametrize(
    ("field", "value", "line"), [("domain", "evil.example", 3), ("country", "DE", 4)]
)
def test_what_the_customer_is_to_the_platform_stays(
    world: TwoCustomers, field: str, value: str, line: int
) -> None:
    answer = send(world, "acme-owner", exported(world) | {field: value})
    assert refusal(answer) == (403, "out_of_scope")
    (error,) = answer.json()["errors"]
    assert (error["field"], error["line"]) == (f"customers[0].{field}", line)


def test_nobody_makes_his_customer_the_default_one(world: TwoCustomers) -> None:
    part = exported(world)
    assert refusal(send(world, "acme-owner", part | {"default": True})) == (403, "out_of_scope")
    del part["default"]
    assert send(world, "acme-owner", part).json()["changes"] == []


def test_what_another_customer_has_is_only_taken(world: TwoCustomers) -> None:
    part, before = exported(world), everything(world)
    stolen = sql(world, "SELECT e164 FROM numbers WHERE customer_id = 'other'")[0][0]
    part["numbers"].append({"number": stolen, "to": {"agent": "acme-mate@acme.example"}})
    part["agents"].append({"username": "other-mate@other.example", "name": "x", "roles": []})

    answer = send(world, "acme-owner", part)

    assert refusal(answer) == (422, "invalid")
    said = {one["field"]: one["text"] for one in answer.json()["errors"]}
    assert said[f"customers[0].numbers[{len(part['numbers']) - 1}].number"] == "is taken already"
    assert f"customers[0].agents[{len(part['agents']) - 1}].username" in said
    assert "other" not in answer.text.replace("other-mate@other.example", "")
    assert everything(world) == before


# Permissions


def _without_addresses_of(name: str, part: Part) -> object:
    return named(part["agents"], name, "username").pop("addresses")


def _new_agent(part: Part, **fields: Any) -> None:
    new = {"username": "new@acme.example", "name": "New", "roles": []}
    part["agents"].append(new | fields)


MATE = "acme-mate@acme.example"
STRANGER = "acme-stranger@acme.example"
ADMIN = "acme-admin@acme.example"


def mate(part: Part) -> Part:
    return named(part["agents"], MATE, "username")


EDITS: list[tuple[str, Edit]] = [
    ("clients:create", lambda part: part["clients"].append({"name": "zeta"})),
    ("clients:delete", lambda part: (part["clients"].pop(), part["numbers"].pop())),
    ("tags:create", lambda part: part["tags"].append({"name": "night"})),
    ("tags:update", lambda part: part["tags"][0].update(text="Days")),
    (
        "extensions:create",
        lambda part: part["extensions"].append({"number": "4711", "password": PASSWORD}),
    ),
    ("extensions:update", lambda part: part["extensions"][0].update(max_contacts=2)),
    ("extensions:rotate_secret", lambda part: part["extensions"][0].update(password=PASSWORD)),
    (
        "extensions:delete",
        lambda part: (part["extensions"].pop(), _without_addresses_of(STRANGER, part)),
    ),
    (
        "trunks:create",
        lambda part: part["trunks"].append({"name": "second", "hosts": ["192.0.2.9"]}),
    ),
    ("trunks:update", lambda part: part["trunks"][0].update(username="them")),
    ("trunks:rotate_secret", lambda part: part["trunks"][0].update(password=PASSWORD)),
    ("trunks:delete", lambda part: (part.pop("trunks"), part.pop("routes"))),
    ("routes:create", lambda part: part["routes"].append({"prefix": "+1", "trunks": ["carrier"]})),
    ("trunks:use", lambda part: part["routes"].append({"prefix": "+1", "trunks": ["carrier"]})),
    (
        "routes:update",
        lambda part: (
            part["trunks"].append({"name": "second", "hosts": ["192.0.2.9"]}),
            part["routes"][0].update(trunks=["second", "carrier"]),
        ),
    ),
    ("routes:delete", lambda part: part.pop("routes")),
    ("agents:create", _new_agent),
    ("agents:update", lambda part: mate(part).update(capacity=3)),
    ("agents:set_tags", lambda part: mate(part).update(tags=["t2"])),
    ("agents:set_tags", lambda part: _new_agent(part, tags=["t1"])),
    ("tags:use", lambda part: mate(part).update(tags=["t2"])),
    ("agents:set_password", lambda part: mate(part).update(password=PASSWORD)),
    ("agents:set_password", lambda part: _new_agent(part, password=PASSWORD)),
    (
        "agents:delete",
        lambda part: part["agents"].remove(named(part["agents"], STRANGER, "username")),
    ),
    (
        "agent_addresses:create",
        lambda part: mate(part)["addresses"].append({"type": "sip", "target": "sip:m@192.0.2.8"}),
    ),
    (
        "agent_addresses:update",
        lambda part: mate(part)["addresses"].insert(
            0, {"type": "sip", "target": "sip:m@192.0.2.8"}
        ),
    ),
    ("agent_addresses:update", lambda part: mate(part)["addresses"][0].update(delay_s=3)),
    ("agent_addresses:delete", lambda part: _without_addresses_of(MATE, part)),
    (
        "extensions:use",
        lambda part: mate(part)["addresses"].append(
            mate(part)["addresses"].pop() | {"target": _unused_extension(part)}
        ),
    ),
    ("groups:create", lambda part: part["groups"].append({"name": "night"})),
    ("groups:update", lambda part: part["groups"][0].update(ring_timeout_s=9)),
    ("groups:use", lambda part: part["groups"][0].update(members=["group t2"])),
    ("groups:delete", lambda part: part["groups"].pop()),
    (
        "numbers:buy",
        lambda part: part["numbers"].append({"number": "+12025550177", "to": {"agent": MATE}}),
    ),
    ("numbers:update", lambda part: part["numbers"][0].update(to={"agent": STRANGER})),
    ("clients:use", lambda part: part["numbers"][0].update(client="acme-c2")),
    ("numbers:release", lambda part: part["numbers"].pop()),
    ("roles:create", lambda part: part["roles"].append({"name": "new", "allow": ["calls:get"]})),
    ("roles:update", lambda part: part["roles"][0].update(allow=["calls:get"])),
    ("roles:delete", lambda part: (part.pop("roles"), mate(part).update(roles=[]))),
    ("roles:bind", lambda part: mate(part)["roles"].append("agent")),
    ("roles:bind", lambda part: part["agents"].append({"username": "n@acme.example", "name": "N"})),
    ("roles:unbind", lambda part: mate(part).update(roles=[])),
    (
        "restrictions:create",
        lambda part: mate(part).update(restrictions=["calls:hangup", "calls:get"]),
    ),
    ("restrictions:delete", lambda part: mate(part).update(restrictions=[])),
]


def _stranger_gets_the_address_of_mate(part: Part) -> None:
    address = mate(part)["addresses"].pop()
    named(part["agents"], STRANGER, "username")["addresses"].append(address)


def test_an_address_that_moves_needs_its_extension_once_more(world: TwoCustomers) -> None:
    part = exported(world)
    _stranger_gets_the_address_of_mate(part)
    deny(world, "acme-owner", "extensions:use")
    answer = send(world, "acme-owner", part)
    assert refusal(answer) == (403, "missing_permissions")
    assert answer.json()["missing"] == ["extensions:use"]


def _unused_extension(part: Part) -> str:
    part["extensions"].append({"number": "4711", "password": PASSWORD})
    return "4711"


@pytest.mark.parametrize(("permission", "edit"), EDITS)
def test_each_change_needs_the_permission_of_its_own_route(
    world: TwoCustomers, permission: str, edit: Edit
) -> None:
    part = exported(world)
    edit(part)
    part["tags"].append({"name": "and something that he may do"})
    assert send(world, "acme-owner", part, dry_run=True).status_code == 200

    deny(world, "acme-owner", permission)
    before = everything(world)
    answer = send(world, "acme-owner", part)

    assert refusal(answer) == (403, "missing_permissions")
    assert permission in answer.json()["missing"]
    assert {error["text"].rpartition(" ")[2] for error in answer.json()["errors"]} == set(
        answer.json()["missing"]
    )
    assert everything(world) == before
    assert world.world.node.told("reload") == 0


def test_what_was_refused_is_in_the_audit_log(world: TwoCustomers) -> None:
    part = exported(world)
    del part["numbers"][1]
    answer = send(world, "acme-admin", part)
    assert answer.json()["missing"] == ["numbers:release"]
    entry = world.world.ask("acme-owner", "GET", "/v1/audit?sort=-seq&limit=1").json()["items"][0]
    assert (entry["action"], entry["decision"]) == ("numbers:release", "refused")
    assert (entry["actor_id"], entry["request_id"]) == (
        "acme-admin",
        answer.headers["x-request-id"],
    )


def test_all_that_is_missing_is_said_with_line_and_field(world: TwoCustomers) -> None:
    give(world, "acme-nobody", *READING)
    part = exported(world)
    assert send(world, "acme-nobody", part).json()["changes"] == []
    del part["routes"]
    part["trunks"][0]["number_format"] = "national"
    part["groups"][1]["members"] = [MATE]

    answer = send(world, "acme-nobody", part)

    said = answer.json()
    assert said["missing"] == ["groups:update", "routes:delete", "trunks:update"]
    assert [(one["field"], one["text"]) for one in said["errors"]] == [
        (
            "customers[0].routes",
            "acme/+ is not in the document; to delete it you need routes:delete",
        ),
        ("customers[0].trunks[0].number_format", "you need trunks:update"),
        ("customers[0].groups[1].members", "you need groups:update"),
    ]
    lines = written(part).splitlines()
    assert "number_format" in lines[said["errors"][1]["line"] - 1]


def test_scopes_count_for_each_thing(world: TwoCustomers) -> None:
    give(world, "acme-nobody", *READING)
    give(world, "acme-nobody", "agents:update", scope="team")
    of_team, of_others = exported(world), exported(world)
    mate(of_team)["capacity"] = 2
    named(of_others["agents"], STRANGER, "username")["capacity"] = 2

    assert refusal(send(world, "acme-nobody", of_others)) == (403, "missing_permissions")
    assert send(world, "acme-nobody", of_team).status_code == 200


def test_nobody_brings_a_new_agent_into_his_own_reach(world: TwoCustomers) -> None:
    give(world, "acme-nobody", *READING, "agents:create", "tags:use")
    give(world, "acme-nobody", "agents:set_password", "agents:set_tags", scope="team")
    part = exported(world)
    _new_agent(part, tags=["t1"], password=PASSWORD)
    answer = send(world, "acme-nobody", part)
    assert refusal(answer) == (403, "missing_permissions")
    assert answer.json()["missing"] == ["agents:set_password", "agents:set_tags"]


@pytest.mark.parametrize(
    "noun", ["trunks", "roles", "restrictions", "agent_addresses", "customers"]
)
def test_who_does_not_see_all_of_it_neither_applies_nor_exports(
    world: TwoCustomers, noun: str
) -> None:
    part = exported(world)
    deny(world, "acme-owner", f"{noun}:get")
    for answer in (send(world, "acme-owner", part), world.world.ask("acme-owner", "GET", EXPORT)):
        assert refusal(answer) == (403, "missing_permissions")
        assert answer.json()["missing"] == [f"{noun}:get"]


def test_the_hashes_of_passwords_are_for_who_may_export(world: TwoCustomers) -> None:
    for who in ("admin", "auditor", "supervisor", "agent", "nobody", "platform_owner"):
        answer = world.world.ask(f"acme-{who}", "GET", EXPORT)
        assert answer.status_code == 403
        assert "ha1" not in answer.text


def test_a_key_applies_no_more_than_its_ceiling(world: TwoCustomers) -> None:
    part = exported(world)
    part["tags"].append({"name": "night"})
    wish = {"name": "deployment", "ceiling": ["*:read", "configuration:apply"]}
    made = world.world.ask("acme-owner", "POST", "/v1/accesskeys", json=wish).json()
    headers = YAML | {"Authorization": f"Bearer {made['key']}"}
    content = written(part).encode()

    answer = world.world.client.request("POST", APPLY, content=content, headers=headers)

    assert refusal(answer) == (403, "missing_permissions")
    assert answer.json()["missing"] == ["tags:create"]


def test_a_frozen_customer_stays_as_it_is(world: TwoCustomers) -> None:
    part = exported(world)
    with writing(world.world.engine) as connection:
        set_frozen(connection, "acme", NOW)
    assert refusal(send(world, "acme-owner", part)) == (403, "customer_frozen")


# Escalation


ESCALATIONS: list[tuple[tuple[str, ...], Edit, str, str]] = [
    (
        ("roles:bind",),
        lambda part: named(part["agents"], "acme-nobody@acme.example", "username").update(
            roles=["helper customer", "owner"]
        ),
        "E1",
        "agents[{}]",
    ),
    (
        ("roles:create", "roles:bind"),
        lambda part: part["roles"].append({"name": "mine", "allow": ["calls:hangup"]}),
        "E1",
        "roles[",
    ),
    (
        ("roles:update",),
        lambda part: named(part["roles"], "helper customer").update(
            allow=["*:read", "configuration:apply", "roles:update", "calls:hangup"]
        ),
        "E1",
        "roles[",
    ),
    (
        ("agents:set_password",),
        lambda part: named(part["agents"], "acme-owner@acme.example", "username").update(
            password=PASSWORD
        ),
        "E5",
        "agents[",
    ),
    (
        ("agents:delete", "agent_addresses:delete"),
        lambda part: part["agents"].remove(
            named(part["agents"], "acme-admin@acme.example", "username")
        ),
        "E5",
        "",
    ),
    (
        ("roles:unbind",),
        lambda part: named(part["agents"], "acme-admin@acme.example", "username").update(roles=[]),
        "E5",
        "agents[",
    ),
    (
        ("restrictions:create",),
        lambda part: named(part["agents"], "acme-admin@acme.example", "username").update(
            restrictions=["calls:get"]
        ),
        "E5",
        "agents[",
    ),
    (
        ("agents:set_tags", "tags:use"),
        lambda part: named(part["agents"], "acme-supervisor@acme.example", "username").update(
            tags=["t1", "t2"]
        ),
        "E6",
        "agents[",
    ),
]


@pytest.mark.parametrize(("permissions", "edit", "rule", "place"), ESCALATIONS)
def test_a_document_gives_and_takes_nothing_that_is_not_the_askers(
    world: TwoCustomers, permissions: tuple[str, ...], edit: Edit, rule: str, place: str
) -> None:
    give(world, "acme-nobody", *READING, *permissions)
    part = exported(world)
    assert send(world, "acme-nobody", part).status_code == 200
    edit(part)
    before = everything(world)

    for dry_run in (True, False):
        answer = send(world, "acme-nobody", part, dry_run=dry_run)

        assert refusal(answer) == (403, "escalation")
        said = answer.json()
        assert said["rule"] == rule
        entry = newest_entry(world.world)
        assert (entry["actor_id"], entry["action"]) == ("acme-nobody", "configuration:apply")
        assert (entry["decision"], entry["reason"]) == ("refused", rule)
        assert said["missing"]
        assert said["errors"][0]["field"].startswith(f"customers[0].{place}".partition("{")[0][:-1])
        assert everything(world) == before


def test_a_restriction_is_lifted_by_who_holds_what_it_denies(world: TwoCustomers) -> None:
    give(world, "acme-nobody", *READING, "restrictions:delete")
    world.world.people.binding("b1", "acme-mate", builtin="agent")
    counts_now(world)
    part = exported(world)
    mate(part)["restrictions"] = []
    answer = send(world, "acme-nobody", part)
    assert refusal(answer) == (403, "escalation")
    assert (answer.json()["rule"], answer.json()["missing"]) == ("E3", ["calls:hangup"])


def test_the_last_owner_stays_one(world: TwoCustomers) -> None:
    part, before = exported(world), everything(world)
    part["trunks"][0]["password"] = PASSWORD
    named(part["agents"], "acme-owner@acme.example", "username")["roles"] = ["agent"]
    answer = send(world, "acme-owner", part)
    assert refusal(answer) == (403, "escalation")
    assert "would be left without an owner" in answer.json()["errors"][0]["text"]
    assert everything(world) == before


@pytest.fixture
def new_world() -> Iterator[TwoCustomers]:
    """One in which nobody has been refused anything yet: of very many refusals few are noted."""
    with two_customers() as made:
        yield made


def test_a_sensitive_change_asks_for_the_second_factor_again(new_world: TwoCustomers) -> None:
    world = new_world
    part = exported(world)
    tag, role = dict(part), exported(world)
    tag["tags"] = [*part["tags"], {"name": "night"}]
    mate(role)["roles"].append("agent")
    with world.world.engine.begin() as connection:
        connection.exec_driver_sql(
            f"UPDATE sessions SET mfa_at = {NOW - 3600} WHERE id = 'acme-owner@acme'"
        )
    answer = send(world, "acme-owner", role)
    assert refusal(answer) == (403, "mfa_required")
    query = "SELECT decision, reason FROM audit WHERE action = 'configuration:apply'"
    assert ("refused", "mfa_required") in sql(world, query)
    assert "roles:bind" in answer.json()["detail"]
    assert send(world, "acme-owner", tag).status_code == 200


# Passwords


def secrets(world: TwoCustomers) -> dict[str, str]:
    folder = world.directory / "secrets"
    return {one.name: one.read_text() for one in folder.iterdir()} if folder.is_dir() else {}


@pytest.mark.parametrize("reference", ["env:OF_THE_SERVER", "file:/etc/hostname"])
def test_nothing_of_the_server_is_read_for_a_document(
    world: TwoCustomers, reference: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OF_THE_SERVER", "a secret of the server")
    part, before = exported(world), everything(world)
    part["extensions"][0]["password"] = reference
    part["extensions"].append({"number": "4711", "password": reference})
    part["trunks"][0]["password"] = reference
    part["trunks"].append(part["trunks"][0] | {"name": "second"})
    mate(part)["password"] = reference

    answer = send(world, "acme-owner", part)

    assert refusal(answer) == (422, "invalid")
    assert [one["field"].removeprefix("customers[0].") for one in answer.json()["errors"]] == [
        "extensions[0].password",
        f"extensions[{len(part['extensions']) - 1}].password",
        "trunks[0].password",
        "trunks[1].password",
        f"agents[{part['agents'].index(mate(part))}].password",
    ]
    assert all("read on the server" in one["text"] for one in answer.json()["errors"])
    assert everything(world) == before
    assert os.environ["OF_THE_SERVER"] not in answer.text


def test_a_reference_that_is_there_may_stay(world: TwoCustomers) -> None:
    with world.world.engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE extensions SET secret = 'env:GONE' WHERE number = '1000'"
        )
    part = whole(world)
    assert part["extensions"][0]["password"] == "env:GONE"
    assert part["trunks"][0]["password"] == "file:/nowhere"
    part["extensions"][0]["max_contacts"] = 2
    answer = send(world, "acme-owner", part)
    assert [one["name"] for one in answer.json()["changes"]] == ["acme/1000"]
    hashes = sql(world, "SELECT secret, ha1_md5 FROM extensions WHERE id = 'acme-ext-owner'")
    assert hashes == [("env:GONE", "0" * 32)]


def without_passwords(part: Part) -> Part:
    for thing in (*part["extensions"], *part["trunks"], *part["agents"]):
        thing.pop("password", None)
    return part


def test_a_password_that_is_not_given_stays_as_it_is(world: TwoCustomers) -> None:
    before = everything(world)
    give(world, "acme-nobody", *READING, "extensions:update", "trunks:update")
    part = without_passwords(exported(world))
    assert send(world, "acme-nobody", part).json() == {"applied": False, "changes": []}
    part["extensions"][0]["max_contacts"] = 2
    part["trunks"][0]["hosts"] = ["192.0.2.77"]

    changes = send(world, "acme-nobody", part).json()["changes"]

    assert [[one["field"] for one in change["fields"]] for change in changes] == [
        ["max_contacts"],
        ["hosts"],
    ]
    assert sql(world, "SELECT ha1_md5, ha1_sha256, secret FROM extensions ORDER BY id") == [
        (row.ha1_md5, row.ha1_sha256, row.secret) for row in before["extensions"]
    ]
    assert sql(world, "SELECT secret FROM trunks ORDER BY id") == [
        (row.secret,) for row in before["trunks"]
    ]


def test_a_new_extension_needs_a_password(world: TwoCustomers) -> None:
    part = without_passwords(exported(world))
    part["extensions"].insert(0, {"number": "4711"})
    answer = send(world, "acme-owner", part)
    assert refusal(answer) == (422, "invalid")
    (error,) = answer.json()["errors"]
    assert (error["field"], error["text"]) == ("customers[0].extensions[0].password", "is required")
    assert "4711" in written(part).splitlines()[error["line"] - 1]


def test_a_trunk_without_a_user_name_has_no_password_any_more(world: TwoCustomers) -> None:
    part = exported(world)
    del part["trunks"][0]["password"], part["trunks"][0]["username"]
    assert send(world, "acme-owner", part).json()["applied"]
    assert exported(world) == part
    part["trunks"][0]["username"] = "us"
    answer = send(world, "acme-owner", part)
    assert refusal(answer) == (422, "invalid")
    assert answer.json()["errors"][0]["text"] == "a username needs a password"


def test_an_extension_gets_the_password_that_the_document_says(world: TwoCustomers) -> None:
    part = exported(world)
    part["extensions"][0]["password"] = PASSWORD
    assert send(world, "acme-owner", part).json()["applied"]
    assert send(world, "acme-owner", part).json()["changes"] == []
    stored = sql(world, "SELECT ha1_md5 FROM extensions WHERE id = 'acme-ext-owner'")[0][0]
    assert stored == ha1("1000", "acme.example", PASSWORD).md5


def test_a_trunks_password_lies_in_a_private_file(world: TwoCustomers) -> None:
    part = exported(world)
    part["trunks"][0]["password"] = PASSWORD
    first = send(world, "acme-owner", part)
    assert first.json()["changes"][0]["fields"] == [
        {"field": "password", "before": "file:/nowhere", "after": "set"}
    ]
    reference = sql(world, "SELECT secret FROM trunks WHERE id = 'acme-trunk'")[0][0]
    file = Path(reference.removeprefix("file:"))
    assert file.read_text() == PASSWORD
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert exported(world)["trunks"][0]["password"] == reference
    assert send(world, "acme-owner", part).json()["changes"] == []
    assert send(world, "acme-owner", exported(world)).json()["changes"] == []


def test_an_agents_password_is_set_once_and_ends_his_sessions(world: TwoCustomers) -> None:
    part = exported(world)
    named(part["agents"], "acme-agent@acme.example", "username")["password"] = PASSWORD
    assert world.world.ask("acme-agent", "GET", "/v1/auth/me").status_code == 200
    assert send(world, "acme-owner", part).json()["applied"]
    assert world.world.ask("acme-agent", "GET", "/v1/auth/me").status_code == 401
    body = {"username": "acme-agent@acme.example", "password": PASSWORD}
    assert world.world.client.request("POST", "/v1/auth/login", json=body).status_code == 200
    assert send(world, "acme-owner", part).json()["changes"] == []


def _agents_password(part: Part, password: str) -> None:
    mate(part)["password"] = password


def _extensions_password(part: Part, password: str) -> None:
    part["extensions"][0]["password"] = password


def _trunks_password(part: Part, password: str) -> None:
    part["trunks"][0]["password"] = password


@pytest.mark.parametrize("dry_run", [True, False])
@pytest.mark.parametrize(
    ("set_password", "permission"),
    [
        (_agents_password, "agents:set_password"),
        (_extensions_password, "extensions:rotate_secret"),
        (_trunks_password, "trunks:rotate_secret"),
    ],
)
def test_a_password_is_not_guessed_by_who_may_not_set_it(
    world: TwoCustomers, set_password: Callable[[Part, str], None], permission: str, dry_run: bool
) -> None:
    part = exported(world)
    set_password(part, PASSWORD)
    assert send(world, "acme-owner", part).json()["applied"]
    assert send(world, "acme-owner", part).json()["changes"] == []
    give(world, "acme-nobody", *READING)
    part = exported(world)

    set_password(part, PASSWORD)
    right = send(world, "acme-nobody", part, dry_run=dry_run)
    set_password(part, PASSWORD + "x")
    wrong = send(world, "acme-nobody", part, dry_run=dry_run)

    assert refusal(right) == refusal(wrong) == (403, "missing_permissions")
    assert right.json()["missing"] == wrong.json()["missing"] == [permission]
    assert right.json()["errors"] == wrong.json()["errors"]


@pytest.mark.parametrize("dry_run", [True, False])
def test_a_phones_password_is_not_guessed_by_its_hash(world: TwoCustomers, dry_run: bool) -> None:
    give(world, "acme-nobody", *READING)
    right = whole(world)
    assert right["extensions"][0]["password"].startswith("ha1:")
    wrong = whole(world)
    wrong["extensions"][0]["password"] = right["extensions"][0]["password"].replace("0", "1")

    answers = [send(world, "acme-nobody", part, dry_run=dry_run) for part in (right, wrong)]

    assert [refusal(one) for one in answers] == [(403, "missing_permissions")] * 2
    assert answers[0].json()["errors"] == answers[1].json()["errors"]
    assert answers[0].json()["missing"] == ["extensions:rotate_secret"]


@pytest.mark.parametrize("dry_run", [True, False])
def test_a_password_is_not_guessed_by_who_may_do_less_than_its_agent(
    world: TwoCustomers, dry_run: bool
) -> None:
    part = exported(world)
    named(part["agents"], ADMIN, "username")["password"] = PASSWORD
    assert send(world, "acme-owner", part).json()["applied"]
    give(world, "acme-nobody", *READING, "agents:set_password")
    part = exported(world)

    named(part["agents"], ADMIN, "username")["password"] = PASSWORD
    right = send(world, "acme-nobody", part, dry_run=dry_run)
    named(part["agents"], ADMIN, "username")["password"] = PASSWORD + "x"
    wrong = send(world, "acme-nobody", part, dry_run=dry_run)

    assert refusal(right) == refusal(wrong) == (403, "escalation")
    assert right.json()["rule"] == wrong.json()["rule"] == "E5"
    assert right.json()["errors"] == wrong.json()["errors"]


def test_a_password_is_not_guessed_without_the_second_factor(world: TwoCustomers) -> None:
    part = exported(world)
    mate(part)["password"] = PASSWORD
    assert send(world, "acme-owner", part).json()["applied"]
    with world.world.engine.begin() as connection:
        connection.exec_driver_sql(
            f"UPDATE sessions SET mfa_at = {NOW - 3600} WHERE id = 'acme-owner@acme'"
        )
    assert refusal(send(world, "acme-owner", part)) == (403, "mfa_required")


def test_a_document_has_so_many_slow_passwords_at_most(world: TwoCustomers) -> None:
    part = exported(world)
    for place in range(201):
        _new_agent(part, username=f"agent{place}@acme.example", password="short")
    answer = send(world, "acme-owner", part)
    assert refusal(answer) == (422, "invalid")
    part["agents"] = part["agents"][:-1]
    assert "200 passwords" not in send(world, "acme-owner", part).text


# Hostile documents


@pytest.mark.parametrize(
    ("body", "kind", "status", "told"),
    [
        (b"", "yaml", 422, "the file is empty"),
        (b"null", "json", 422, "the file is empty"),
        (b"[]", "json", 422, "must begin with customers"),
        (b"a: &a [x, x]\nb: *a\n", "yaml", 422, "aliases"),
        (b"a: &a {b: *a}\n", "yaml", 422, "aliases"),
        (b"customers: !!python/object:os.system {}\n", "yaml", 422, "tags"),
        (b"customers: []\n---\ncustomers: []\n", "yaml", 422, "second document"),
        (b"customers: [\n", "yaml", 422, "is not YAML"),
        (b"a:\n " + b"- " * 40 + b"x\n", "yaml", 422, "nested too deeply"),
        (b"[" * 100_000, "yaml", 400, "levels of nesting"),
        (b"[" * 20 + b"]" * 20, "json", 422, "nested too deeply"),
        (b'{"a": ' * 100_000, "json", 400, "levels of nesting"),
        (b'{"customers": [], "customers": []}', "json", 422, "given twice"),
        (b'{"customers": [NaN]}', "json", 422, "NaN"),
        (b'{"customers": [{"name": "\\ud800"}]}', "json", 422, "half a character"),
        (b'{"customers": ', "json", 422, "is not JSON"),
        (b'{"customers": {"name": "acme"}}', "json", 422, "must be a list"),
        (b'{"customers": [1]}', "json", 422, "must be a mapping of fields"),
        (b'{"customers": [{"name": ["acme"]}]}', "json", 422, "must be one text"),
        (b"\xff\xfe", "yaml", 422, "not UTF-8"),
        (b"a: \x00", "yaml", 400, "NUL"),
        (b"# " + b"x" * (2 << 20), "yaml", 413, "2097152"),
        (b"customers: []", "xml", 415, "application/yaml"),
    ],
)
def test_hostile_documents(
    world: TwoCustomers, body: bytes, kind: str, status: int, told: str
) -> None:
    headers = {"Content-Type": f"application/{kind}"}
    answer = world.world.ask("acme-owner", "POST", APPLY, content=body, headers=headers)
    assert refusal(answer)[0] == status
    assert told in answer.text


def test_faults_name_line_and_field(world: TwoCustomers) -> None:
    part = exported(world)
    mate(part)["capacty"] = 2
    part["numbers"][0]["to"] = {"group": "sails"}
    answer = send(world, "acme-owner", part)
    fields = {one["field"].rpartition("].")[2]: one for one in answer.json()["errors"]}
    assert fields["capacty"]["text"] == 'there is no such field (did you mean "capacity"?)'
    assert fields["to.group"]["text"] == "there is no group 'sails'"
    lines = written(part).splitlines()
    assert "capacty" in lines[fields["capacty"]["line"] - 1]


def test_faults_of_json_name_the_field(world: TwoCustomers) -> None:
    part = exported(world)
    mate(part)["capacity"] = True
    answer = world.world.ask(
        "acme-owner",
        "POST",
        APPLY,
        content=json.dumps({"customers": [part]}),
        headers={"Content-Type": "application/json"},
    )
    place = f"customers[0].agents[{part['agents'].index(mate(part))}].capacity"
    assert answer.json()["errors"] == [{"field": place, "text": "must be a whole number"}]


def test_who_may_not_apply_learns_nothing_from_his_document(world: TwoCustomers) -> None:
    for content in (b"{", b"customers: []"):
        answer = world.world.ask("acme-agent", "POST", APPLY, content=content, headers=YAML)
        assert refusal(answer) == (403, "implicit_deny")
