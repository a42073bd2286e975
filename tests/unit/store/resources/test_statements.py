"""A statement is built once for who asks again, and never used for anybody else."""

from typing import Any

from msgspec.structs import replace
from sqlalchemy import Select, literal, select

from switchroom.permissions.compile import Compiled
from switchroom.store.resources.statements import LIMIT, LastUsedStatements


class Builder:
    def __init__(self) -> None:
        self.built = 0

    def __call__(self, compiled: Compiled, bits: tuple[int, ...]) -> Select[Any]:
        self.built += 1
        columns: list[Any] = [literal(compiled.principal_id), *map(literal, bits)]
        return select(*columns)


def asker(name: str) -> Compiled:
    return Compiled(name, "acme", frozenset(), 1, 0, 0, {}, 1, 1)


def test_who_asks_again_gets_the_same_statement() -> None:
    build = Builder()
    statements = LastUsedStatements(build)
    alice, bob = asker("alice"), asker("bob")

    first = statements.get(alice, (1,))
    assert statements.get(alice, (1,)) is first
    assert statements.get(alice, (2,)) is not first
    assert statements.get(bob, (1,)) is not first
    assert statements.get(replace(alice, full=0), (1,)) is not first
    assert build.built == 4


def test_no_asker_is_taken_for_one_who_is_gone() -> None:
    statements = LastUsedStatements(Builder())
    for number in range(5 * LIMIT):
        # Each is forgotten at once, so that the next one may lie at the same address.
        name = f"agent-{number}"
        statement = statements.get(asker(name), (1,))
        assert name in statement.compile().params.values()


def test_what_is_kept_has_an_end() -> None:
    build = Builder()
    statements = LastUsedStatements(build)
    askers = [asker(f"agent-{number}") for number in range(LIMIT + 1)]
    for one in askers:
        statements.get(one, (1,))

    statements.get(askers[-1], (1,))
    assert build.built == LIMIT + 1
    statements.get(askers[0], (1,))
    assert build.built == LIMIT + 2
