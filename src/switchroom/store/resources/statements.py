"""Statements that were built a moment ago: to build one takes longer than to carry it out."""

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Any

from sqlalchemy import Select

from switchroom.permissions.compile import Compiled

LIMIT = 200
"Askers whose statements are kept, those of last; each is some kilobytes."


class LastUsedStatements:
    """A bounded cache by asker and permissions; any thread may ask.

    What was compiled of somebody is the same object until something about him changes, so it tells
    whether a statement still obeys what he may do.
    """

    def __init__(self, build: Callable[[Compiled, tuple[int, ...]], Select[Any]]) -> None:
        self._build = build
        self._kept: OrderedDict[tuple[int, ...], tuple[Compiled, Select[Any]]] = OrderedDict()
        self._lock = Lock()

    def get(self, compiled: Compiled, bits: tuple[int, ...]) -> Select[Any]:
        """The statement for this asker, built if need be."""
        key = (id(compiled), *bits)
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None:  # and so is its asker: no other one can have the same id
                self._kept.move_to_end(key)
                return kept[1]
        statement = self._build(compiled, bits)
        with self._lock:
            self._kept[key] = (compiled, statement)
            if len(self._kept) > LIMIT:
                self._kept.popitem(last=False)
        return statement
