"""A principal's documents on both databases, and while somebody else changes the configuration."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from operator import eq
from pathlib import Path
from typing import Any

import pytest
import yaml
from msgspec.structs import replace
from sqlalchemy import Engine, select, update

from fakes.configuration import EXAMPLE, NOW, configured
from fakes.ids import CountingIds
from fakes.people import People
from switchroom.app.applying import access
from switchroom.directory.document import ExportedDocument, SentDocument
from switchroom.identity.model import Actor
from switchroom.permissions.compile import compile_authority
from switchroom.permissions.declare import Permission
from switchroom.permissions.model import Scope
from switchroom.store.apply.credentials import LocalCredentials
from switchroom.store.apply.means import Means
from switchroom.store.apply.run import ApplyResult
from switchroom.store.apply.slow_hashes import SlowHashes
from switchroom.store.apply_as.refusal import Denied
from switchroom.store.apply_as.run import (
    Around,
    CustomerDocuments,
    Outcome,
    Principal,
)
from switchroom.store.authority import load_authority
from switchroom.store.authority_writer import BindingWish, Change, bind
from switchroom.store.database import writing
from switchroom.store.resources.nouns import resource_specs
from switchroom.store.tables import metadata
from switchroom.store.vault import FOLDER, Vault

pytestmark = pytest.mark.usefixtures("either_database")

ACCESS = access()
OWNED = EXAMPLE.replace(
    "        name: Alice\n", "        name: Alice\n        roles: [owner, agent]\n"
)
NO_WAIT = nullcontext(enter_result=True)


class Company:
    """A customer whose owner, Alice, sends documents."""

    def __init__(self, engine: Engine, directory: Path) -> None:
        self.engine = engine
        self.people = People(engine)
        self.admission: Callable[[], AbstractContextManager[bool]] = lambda: NO_WAIT
        self.ids = CountingIds("sent")
        specs = resource_specs(directory)
        self._around = Around(
            engine,
            {noun: spec.references for noun, spec in specs.items()},
            Vault(directory),
            lambda: self.admission(),
            self._means,
        )
        self.documents = CustomerDocuments(self._around)
        agents = metadata.tables["agents"]
        with engine.connect() as connection:
            row = connection.execute(select(agents.c.id, agents.c.customer_id)).one()
        self.owner_id, self.customer_id = row
        self.people.account(self.owner_id)
        self.people.session("s1", self.owner_id, customer_id=self.customer_id)

    def keep_in(self, vault: Vault) -> None:
        self.documents = CustomerDocuments(replace(self._around, vault=vault))

    def owner(self) -> Principal:
        with self.engine.connect() as connection:
            found = load_authority(
                connection, self.owner_id, self.customer_id, builtin=ACCESS.builtin
            )
        compiled = compile_authority(found, ACCESS.catalog, NOW)
        name = "alice@acme.example"
        actor = Actor(self.owner_id, self.customer_id, name, "session", "s1", compiled)
        return Principal(actor, lambda _: False)

    def document(self) -> dict[str, list[dict[str, list[dict[str, object]]]]]:
        exported = self.documents.export(self.owner())
        assert isinstance(exported, ExportedDocument)
        found: dict[str, list[dict[str, list[dict[str, object]]]]] = yaml.safe_load(exported.text)
        return found

    def send(self, document: object, *, dry_run: bool = False) -> Outcome:
        sent = SentDocument(yaml.safe_dump(document), dry_run=dry_run)
        return self.documents.apply(self.owner(), sent)

    def tag(self, name: str) -> None:
        """Somebody else makes a tag."""
        self.people.add("tags", id=name, customer_id=self.customer_id, name=name, text="")

    def rehash(self, agent_id: str, stored: str) -> None:
        """Somebody's password is hashed anew, or becomes another."""
        accounts = metadata.tables["accounts"]
        with writing(self.engine) as connection:
            changed = update(accounts).where(accounts.c.agent_id == agent_id)
            connection.execute(changed.values(password_hash=stored))

    def _means(self, principal: Principal) -> Means:
        hashes = SlowHashes(lambda text: text, eq)
        return Means(self.ids, LocalCredentials({}), ACCESS, hashes, NOW, principal.actor)


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Company]:
    with configured(OWNED) as made:
        yield Company(made.engine, tmp_path)


