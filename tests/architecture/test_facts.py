"""Every fact has one name, in the past tense, that no other fact has."""

import pkgutil
from importlib import import_module
from typing import ClassVar

import switchroom
from architecture.rules import all_facts, fact_faults
from switchroom.foundation.events import Fact


def test_the_names_of_facts_are_unique_and_past() -> None:
    for module in pkgutil.walk_packages(switchroom.__path__, "switchroom."):
        if module.name.endswith(".events"):
            import_module(module.name)
    kinds = [kind for kind in all_facts() if kind.__module__.startswith("switchroom.")]
    assert len(kinds) > 8
    assert fact_faults(kinds) == []


def test_bad_names_are_found() -> None:
    class DoorFact(Fact, frozen=True, kw_only=True):
        resource: ClassVar[str] = "doors"
        id_field: ClassVar[str] = "door_id"

        door_id: str

    class DoorOpened(DoorFact, frozen=True, kw_only=True, tag="door.opened"):
        pass

    class DoorOpenedAgain(DoorFact, frozen=True, kw_only=True, tag="door.opened"):
        pass

    class OpenDoor(DoorFact, frozen=True, kw_only=True, tag="door.open"):
        pass

    class Nameless(DoorFact, frozen=True, kw_only=True):
        pass

    class BellRang(Fact, frozen=True, kw_only=True, tag="bell.rang"):
        resource: ClassVar[str] = "bells"
        id_field: ClassVar[str] = "bell_id"

    class MoonSet(Fact, frozen=True, kw_only=True, tag="moon.left"):
        pass

    assert fact_faults([DoorOpened]) == []
    assert [
        line.partition(":")[0] for line in fact_faults([DoorOpened, DoorOpenedAgain, OpenDoor])
    ] == ["DoorOpenedAgain", "OpenDoor"]
    assert len(fact_faults([Nameless])) == 1
    assert [line.partition(":")[0] for line in fact_faults([BellRang, MoonSet])] == [
        "BellRang",
        "MoonSet",
    ]
