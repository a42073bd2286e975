"""The first owner is made beside whatever there is, and can log in."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from switchroom.app.applying import access
from switchroom.cli.main import program
from switchroom.drivers.passwords import Argon2Passwords
from switchroom.permissions.check import allows, holds
from switchroom.permissions.compile import Compiled, compile_authority
from switchroom.permissions.model import Row
from switchroom.store.accounts import DatabaseAccounts
from switchroom.store.authority import load_authority
from switchroom.store.database import database_url, open_to_read

PASSWORD = "three-words-and-more"
FILE = """
customers:
  - name: acme
    domain: acme.example
    country: US
    agents:
      - {username: root@acme.example, name: Root, number: 201}
"""


def init(data: Path, *more: str, username: str = "Root@acme.example") -> Result:
    words = ["init", username, "--customer", "acme", "--data", str(data), *more]
    return CliRunner().invoke(program(), [*words, "--password", "env:PW"], env={"PW": PASSWORD})


def compiled(data: Path, username: str = "root@acme.example") -> Compiled:
    engine = open_to_read(database_url(data))
    with engine.connect() as connection:
        account = DatabaseAccounts(connection).by_username(username)
        assert account is not None
        assert Argon2Passwords().verify(account.password_hash, PASSWORD)
        authority = load_authority(
            connection, account.agent_id, account.customer_id, builtin=access().builtin
        )
    engine.dispose()
    return compile_authority(authority, access().catalog, 0.0)


def test_on_an_empty_directory_customer_and_owner_are_made(tmp_path: Path) -> None:
    result = init(tmp_path / "data")

    assert result.exit_code == 0, result.output
    assert result.output == "root@acme.example owns the platform and acme\n"
    owner, catalog = compiled(tmp_path / "data"), access().catalog
    assert holds(owner, catalog.bit("customers:create"))
    assert allows(owner, catalog.bit("roles:bind"), Row(owner.customer_id))
    assert not allows(owner, catalog.bit("roles:bind"), Row("another customer"))


def test_an_agent_that_is_there_keeps_what_he_has(tmp_path: Path) -> None:
    (tmp_path / "file.yaml").write_text(FILE)
    data = str(tmp_path / "data")
    CliRunner().invoke(program(), ["apply", str(tmp_path / "file.yaml"), "--data", data])

    assert init(tmp_path / "data").exit_code == 0
    assert init(tmp_path / "data").exit_code == 0
    exported = CliRunner().invoke(program(), ["export", "--data", data]).output

    assert "number: '201'" in exported
    assert exported.count("root@acme.example") == 1
    assert "- agent" in exported
    assert "- owner" in exported
    assert "role: platform_owner" in exported


@pytest.mark.parametrize(
    ("words", "password", "fault"),
    [
        (("--password", "env:PW"), "short", "a password has at least 12 characters"),
        (("--password", "env:NO"), PASSWORD, "the environment variable NO is not set"),
        (("--password", "in-the-clear-here"), PASSWORD, "write --password env:NAME"),
        (("--password", "env:PW", "--country", "XX"), PASSWORD, "country"),
    ],
)
def test_faults_are_one_line_and_leave_nothing(
    tmp_path: Path, words: tuple[str, ...], password: str, fault: str
) -> None:
    data = tmp_path / "data"
    command = ["init", "root@acme.example", "--customer", "acme", "--data", str(data), *words]
    result = CliRunner().invoke(program(), command, env={"PW": password})

    assert result.exit_code == 1
    assert fault in result.output
    exported = CliRunner().invoke(program(), ["export", "--data", str(data)])
    assert "customers: []" in exported.output or not data.exists()


def test_a_customer_that_is_written_wrongly_is_not_there_and_the_right_one_is_named(
    tmp_path: Path,
) -> None:
    assert init(tmp_path / "data").exit_code == 0
    command = ["init", "zed@acme.example", "--customer", "nope", "--data", str(tmp_path / "data")]
    result = CliRunner().invoke(program(), [*command, "--password", "env:PW"], env={"PW": PASSWORD})

    assert result.exit_code == 1
    assert result.output == (
        "customer: there is no customer nope, and a new one needs a domain of its own:"
        " acme.example is customer acme's. Write --customer acme, or another --domain\n"
    )
