"""A principal's documents on both databases, and while somebody else changes the configuration."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from operator import eq
from pathlib import Path

import pytest
import yaml
from msgspec.structs import replace
from sqlalchemy import Engine, select

from fakes.configuration import EXAMPLE, NOW, configured
from fakes.ids import CountingIds
from fakes.people import People
from switchroom.app.applying import access
from switchroom.directory.document import ExportedDocument, SentDocument
from switchroom.identity.model import Actor
from switchroom.permissions.compile import compile_authority
from switchroom.store.apply.credentials import LocalCredentials
from switchroom.store.apply.means import Means
from switchroom.store.apply.run import ApplyResult
from switchroom.store.apply_as.refusal import Denied
from switchroom.store.apply_as.run import (
    Around,
    CustomerDocuments,
    Outcome,
    Principal,
)
from switchroom.store.authority import load_authority
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
        self._ids = CountingIds("sent")
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

    def _means(self, principal: Principal) -> Means:
        credentials = LocalCredentials({}, eq)
        return Means(self._ids, credentials, ACCESS, lambda text: text, eq, NOW, principal.actor)


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

    def admission() -> AbstractContextManager[bool]:
        company.tag(names.token())
        return NO_WAIT

    document = company.document()
    document["customers"][0]["agents"][0]["password"] = "quite a long pass phrase"
    company.admission = admission

    outcome = company.send(document)

    assert isinstance(outcome, Denied)
    assert outcome.code == "conflict"


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
