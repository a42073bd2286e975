"""``switchroom apply --api`` and ``export --api`` against a real server."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.testing import Result

from fakes.cli_over_api import by_token, over_api
from fakes.two_customers import TwoCustomers, two_customers
from switchroom.cli.apply import apply
from switchroom.cli.export import export

app = typer.Typer()
app.command()(apply)
app.command()(export)


@pytest.fixture(scope="module")
def world() -> Iterator[TwoCustomers]:
    with two_customers() as made:
        yield made


def run(world: TwoCustomers, who: str, *arguments: str | Path) -> Result:
    """The command as this agent, over HTTP."""
    token = world.world.token(who, "acme")
    return over_api(world.world.app, app, arguments, **by_token(token))[0]


def test_an_export_is_applied_and_changed(world: TwoCustomers, tmp_path: Path) -> None:
    file = tmp_path / "acme.yaml"
    written = run(world, "acme-owner", "export", "--api")
    file.write_text(written.stdout)
    unchanged = run(world, "acme-owner", "apply", file, "--api")
    file.write_text(written.stdout.replace("  - {name: t2}", "  - {name: t2, text: Nights}"))
    planned = run(world, "acme-owner", "apply", file, "--api", "--dry-run")
    applied = run(world, "acme-owner", "apply", file, "--api")

    assert unchanged.stdout == "nothing to change\n"
    change = "~ tag acme/t2: text none -> Nights\nnone to create, 1 to update, none to delete: "
    assert planned.stdout == f"{change}dry run, nothing changed\n"
    assert applied.stdout == f"{change}applied\n"
    assert {one.exit_code for one in (written, unchanged, planned, applied)} == {0}
    world.put_back()


def test_a_refusal_names_line_and_field(world: TwoCustomers, tmp_path: Path) -> None:
    file = tmp_path / "acme.yaml"
    written = run(world, "acme-owner", "export", "--api").stdout
    numbers = written.index("  numbers:")
    file.write_text(written[:numbers])

    refused = run(world, "acme-admin", "apply", file, "--api")

    assert refused.exit_code == 1
    first, second, *_ = refused.stderr.splitlines()
    assert first == f"{file}: you may not make all of these changes, so none was made"
    assert second == (
        f"{file}:2: customers[0].numbers: +12025550100 is not in the document; to delete it you"
        " need numbers:release"
    )


def test_who_may_not_is_told_why(world: TwoCustomers) -> None:
    refused = run(world, "acme-agent", "export", "--api")
    assert refused.exit_code == 1
    assert refused.stderr.startswith("you need the permission configuration:export")


def test_a_command_looks_in_one_place(world: TwoCustomers, tmp_path: Path) -> None:
    refused = run(world, "acme-owner", "export", "--api", "--data", tmp_path)
    assert refused.exit_code == 1
    assert "give one" in refused.stderr
