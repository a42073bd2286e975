"""Plants a bug in a function while a test runs: one piece of its own text is replaced."""

import inspect
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from types import CodeType, FunctionType
from typing import Any

from msgspec import Struct


class Bug(Struct, frozen=True):
    """What is planted where. The old text must stand there exactly once."""

    of: Any
    "The function; a method as its class has it."
    old: str
    new: str
    start: int = 0
    "With which seed a search for it begins."

    def __str__(self) -> str:
        return f"{self.of.__qualname__}: {self.old.strip()[:40]} -> {self.new.strip()[:40]}"


@contextmanager
def planted(bug: Bug) -> Iterator[None]:
    """The function has the bug, for everybody who has a reference to it."""
    function = bug.of
    right = function.__code__
    source = textwrap.dedent(inspect.getsource(function))
    assert source.count(bug.old) == 1, f"{bug}: {source.count(bug.old)} places"
    function.__code__ = _code_of(source.replace(bug.old, bug.new), function)
    try:
        yield
    finally:
        function.__code__ = right


def _code_of(source: str, function: Any) -> CodeType:
    without = "\n".join(line for line in source.splitlines() if not line.startswith("@"))
    namespace: dict[str, object] = {}
    exec(compile(without, inspect.getfile(function), "exec"), function.__globals__, namespace)
    made = namespace[function.__name__]
    assert isinstance(made, FunctionType)
    return made.__code__
