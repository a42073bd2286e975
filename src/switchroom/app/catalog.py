"""Collects what features declare: every ``permissions.py`` of a package below ``switchroom``."""

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules

import switchroom
from switchroom.permissions.catalog import Catalog
from switchroom.permissions.declare import Feature


@cache
def catalog() -> Catalog:
    """The catalogue of this version: the same for the life of the process.

    Raises:
        ValueError: Two features contradict each other.
    """
    return Catalog(_features())


def _features() -> Iterator[Feature]:
    for package in iter_modules(switchroom.__path__):
        name = f"switchroom.{package.name}.permissions"
        if package.ispkg and find_spec(name) is not None:
            feature = import_module(name).FEATURE
            if not isinstance(feature, Feature):
                raise TypeError(f"{name}.FEATURE is not a Feature")
            yield feature
