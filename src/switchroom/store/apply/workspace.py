"""Ids, places and faults, gathered while a file is being resolved."""

from collections.abc import Iterable, Mapping

from switchroom.directory.problem import Problem
from switchroom.foundation.fields import did_you_mean, path_of
from switchroom.store.apply.fault import MOST_FAULTS, Fault, Location
from switchroom.store.apply.keys import Key, keys_of
from switchroom.store.apply.means import Means
from switchroom.store.apply.yaml_tree import Tree
from switchroom.store.stored import Stored

FIELDS = {
    "client_id": "client",
    "e164": "number",
    "is_default": "default",
    "member_ids": "members",
    "tag_ids": "tags",
    "trunk_ids": "trunks",
}
"Fields of the configuration that a file calls otherwise."


class Workspace:
    """One attempt to resolve one file."""

    __slots__ = ("_faults", "_known", "_places", "_tree", "before", "means")

    def __init__(self, tree: Tree, before: Stored, means: Means) -> None:
        self.before = before
        self.means = means
        self._tree = tree
        self._known = dict(keys_of(before))
        self._places: dict[str, Location] = {}
        self._faults: dict[Location, str] = {}

    def claim(self, key: Key, place: Location) -> str:
        """The id of the thing at this place: the one it had, or a new one.

        A second thing with the same key gets an id of its own, so that both can be told apart
        when the configuration is found to be ambiguous.
        """
        id = self._known.pop(key, None) or self.means.ids.token()
        self._places[id] = place
        return id

    def find(self, kind: str, name: str, known: Mapping[str, str], place: Location) -> str:
        """The id of what a reference names; empty, with a fault, if there is none."""
        if name in known:
            return known[name]
        # Looking for a similar name is slow, and only so many faults are ever shown.
        hint = did_you_mean(name, known) if len(self._faults) < MOST_FAULTS else ""
        self.fault(place, f"there is no {kind} {name[:80]!a}{hint}")
        return ""

    def places(self) -> Mapping[str, Location]:
        """Where the file has the thing with an id."""
        return self._places

    def fault(self, place: Location, text: str) -> None:
        """Note what is wrong with a field; only the first fault of each counts."""
        self._faults.setdefault(place, text)

    def add_problems(self, problems: Iterable[Problem]) -> None:
        """Note what is wrong with the whole, at the places where the file says it."""
        for problem in problems:
            first, *rest = problem.place
            field = FIELDS.get(str(first), first)
            self.fault((*self._places.get(problem.id, ()), field, *rest), problem.text)

    def faults(self) -> list[Fault]:
        """Everything noted."""
        return [
            Fault(self._tree.line_of(place), path_of(place), text)
            for place, text in self._faults.items()
        ]
