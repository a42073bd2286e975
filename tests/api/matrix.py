"""The authorization matrix: what each built-in role is answered, for each operation and situation.

``python -m api.matrix`` in ``tests/`` writes it anew; what has changed is reviewed as a diff.
"""

from pathlib import Path

from api.operations import SITUATIONS, operations, request_of, target
from fakes.api_world import Shown
from fakes.two_customers import ASKERS, TwoCustomers, two_customers
from switchroom.api.declarations import Operation

FILE = Path(__file__).parent.parent / "data" / "api" / "matrix.txt"
WIDTH = 6
NAMES = max(map(len, ASKERS)) + 2


def ask(
    world: TwoCustomers,
    asker: str,
    operation: Operation,
    situation: str,
    shown: Shown = "bearer",
) -> str:
    """The status that the asker gets, ``-`` where there is no such situation."""
    path = operation.path
    if "{id}" in path:
        id = target(operation.declared.row, situation, asker)
        if id is None:
            return "-"
        path = path.replace("{id}", id)
    answer = world.world.ask(
        f"acme-{asker}", operation.method, path, shown=shown, **request_of(operation)
    )
    if operation.method != "GET" and answer.status_code < 400:
        world.put_back()
    return str(answer.status_code)


def block(world: TwoCustomers, operation: Operation) -> list[str]:
    """All lines of one operation."""
    with_id = "{id}" in operation.path
    situations = SITUATIONS if with_id else ("",)
    head = "".join(f"{one:>{len(one) + 2}}" for one in situations) if with_id else ""
    lines = [f"{operation.method} {operation.path}  {operation.declared.name}{head}"]
    for asker in ASKERS:
        statuses = [ask(world, asker, operation, situation) for situation in situations]
        lines.append(
            f"  {asker:<{NAMES}}" + "".join(f"{one:<{WIDTH}}" for one in statuses).rstrip()
        )
    return lines


def blocks(text: str) -> dict[str, str]:
    """The written matrix by operation: its first line to all its lines."""
    found = [part.strip("\n") for part in text.split("\n\n") if part.strip()]
    return {part.split("  ", 1)[0]: part for part in found}


def main() -> None:
    """Write the file."""
    with two_customers() as world:
        parts = ["\n".join(block(world, one)) for one in operations(world.world.app)]
    FILE.write_text("\n\n".join(parts) + "\n")


if __name__ == "__main__":
    main()
