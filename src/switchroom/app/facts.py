"""Collects the kinds of fact that there are: from every ``events.py`` of a package."""

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules

import switchroom
from switchroom.foundation.events import Fact
from switchroom.live.event import Kind, kinds_of


@cache
def kinds() -> dict[str, Kind]:
    """Every kind of fact of this version by its name: the same for the life of the process."""
    return kinds_of(_facts())


def _facts() -> Iterator[type[Fact]]:
    for package in iter_modules(switchroom.__path__):
        name = f"switchroom.{package.name}.events"
        if package.ispkg and find_spec(name) is not None:
            import_module(name)
    yield from _last(Fact)


def _last(base: type[Fact]) -> Iterator[type[Fact]]:
    for kind in base.__subclasses__():
        if kind.__subclasses__():
            yield from _last(kind)
        elif kind.__module__.startswith("switchroom."):
            yield kind
