"""What ``switchroom demo`` refuses."""

import pytest
from typer.testing import CliRunner

from switchroom.cli.main import program


@pytest.mark.parametrize("words", [("--story", "nonsense"), ("--unplug", "fax"), ("--port", "-1")])
def test_what_does_not_exist_is_a_usage_error(words: tuple[str, str]) -> None:
    assert CliRunner().invoke(program(), ["demo", *words]).exit_code == 2
