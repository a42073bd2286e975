"""The checked-in authorization matrix, walked over HTTP. Whatever it does not list fails."""

import re

import pytest

from api.matrix import FILE, block, blocks
from api.operations import operations
from fakes.two_customers import two_customers

WRITTEN = blocks(FILE.read_text())
_LINE = re.compile(r"  (\w+) +(.*)")


def test_every_operation_is_answered_as_the_matrix_says() -> None:
    with two_customers() as world:
        found = {}
        for operation in operations(world.world.app):
            lines = block(world, operation)
            found[lines[0].split("  ", 1)[0]] = "\n".join(lines)
    assert found.keys() == WRITTEN.keys()
    for name, answered in found.items():
        assert answered == WRITTEN[name]


@pytest.mark.parametrize("name", sorted(name for name in WRITTEN if "{id}" in name))
def test_another_tenants_thing_is_answered_like_none_at_all(name: str) -> None:
    for line in WRITTEN[name].splitlines()[1:]:
        found = _LINE.fullmatch(line)
        assert found is not None
        asker, statuses = found[1], found[2].split()
        if asker in {"platform_owner", "platform_support"}:
            continue  # customers are theirs to see; everything else is refused or missing to them
        assert statuses[-2] == statuses[-1]
        assert statuses[-1] in {"403", "404"}


def test_who_holds_nothing_is_let_in_nowhere() -> None:
    for name, lines in WRITTEN.items():
        head, *rows = lines.splitlines()
        if "public" in head or "logged_in" in head:
            continue
        nobody = next(row.split()[1:] for row in rows if row.split()[0] == "nobody")
        assert set(nobody) <= {"403", "-"}, name
