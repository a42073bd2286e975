"""What is applied is what a node loads."""

import pytest
from sqlalchemy import select

from fakes.configuration import ENVIRON, EXAMPLE, configured
from switchroom.directory.lookup import Directory
from switchroom.directory.model import Address, Configuration, Target
from switchroom.store.configuration import Loaded, read_configuration
from switchroom.store.secret import ha1
from switchroom.store.stored import Origin, Stored
from switchroom.store.tables import metadata

pytestmark = pytest.mark.usefixtures("either_database")

WITH_PASSWORD = EXAMPLE.replace(
    "number_format: e164}", "username: us, password: 'env:CARRIER', caller_id: '2025550100'}"
)


def test_an_empty_database_is_an_empty_configuration() -> None:
    with configured() as database:
        assert database.load({}) == Loaded(Configuration())


def test_the_example_is_loaded_as_it_was_written() -> None:
    with configured(EXAMPLE) as database:
        configuration = database.load().configuration

    directory = Directory(configuration)
    acme = directory.default_customer
    assert acme is not None
    assert (acme.name, acme.domain, acme.country) == ("acme", "acme.example", "US")
    alice = directory.agent_by_name(acme.id, "alice")
    extension = directory.extension(acme.id, "1001")
    number = directory.number("+12025550100")
    (sales,) = configuration.groups
    assert alice is not None
    assert extension is not None
    assert number is not None
    assert [(a.type, a.target, a.delay_s) for a in alice.addresses] == [
        ("extension", "1001", 0.0),
        ("sip", "sip:alice@127.0.0.1:5091", 0.0),
        ("tel", "+12025550123", 2.0),
    ]
    assert all(isinstance(address, Address) for address in alice.addresses)
    assert (alice.ring_method, alice.ring_timeout_s, alice.capacity) == ("ring_all", 30.0, 1)
    assert alice.number == "201"
    hashed = ha1("1001", "acme.example", "hush")
    assert (extension.ha1_md5, extension.ha1_sha256) == (hashed.md5, hashed.sha256)
    assert sales.member_ids == (alice.id,)
    assert number.to == Target("agent", alice.id)
    assert number.no_answer == Target("group", sales.id)
    client = directory.client(number.client_id)
    assert client is not None
    assert client.name == "zeta"
    attempts = directory.attempts(acme.id, "+442071838750")
    assert [attempt.uri for attempt in attempts] == ["sip:+442071838750@127.0.0.1:5090"]
    assert [trunk.name for trunk in directory.trunks_from("127.0.0.1")] == ["carrier"]


def test_a_trunks_password_is_read_when_it_is_loaded() -> None:
    with configured(WITH_PASSWORD) as database:
        loaded = database.load({"CARRIER": "changed since"}).configuration

    assert loaded.trunks[0].password == "changed since"
    assert loaded.trunks[0].username == "us"
    assert loaded.trunks[0].caller_id == "+12025550100"


def test_a_trunk_whose_password_is_missing_is_loaded_without_it_and_named() -> None:
    with configured(WITH_PASSWORD) as database:
        loaded = database.load({})
        found = database.load(ENVIRON).missing

    (trunk,) = loaded.configuration.trunks
    assert (trunk.username, trunk.password) == ("", "")
    assert trunk.hosts == ("127.0.0.1:5090",)
    text = "trunk carrier has no password: the environment variable CARRIER is not set"
    assert loaded.missing == (text,)
    assert found == ()


def test_no_clear_password_is_stored() -> None:
    text = WITH_PASSWORD.replace('"env:EXT_1001"', "plain-text")
    with configured(text) as database, database.engine.connect() as connection:
        dump = "\n".join(
            str(connection.execute(select(table)).all()) for table in metadata.sorted_tables
        )

    assert "env:CARRIER" in dump
    assert "carrier secret" not in dump
    assert "plain-text" not in dump


def test_origins_of_passwords_are_kept() -> None:
    with configured(WITH_PASSWORD) as database, database.engine.connect() as connection:
        stored = read_configuration(connection)

    extension, trunk = stored.configuration.extensions[0], stored.configuration.trunks[0]
    assert stored.origin(extension.id) == Origin("env:EXT_1001")
    assert stored.origin(trunk.id).reference == "env:CARRIER"
    assert stored.origin("nobody") == Origin()
    assert Stored().configuration == Configuration()


def test_the_same_password_from_elsewhere_has_another_origin() -> None:
    moved = WITH_PASSWORD.replace("env:EXT_1001", "env:MOVED").replace("env:CARRIER", "env:MOVED_2")
    environ = {"MOVED": ENVIRON["EXT_1001"], "MOVED_2": ENVIRON["CARRIER"]}
    with configured(WITH_PASSWORD) as database:
        before = database.load()
        assert database.apply(moved, environ).faults == ()
        with database.engine.connect() as connection:
            stored = read_configuration(connection)
        assert database.load(environ) == before

    extension, trunk = stored.configuration.extensions[0], stored.configuration.trunks[0]
    assert stored.origin(extension.id).reference == "env:MOVED"
    assert stored.origin(trunk.id).reference == "env:MOVED_2"
