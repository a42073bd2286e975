"""Versions: the same for the same, whoever has read it."""

from msgspec import Struct

from switchroom.foundation.versions import version_of


class Thing(Struct):
    name: str
    tags: tuple[str, ...]


def test_a_mapping_and_a_struct_of_the_same_fields_have_one_version() -> None:
    of_struct = version_of(Thing("a", ("b",)))
    assert of_struct == version_of({"tags": ["b"], "name": "a"})
    assert of_struct != version_of({"tags": ["c"], "name": "a"})
