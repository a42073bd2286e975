"""Names of fields as people read them."""

import pytest

from switchroom.foundation.fields import did_you_mean, path_of


@pytest.mark.parametrize(
    ("location", "path"),
    [
        ((), ""),
        (("name",), "name"),
        (("customers", 0, "agents", 2, "capacity"), "customers[0].agents[2].capacity"),
        (("hosts", 1), "hosts[1]"),
    ],
)
def test_where_a_field_stands(location: tuple[str | int, ...], path: str) -> None:
    assert path_of(location) == path


def test_what_was_perhaps_meant() -> None:
    assert did_you_mean("nmber", ["name", "number"]) == ' (did you mean "number"?)'
    assert did_you_mean("colour", ["name", "number"]) == ""
