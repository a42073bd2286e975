"""The exported file: what it says, and that applying it changes nothing."""

from pathlib import Path

import pytest
import yaml

from fakes.configuration import ENVIRON, EXAMPLE, Configured, configured
from switchroom.store.apply.export import export
from switchroom.store.configuration import read_configuration
from switchroom.store.secret import ha1
from switchroom.store.stored import Stored


def exported(database: Configured) -> str:
    with database.engine.connect() as connection:
        return export(read_configuration(connection))


def test_the_example_comes_back_as_it_was_written() -> None:
    with configured(EXAMPLE) as database:
        text = exported(database)

    written = yaml.safe_load(EXAMPLE)
    customer = written["customers"][0]
    customer["default"] = True
    # What is at its default is left out.
    del customer["trunks"][0]["number_format"]
    del customer["groups"][0]["ring_method"]
    for field in ("ring_method", "ring_timeout_s", "capacity"):
        del customer["agents"][0][field]
    customer["agents"][0]["roles"] = ["agent"]
    assert yaml.safe_load(text) == written


def test_applying_the_export_changes_nothing() -> None:
    with configured(EXAMPLE) as database:
        assert database.apply(exported(database)).lines() == ["nothing to change"]


@pytest.mark.parametrize("password", ["plain", "ha1:" + "0" * 32, "ha1:" + "0" * 96])
def test_a_password_without_a_reference_is_exported_as_its_hash(password: str) -> None:
    if password.startswith("ha1:") and len(password) > 36:
        password = password[:36] + ":" + password[36:]
    with configured(EXAMPLE.replace("env:EXT_1001", password)) as database:
        text = exported(database)
        again = database.apply(text)

    hashed = ha1("1001", "acme.example", "plain")
    expected = f"ha1:{hashed.md5}:{hashed.sha256}" if password == "plain" else password
    assert yaml.safe_load(text)["customers"][0]["extensions"][0]["password"] == expected
    assert again.lines() == ["nothing to change"]


def test_passwords_keep_their_references(tmp_path: Path) -> None:
    file = tmp_path / "carrier"
    file.write_text("top secret\n")
    text = EXAMPLE.replace("number_format: e164", f"username: us, password: 'file:{file}'")
    with configured(text) as database:
        again = exported(database)

    assert f"file:{file}" in again
    assert "env:EXT_1001" in again
    assert "top secret" not in again
    assert ENVIRON["EXT_1001"] not in again


def test_words_that_yaml_could_mistake_stay_words() -> None:
    text = EXAMPLE.replace("country: US", "country: 'NO'").replace("name: Alice", "name: 'null'")
    with configured(
        text.replace("name: sales", "name: 'yes'").replace(": sales", ": 'yes'")
    ) as one:
        again = exported(one)

        assert one.apply(again).lines() == ["nothing to change"]
    assert yaml.safe_load(again)["customers"][0]["agents"][0]["name"] == "null"


def test_nothing_is_exported_as_nothing() -> None:
    assert yaml.safe_load(export(Stored())) == {"customers": []}