def plan(outcome: Outcome) -> list[str]:
    assert isinstance(outcome, ApplyResult), outcome
    assert outcome.applied
    return [str(one) for one in outcome.changes]


def test_a_document_goes_there_and_back(company: Company) -> None:
    document = company.document()
    part = document["customers"][0]
    part["extensions"].append({"number": "1002", "password": "another good one"})
    part["agents"][0]["addresses"].append({"type": "extension", "target": "1002"})  # type: ignore[attr-defined]
    part["roles"] = [{"name": "night", "allow": ["calls:read"]}]
    part["agents"].append({"username": "bob@acme.example", "name": "Bob", "roles": ["night"]})

    assert plan(company.send(document)) == [
        "+ role acme/night",
        "+ extension acme/1002",
        "+ agent bob@acme.example",
        "~ agent alice@acme.example: addresses [extension 1001, sip sip:alice@127.0.0.1:5091,"
        " tel +12025550123 (delay_s 2)] -> [extension 1001, sip sip:alice@127.0.0.1:5091,"
        " tel +12025550123 (delay_s 2), extension 1002]",
    ]
    assert company.send(document) == ApplyResult()
    assert company.send(company.document()) == ApplyResult()


def test_it_is_planned_anew_on_what_is_stored_then(company: Company) -> None:
    others = iter(["night"])

    def admission() -> AbstractContextManager[bool]:
        for name in others:
            company.tag(name)
        return NO_WAIT

    document = company.document()
    document["customers"][0]["agents"][0]["password"] = "quite a long pass phrase"
    company.admission = admission

    assert plan(company.send(document)) == [
        "~ agent alice@acme.example: password set -> set (new value)",
        "- tag acme/night",
    ]


def test_a_dry_run_takes_no_slow_hash_and_so_no_place_at_the_log_in(company: Company) -> None:
    document = company.document()
    document["customers"][0]["agents"][0]["password"] = "quite a long pass phrase"
    company.admission = lambda: nullcontext(enter_result=False)

    planned = company.send(document, dry_run=True)

    assert isinstance(planned, ApplyResult)
    assert [str(one) for one in planned.changes] == [
        "~ agent alice@acme.example: password set -> set (new value)"
    ]
    assert getattr(company.send(document), "code", "") == "busy"
    company.admission = lambda: NO_WAIT
    assert plan(company.send(document)) == [str(one) for one in planned.changes]
    assert company.send(document) == ApplyResult()


def test_somebody_who_never_stops_is_given_way(company: Company) -> None:
    names = CountingIds("tag")

    def meanwhile(_permission: Permission) -> bool:
        company.tag(names.token())
        return False

    document = company.document()
    document["customers"][0]["agents"][0]["password"] = "quite a long pass phrase"
    sent = SentDocument(yaml.safe_dump(document))

    outcome = company.documents.apply(Principal(company.owner().actor, meanwhile), sent)

    assert isinstance(outcome, Denied)
    assert outcome.code == "conflict"


def test_passwords_elsewhere_are_nobodys_business_here(company: Company) -> None:
    company.people.customer("zeta")
    company.people.agent("zoe", "zeta")
    company.people.account("zoe", password_hash="old")

    def meanwhile(_permission: Permission) -> bool:
        company.rehash("zoe", company.ids.token())
        return False

    document = company.document()
    document["customers"][0]["tags"] = [{"name": "night"}]
    sent = SentDocument(yaml.safe_dump(document))

    outcome = company.documents.apply(Principal(company.owner().actor, meanwhile), sent)

    assert plan(outcome) == ["+ tag acme/night"]


def test_slow_hashes_are_for_who_may_set_passwords_and_each_is_made_once(company: Company) -> None:
    company.rehash(company.owner_id, "an old pass phrase")
    document = company.document()
    document["customers"][0]["agents"][0]["password"] = "quite a long pass phrase"
    asked = []

    def admission() -> AbstractContextManager[bool]:
        asked.append(1)
        return NO_WAIT

    company.admission = admission
    sent = SentDocument(yaml.safe_dump(document))
    stale = Principal(company.owner().actor, lambda permission: permission.verb == "set_password")
    others = iter(["night"])

    def meanwhile(_permission: Permission) -> bool:
        for name in others:
            company.tag(name)
        return False

    refused = company.documents.apply(stale, sent)
    assert isinstance(refused, Denied)
    assert asked == []

    done = company.documents.apply(Principal(company.owner().actor, meanwhile), sent)
    assert plan(done)[-1] == "- tag acme/night"  # so it was planned twice
    assert asked == [1, 1]  # is it the old one; then the new one's hash


