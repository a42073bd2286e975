"""``switchroom unlock``: an owner who is locked out comes in again."""

from pathlib import Path

from typer.testing import CliRunner, Result

from switchroom.cli.main import program
from switchroom.identity.model import AuthSettings
from switchroom.store.auth_settings import read_settings, write_settings
from switchroom.store.database import database_url, open_database, writing
from switchroom.store.tables import metadata

OWNER = "root@acme.example"


def run(data: Path, *words: str) -> Result:
    command = [*words, "--data", str(data)]
    return CliRunner().invoke(program(), command, env={"PW": "three-words-and-more"})


def test_the_networks_of_his_customer_are_cleared(tmp_path: Path) -> None:
    run(tmp_path, "init", OWNER, "--customer", "acme", "--password", "env:PW")
    engine = open_database(database_url(tmp_path))
    with writing(engine) as connection:
        customer_id = str(connection.scalar(metadata.tables["customers"].select()))
        write_settings(connection, customer_id, AuthSettings(networks=("192.0.2.0/24",)))

    result = run(tmp_path, "unlock", OWNER, "--networks", "--second-factor")

    assert result.exit_code == 0, result.output
    assert result.output.splitlines() == [
        f"{OWNER}: his customer takes its people from anywhere, not only 192.0.2.0/24",
        f"{OWNER}: he has no second factor",
    ]
    with engine.connect() as connection:
        assert read_settings(connection, customer_id).networks == ()
    engine.dispose()
    assert "unlock" in run(tmp_path, "audit", "list", "--json").output


def test_what_keeps_him_out_must_be_said(tmp_path: Path) -> None:
    result = run(tmp_path, "unlock", OWNER)
    assert result.exit_code == 1
    assert "--networks, --second-factor or both" in result.output


def test_who_is_not_there_is_not_made(tmp_path: Path) -> None:
    result = run(tmp_path / "none", "unlock", OWNER, "--networks")
    assert result.exit_code == 1
    assert f"nobody logs in as {OWNER}" in result.output
    assert not (tmp_path / "none").exists()