def test_who_owns_another_customer_alone_is_not_deleted_here(company: Company) -> None:
    document = company.document()
    bob: dict[str, Any] = {"username": "bob@acme.example", "name": "Bob"}
    document["customers"][0]["agents"].append(bob)
    company.send(document)
    agents = metadata.tables["agents"]
    with company.engine.connect() as connection:
        query = select(agents.c.id).where(agents.c.username == bob["username"])
        bob_id = connection.scalars(query).one()
    company.people.customer("zeta")
    company.people.member(bob_id, "zeta")
    # As staff of the platform, since nobody of acme dominates an owner of zeta.
    for id, customer_id, builtin in (
        ("b1", "zeta", "owner"),
        ("b2", company.customer_id, "platform_owner"),
    ):
        holder = bob_id if builtin == "owner" else company.owner_id
        scope = "customer" if builtin == "owner" else "project"
        company.people.binding(
            id, holder, builtin=builtin, customer_id=customer_id, scope_kind=scope
        )
    document["customers"][0]["agents"].remove(bob)

    refused = company.send(document)
    assert isinstance(refused, Denied)
    assert "without an owner" in str(refused.faults)

    company.people.agent("zoe", "zeta")
    company.people.account("zoe")
    company.people.binding("b3", "zoe", builtin="owner", customer_id="zeta")
    assert plan(company.send(document))[-1] == "- agent bob@acme.example"


def test_an_export_with_a_role_that_has_ended_changes_nothing(company: Company) -> None:
    wish = BindingWish(
        company.owner_id, "builtin:supervisor", Scope("customer"), expires_at=NOW + 0.123456789
    )
    with writing(company.engine) as connection:
        change = Change(
            connection,
            ACCESS.catalog,
            ACCESS.builtin,
            company.ids,
            company.customer_id,
            NOW - 1.0,
            None,
        )
        assert isinstance(bind(change, wish), str)

    document = company.document()

    assert "supervisor" in str(document)
    assert company.send(document) == ApplyResult()


def test_who_sends_a_document_stays_in_it(company: Company) -> None:
    document = company.document()
    document["customers"][0]["agents"].clear()
    document["customers"][0]["numbers"] = []
    document["customers"][0]["groups"] = []

    refused = company.send(document)

    assert isinstance(refused, Denied)
    assert "this is you" in str(refused.faults)


class KeepingWhileOthersWrite(Vault):
    """Files are written while somebody else changes the configuration."""

    def __init__(self, directory: Path, company: Company) -> None:
        super().__init__(directory)
        self._company = company
        self._names = iter(["night"])

    def keep(self, password: str) -> str:
        for name in self._names:
            self._company.tag(name)
        return super().keep(password)


def test_no_transaction_waits_for_the_files_of_passwords(company: Company, tmp_path: Path) -> None:
    company.keep_in(KeepingWhileOthersWrite(tmp_path, company))
    document = company.document()
    document["customers"][0]["trunks"][0] |= {"username": "us", "password": "a good one"}

    assert plan(company.send(document)) == [
        "~ trunk acme/carrier: username none -> us, password none -> set",
        "- tag acme/night",
    ]

    reference = company.document()["customers"][0]["trunks"][0]["password"]
    (file,) = (tmp_path / FOLDER).iterdir()
    assert reference == f"file:{file}"
    assert file.read_text() == "a good one"


def test_whose_session_has_ended_meanwhile_changes_nothing(company: Company) -> None:
    document = company.document()
    document["customers"][0]["tags"] = [{"name": "night"}]
    owner = company.owner()
    sessions = metadata.tables["sessions"]
    with company.engine.begin() as connection:
        connection.execute(sessions.delete())

    outcome = company.documents.apply(owner, SentDocument(yaml.safe_dump(document)))

    assert getattr(outcome, "code", "") == "ended"
    assert "tags" not in company.document()["customers"][0]
